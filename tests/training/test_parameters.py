import pytest
import torch

from siamese_text.encoder.cpu.layers import ByteDropout, byte_dropout, restore_layers, use_cpu_layers
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.records import Example, Pair
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.fit import fit
from siamese_text.training.losses.pairs import ContrastiveLoss
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import add_lora, build_optimizer, freeze, layer_stack, merge_lora
from siamese_text.training.settings import TrainSettings
from siamese_text.training.siamese_module import SiameseModule

TEXTS = ["a cat", "two birds sleep under a tree", "the big dog runs to the lake in winter", "bees", "one old stone"]
ANIMALS, PLACES = ["a cat", "two birds", "white bees"], ["at the lake", "in the garden", "under a tree"]
ROWS = [Example((f"{a} {p}", f"again {a} {q}"), float(p == q)) for a in ANIMALS for p in PLACES for q in PLACES]
PAIRS = [Pair(*row.texts, row.label) for row in ROWS]


@pytest.fixture
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu")


@pytest.fixture
def batch(encoder):
    rows = [Example((TEXTS[i], TEXTS[-1 - i]), float(i % 2)) for i in range(5)]
    return TokenisedExamples(rows, encoder.tokenizer).collate(range(5))


@pytest.mark.parametrize("chunk_tokens", [1, 12, 30])
def test_chunks_that_are_computed_again_give_the_gradient_of_the_whole(encoder, batch, chunk_tokens, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # where the order of sums hardly shows
    module = SiameseModule(encoder, [ContrastiveLoss()]).eval().double()
    gradients = []
    for chunk in (None, chunk_tokens):
        module.zero_grad()
        loss, _ = module(batch, 0, chunk)
        loss.backward()
        gradients.append([weight.grad.clone() for weight in encoder.parameters() if weight.grad is not None])
    for whole, chunked in zip(*gradients, strict=True):
        assert whole.dtype == torch.float64
        torch.testing.assert_close(chunked, whole, rtol=1e-10, atol=1e-14)


def test_frozen_layers_do_not_learn_and_more_than_there_are_is_an_error(encoder):
    freeze(encoder, TrainSettings(freeze_layers=1))
    layers = layer_stack(encoder.transformer)
    assert not any(weight.requires_grad for weight in encoder.transformer.embeddings.parameters())
    assert not any(weight.requires_grad for weight in layers[0].parameters())
    assert all(weight.requires_grad for weight in layers[-1].parameters())
    with pytest.raises(UsageError, match=rf"freeze_layers is 99; the model has {len(layers)} layers"):
        freeze(encoder, TrainSettings(freeze_layers=99))


def test_the_rate_falls_from_layer_to_layer_towards_the_input(encoder):
    freeze(encoder, TrainSettings())
    optimizer = build_optimizer(encoder, ContrastiveLoss(), TrainSettings(learning_rate=1.0, layer_decay=0.5))
    rate = {id(weight): group["lr"] for group in optimizer.param_groups for weight in group["params"]}
    layers = layer_stack(encoder.transformer)
    for below, layer in enumerate(reversed(layers)):
        assert {rate[id(weight)] for weight in layer.parameters()} == {0.5**below}
    assert {rate[id(w)] for w in encoder.transformer.embeddings.parameters()} == {0.5 ** len(layers)}
    assert {g["weight_decay"] for g in optimizer.param_groups for w in g["params"] if w.ndim <= 1} == {0.0}


def test_lora_trains_little_and_is_merged_into_the_weights(encoder):
    before = encoder.encode(TEXTS)
    names = set(encoder.state_dict())
    add_lora(encoder, TrainSettings(lora_rank=2))
    trained = [weight for weight in encoder.transformer.parameters() if weight.requires_grad]
    assert 0 < sum(w.numel() for w in trained) < 0.2 * sum(w.numel() for w in encoder.parameters())
    with torch.no_grad():
        for weight in trained:
            weight.add_(0.1)
    changed = encoder.encode(TEXTS)
    merge_lora(encoder)
    assert set(encoder.state_dict()) == names
    assert abs(encoder.encode(TEXTS) - changed).max() < 1e-5
    assert abs(changed - before).max() > 1e-3


def test_byte_dropout_keeps_the_mean_and_gives_the_gradient_of_what_it_kept():
    torch.manual_seed(0)
    values = torch.ones(300, 301, requires_grad=True)
    dropped = byte_dropout(values, 0.1)
    assert dropped.mean().item() == pytest.approx(1, abs=0.005)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.006)
    dropped.sum().backward()
    assert torch.equal(values.grad, dropped.detach())
    torch.manual_seed(0)
    assert torch.equal(byte_dropout(values, 0.1), dropped)
    assert byte_dropout(values, 0.001) is values


def test_the_quick_transformer_gives_the_same_vectors_and_can_be_undone(encoder):
    before = encoder.encode(TEXTS)
    kinds = [type(module) for module in encoder.transformer.modules()]
    use_cpu_layers(encoder.transformer)
    assert any(isinstance(module, ByteDropout) for module in encoder.transformer.modules())
    assert abs(encoder.encode(TEXTS) - before).max() < 1e-6
    restore_layers(encoder.transformer)
    assert [type(module) for module in encoder.transformer.modules()] == kinds
    assert abs(encoder.encode(TEXTS) - before).max() == 0


def train(encoder, **settings):
    """Train on a few pairs; return what was left and the names of the weights that moved."""
    before = {name: weight.clone() for name, weight in encoder.state_dict().items()}
    values = {
        "per_device_train_batch_size": 9,
        "num_train_epochs": 1,
        "learning_rate": 1e-2,
        "warmup_ratio": 0.0,
        "lr_scheduler_type": "constant",
    }
    fitted = fit(encoder, [TrainSet("own", ROWS, "pairs", "contrastive")], PAIRS, TrainSettings(**values | settings))
    return fitted, {name for name, weight in encoder.state_dict().items() if not torch.equal(weight, before[name])}


def belongs(name, *parts):
    return any(part in name for part in parts)


@pytest.mark.parametrize(
    ("settings", "frozen"),
    [
        ({}, ()),
        ({"freeze_embeddings": True}, (".embeddings.",)),
        ({"freeze_layers": 1}, (".embeddings.", ".layer.0.")),
        ({"freeze_embeddings": True, "optim": "sgd", "learning_rate": 0.5}, (".embeddings.",)),
    ],
)
def test_training_leaves_frozen_weights_bit_for_bit_and_moves_all_others(encoder, settings, frozen):
    _, moved = train(encoder, **settings)
    # without unused positions or words to tell apart: whole tensors; a pooler is never used
    names = {name for name in encoder.state_dict() if not belongs(name, "pooler", *frozen)}
    assert {name for name in names if not name.endswith("position_ids")} == moved


def test_an_encoder_that_was_frozen_learns_again_in_its_next_run(encoder):
    train(encoder, freeze_layers=1)
    _, moved = train(encoder)
    assert any(".embeddings." in name for name in moved)


def test_all_frozen_and_a_loss_without_weights_is_an_error(encoder):
    with pytest.raises(UsageError, match="every weight is frozen"):
        train(encoder, freeze_layers=2)


def test_the_history_has_the_rate_of_the_top_layer(encoder):
    fitted, _ = train(encoder, layer_decay=0.5)
    assert {step.learning_rate for step in fitted.history.steps} == {1e-2}


def test_a_run_with_lora_is_saved_under_the_ordinary_names_with_other_vectors(encoder, tmp_path):
    pytest.importorskip("peft", reason="LoRA needs peft")
    before, names = encoder.encode(TEXTS), set(encoder.state_dict())
    fitted, moved = train(encoder, lora_rank=2, num_train_epochs=2)
    assert moved
    assert all(belongs(name, "attention.self.query.weight", "attention.self.value.weight") for name in moved)
    encoder.save(tmp_path / "model")
    loaded = TorchEncoder.load(tmp_path / "model", device="cpu")
    assert set(loaded.state_dict()) == names
    assert abs(loaded.encode(TEXTS) - before).max() > 1e-3
    assert abs(loaded.encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-6
    assert fitted.history.steps[-1].loss < fitted.history.steps[0].loss


def test_lora_leaves_frozen_layers_alone(encoder):
    pytest.importorskip("peft", reason="LoRA needs peft")
    _, moved = train(encoder, lora_rank=2, freeze_layers=1)
    assert moved
    assert all(".layer.1." in name for name in moved)
