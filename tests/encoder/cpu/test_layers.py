"""GradCache, which trades time for memory, and what makes a step quick: the mathematics stay as they were."""

import os
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.encoder.cpu.layers import (
    LEVELS,
    ByteDropout,
    OneDnnLinear,
    byte_dropout,
    packs,
    reading_copy,
    use_cpu_layers,
    weights_of,
)
from siamese_text.encoder.cpu.packing import pack, unpack
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.process import PLAN_CACHES
from siamese_text.records import Example, Pair
from siamese_text.training import fit as fit_module
from siamese_text.training import siamese_module as twin_module
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.fit import fit
from siamese_text.training.losses.ranking import InfoNceLoss
from siamese_text.training.mixture import TrainSet
from siamese_text.training.settings import TrainSettings
from siamese_text.training.siamese_module import SiameseModule

WORDS = "a cat sleeps under the old tree in winter and two white birds fly over slow river to big green park".split()
CHUNK = 24


def make_rows(count):
    """Rows of two texts of 2 to 15 words, all texts different."""
    texts = [" ".join(WORDS[(row + 3 * i) % 20] for i in range(2 + (5 * row) % 14)) for row in range(2 * count)]
    return [Example(sides) for sides in zip(texts[::2], texts[1::2], strict=True)]


@pytest.fixture
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu")


@pytest.fixture
def make_batch(encoder):
    return lambda count: TokenisedExamples(make_rows(count), encoder.tokenizer).collate(range(count))


def gradients(twin, batch, chunk_tokens):
    """The loss of a batch and the gradients of all weights."""
    twin.zero_grad()
    loss, _ = twin(batch, 0, chunk_tokens)
    loss.backward()
    return loss.detach(), [weight.grad.clone() for weight in twin.parameters() if weight.grad is not None]


def test_a_batch_in_chunks_has_the_loss_and_gradient_of_the_batch_at_once(encoder, make_batch, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # an encoder gives float32 otherwise
    twin = SiameseModule(encoder.double(), [InfoNceLoss()]).eval()
    whole, expected = gradients(twin, make_batch(9), None)
    chunked, computed = gradients(twin, make_batch(9), CHUNK)
    assert whole.dtype == torch.float64
    torch.testing.assert_close(chunked, whole, rtol=0, atol=1e-9)
    torch.testing.assert_close(computed, expected, rtol=0, atol=1e-9)


def test_a_chunk_that_is_computed_again_drops_the_same_again(encoder, make_batch, monkeypatch):
    use_cpu_layers(encoder.transformer)
    twin = SiameseModule(encoder, [InfoNceLoss()]).train()
    torch.manual_seed(3)
    _, computed = gradients(twin, make_batch(9), CHUNK)
    monkeypatch.setattr(twin_module, "checkpoint", lambda encoder, part, **_: encoder(part))  # keeps activations
    torch.manual_seed(3)
    _, expected = gradients(twin, make_batch(9), CHUNK)
    torch.testing.assert_close(computed, expected, rtol=0, atol=0)


def kept_numbers(twin, batch, chunk_tokens):
    """How many numbers, weights aside, the forward pass keeps for the backward pass."""
    weights = {weight.untyped_storage().data_ptr() for weight in twin.parameters()}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = tensor  # held, so that no two share an address
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss, _ = twin(batch, 0, chunk_tokens)
    loss.backward()
    return sum(tensor.numel() for tensor in kept.values())


def test_chunks_keep_no_activations(encoder, make_batch):
    twin = SiameseModule(encoder, [InfoNceLoss()]).eval()
    whole, chunked = (kept_numbers(twin, make_batch(40), chunk) for chunk in (None, CHUNK))
    assert chunked < 0.1 * whole


def test_no_chunk_is_larger_than_it_may_be_and_each_is_computed_twice(encoder, make_batch):
    calls = []
    encoder.transformer.register_forward_pre_hook(
        lambda _module, _arguments, keywords: calls.append(keywords["input_ids"]), with_kwargs=True
    )
    gradients(SiameseModule(encoder, [InfoNceLoss()]).eval(), make_batch(9), CHUNK)
    assert all(ids.numel() <= CHUNK for ids in calls)
    seen = [str(ids.tolist()) for ids in calls]
    assert len(seen) > 8
    assert sorted(seen[: len(seen) // 2]) == sorted(seen[len(seen) // 2 :])


@pytest.mark.parametrize(
    ("loss", "chunk_tokens", "chunked"),
    [("cached-infonce", None, True), ("infonce", None, False), ("infonce", CHUNK, True)],
)
def test_a_loss_is_cached_by_its_name_or_by_the_setting(encoder, monkeypatch, loss, chunk_tokens, chunked):
    monkeypatch.setattr(fit_module, "CHUNK_TOKENS", CHUNK)
    sizes = []
    encoder.transformer.register_forward_pre_hook(
        lambda module, _arguments, keywords: sizes.append(keywords["input_ids"].numel()) if module.training else None,
        with_kwargs=True,
    )
    rows = [Example(row.texts, float(i % 2)) for i, row in enumerate(make_rows(12))]
    pairs = [Pair(*row.texts, row.label) for row in rows]
    settings = TrainSettings(per_device_train_batch_size=12, max_steps=1, chunk_tokens=chunk_tokens)
    fit(encoder, [TrainSet("own", make_rows(12), "positives", loss)], pairs, settings, held_out=make_rows(12))
    assert (max(sizes) <= CHUNK) == chunked


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_share_of_the_values_is_dropped_and_the_rest_scaled_so_that_the_mean_stays(share):
    torch.manual_seed(0)
    values = torch.ones(1000, 1003)
    dropped = byte_dropout(values, share)
    real = min(round(share * LEVELS), LEVELS - 1) / LEVELS
    assert abs(real - share) <= 1 / LEVELS
    deviation = (real * (1 - real) / values.numel()) ** 0.5
    assert (dropped == 0).float().mean().item() == pytest.approx(real, abs=5 * deviation)
    assert sorted(set(dropped.flatten().tolist())) == pytest.approx([0.0, 1 / (1 - real)], rel=1e-6)


@pytest.mark.parametrize("shape", [(1,), (7,), (8,), (3, 5, 2)])
def test_any_shape_is_dropped_from_and_the_gradient_has_the_same_mask(shape):
    torch.manual_seed(1)
    values = torch.full(shape, 3.0, dtype=torch.float64, requires_grad=True)
    dropped = byte_dropout(values, 0.5)
    dropped.backward(torch.full(shape, 3.0, dtype=torch.float64))
    assert torch.equal(values.grad, dropped.detach())


def test_the_mask_is_drawn_from_the_seed_and_never_twice_the_same():
    values = torch.ones(500)
    torch.manual_seed(4)
    first, second = byte_dropout(values, 0.3), byte_dropout(values, 0.3)
    torch.manual_seed(4)
    assert torch.equal(byte_dropout(values, 0.3), first)
    assert not torch.equal(first, second)


def test_only_in_training_is_anything_dropped():
    values = torch.ones(500)
    layer = ByteDropout(0.3)
    assert (layer.train()(values) == 0).any()
    assert layer.eval()(values) is values


def vectors_and_gradients(encoder, batch):
    """The embeddings of a batch, and the gradient that each weight gets from a sum of them with fixed weights."""
    encoder.zero_grad()
    vectors = encoder(batch)
    factors = torch.linspace(-1, 1, vectors.numel(), dtype=vectors.dtype).view_as(vectors)
    (vectors * factors).sum().backward()
    return [vectors.detach(), *(weight.grad.clone() for weight in encoder.parameters() if weight.grad is not None)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("architecture", ["bert", "roberta", "electra", "distilbert"])
def test_the_quick_transformer_has_the_vectors_and_gradients_of_the_librarys_own(
    make_tiny_model, architecture, dtype, monkeypatch
):
    if dtype == torch.float64:
        monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # an encoder gives float32 otherwise
    encoder = TorchEncoder.load(make_tiny_model(architecture), device="cpu").eval().to(dtype)
    texts = ("a cat", " ".join(WORDS), "two white birds fly", "a cat flies", " ".join(WORDS[:15]))
    batch = encoder.tokenizer.pad([encoder.tokenizer([text]).ids[0] for text in texts])
    expected = vectors_and_gradients(encoder, batch)
    use_cpu_layers(encoder.transformer)
    assert packs(encoder.transformer) == (architecture != "distilbert")
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(vectors_and_gradients(encoder, batch), expected, rtol=tolerance, atol=tolerance)


def test_linear_layers_by_onednn_have_the_result_and_gradients_of_pytorchs_own():
    torch.manual_seed(5)
    layer, values = torch.nn.Linear(24, 40), torch.randn(3, 7, 24, requires_grad=True)

    def results():
        outcome = layer(values)
        return [outcome, *torch.autograd.grad(outcome.square().sum(), [values, layer.weight, layer.bias])]

    expected = results()
    layer.__class__ = OneDnnLinear
    torch.testing.assert_close(results(), expected, rtol=1e-5, atol=1e-5)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12))
def test_packed_tokens_are_all_real_ones_in_order_and_unpacked_to_their_places(lengths):
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    packing = pack(mask)
    assert sorted(packing.order.tolist()) == mask.ravel().nonzero().ravel().tolist()
    tokens = torch.arange(mask.numel(), dtype=torch.float32)[packing.order][:, None]  # each token is its place
    unpacked = unpack(tokens, packing)[..., 0]
    assert torch.equal(unpacked[mask == 1], torch.arange(mask.numel()).view_as(mask)[mask == 1].float())
    assert packing.positions.tolist() == [[place % max(lengths) for place in packing.order.tolist()]]
    assert sum(group.size for group in packing.groups) == sum(lengths)


def test_dropout_of_the_attention_is_in_force_in_training(encoder):
    use_cpu_layers(encoder.transformer)
    for module in encoder.transformer.modules():
        if isinstance(module, ByteDropout):
            module.p = 0.0
    encoder.transformer.encoder.layer[0].attention.self.dropout.p = 0.5
    batch = encoder.tokenizer.pad(encoder.tokenizer([" ".join(WORDS)]).ids)
    encoder.train()
    assert not torch.equal(encoder(batch), encoder(batch))


def test_a_reading_copy_has_the_very_weights_and_leaves_the_transformer_as_it_is(encoder):
    encoder.train()
    kinds = [type(module) for module in encoder.transformer.modules()]
    reader = reading_copy(encoder.transformer)
    assert all(ours is theirs for ours, theirs in zip(weights_of(reader), weights_of(encoder.transformer), strict=True))
    assert [type(module) for module in encoder.transformer.modules()] == kinds
    assert {module.training for module in encoder.transformer.modules()} == {True}
    assert {module.training for module in reader.modules()} == {False}
    assert (packs(reader), packs(encoder.transformer)) == (True, False)


def test_what_is_learned_is_read_at_once_without_a_new_copy(encoder):
    before, reader = encoder.encode(["a cat"]), encoder._reader()
    with torch.no_grad():
        encoder.transformer.embeddings.word_embeddings.weight.add_(torch.linspace(0, 1, 32))
    assert abs(encoder.encode(["a cat"]) - before).max() > 1e-3
    assert encoder._reader() is reader


def test_a_copy_of_other_weights_is_made_anew(encoder):
    reader = encoder._reader()
    del encoder.transformer.encoder.layer[1]
    assert encoder._reader() is not reader
    assert len(encoder._reader().encoder.layer) == 1


MANY_LENGTHS = """
import re
from pathlib import Path
import torch
from transformers import BertConfig, BertModel
from siamese_text.encoder.cpu.layers import use_cpu_layers

def megabytes():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

model = BertModel(BertConfig(vocab_size=9, hidden_size=64, num_attention_heads=1, num_hidden_layers=1))
use_cpu_layers(model)
layer = model.encoder.layer[0].attention.self.query
values = torch.ones(1000, 64)
with torch.inference_mode():
    layer(values)
    before = megabytes()
    for length in range(1, 1000):
        layer(values[:length])
print(megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read where Linux tells it")
def test_memory_does_not_grow_with_the_number_of_lengths_that_were_read():
    environment = {name: value for name, value in os.environ.items() if name not in PLAN_CACHES}
    done = subprocess.run(
        [sys.executable, "-c", MANY_LENGTHS], check=True, capture_output=True, text=True, env=environment
    )
    assert float(done.stdout) < 50  # 400 with PyTorch's own limits
