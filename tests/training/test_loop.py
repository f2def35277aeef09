import math
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import SiameseTextError, UsageError
from siamese_text.records import Example, Pair
from siamese_text.scoring.metrics import average_precision, best_threshold
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.training import accelerator as accelerator_module
from siamese_text.training import fit as fit_module
from siamese_text.training.fit import fit
from siamese_text.training.mixture import TrainSet
from siamese_text.training.parameters import learning_rate_factor
from siamese_text.training.sampling import plan
from siamese_text.training.settings import TrainSettings
from tests.training.sentences import ACTIONS, SUBJECTS

PLAIN = {
    "per_device_train_batch_size": 8,
    "dropout": 0.0,
    "loss_options": {"head_dropout": 0.0},
    "warmup_ratio": 0.0,
    "lr_scheduler_type": "constant",
    "max_grad_norm": 0.0,
}
LOSSES = {
    "bce": {"loss": "bce", "head_learning_rate": 3e-3},
    "bce-cosine": {"loss": "bce-cosine"},
    "contrastive cosine": {"loss": "contrastive"},
    "contrastive euclidean": {"loss": "contrastive", "distance": "euclidean"},
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def make_pairs(count, seed):
    """Pairs of which every other says the same, after some words that do not matter."""
    random = np.random.default_rng(seed)
    pairs = []
    for number in range(count):
        subject = random.choice(SUBJECTS)
        action, other = random.permutation(ACTIONS)[:2]
        opening = random.choice(["after the rain", "in winter", "again", "early in the day"])
        label = number % 2
        pairs.append(Pair(f"{subject} {action}", f"{opening} {subject} {action if label else other}", float(label)))
    return pairs


def as_set(pairs, loss):
    return TrainSet("pairs", [Example(pair.sides, pair.label) for pair in pairs], "pairs", loss)


def fit_pairs(encoder, pairs, validation, settings, **options):
    """Train on pairs alone, with the loss of the settings."""
    return fit(encoder, [as_set(pairs, settings.loss)], validation, settings, **options)


TRAIN, VALIDATION = make_pairs(60, seed=0), make_pairs(30, seed=1)


@pytest.fixture
def load(tiny_sentence_model):
    """Return a function that loads the tiny encoder anew."""
    return lambda **options: TorchEncoder.load(tiny_sentence_model, device="cpu", **options)


@pytest.fixture
def train(load):
    """Return a function that trains the tiny encoder with some settings, and gives it back with what fit left."""

    def train(*, pairs=TRAIN, validation=VALIDATION, **settings):
        encoder = load()
        values = {
            "loss": "contrastive",
            "per_device_train_batch_size": 8,
            "learning_rate": 1e-3,
            "num_train_epochs": 2,
            "evals_per_epoch": 1,
        }
        return encoder, fit_pairs(encoder, pairs, validation, TrainSettings().changed(values | settings))

    return train


def state(encoder):
    return {name: value.clone() for name, value in encoder.state_dict().items()}


def equal(left, right):
    assert left.keys() == right.keys()
    return all(torch.equal(left[name], right[name]) for name in left)


def vector(weights):
    """All weights of a state as one float64 vector."""
    return torch.cat([value.flatten().double() for value in weights.values()])


def without_speed(history):
    steps = [asdict(record) for record in history.steps]
    assert all(step.pop("pairs_per_second") > 0 for step in steps)
    return steps, history.validations


@every_loss
def test_every_loss_falls_and_only_the_head_is_left_behind(train, loss):
    encoder, fitted = train(**LOSSES["bce"] | loss, num_train_epochs=10, dropout=0.0, head_dropout=0.0)
    losses = [record.loss for record in fitted.history.steps]
    assert len(losses) == 10 * 8
    assert np.mean(losses[-8:]) < 0.7 * np.mean(losses[:8])
    assert (fitted.head is not None) == (loss["loss"] == "bce")
    assert not encoder.training


@pytest.fixture
def watched(load):
    """The tiny encoder, and a list that gets the token ids of each call of its transformer in training."""
    encoder, calls = load(), []

    def keep(module, arguments, keywords):
        if module.training:  # texts stand in one row; each begins at position 0
            starts = keywords["position_ids"][0].eq(0).nonzero().ravel().tolist()
            calls.append([ids.tolist() for ids in keywords["input_ids"][0].tensor_split(starts[1:])])

    encoder.transformer.register_forward_pre_hook(keep, with_kwargs=True)
    return encoder, calls


def test_both_sides_of_a_batch_go_through_the_transformer_together(watched):
    encoder, calls = watched
    fitted = fit_pairs(
        encoder,
        TRAIN,
        VALIDATION,
        TrainSettings(**PLAIN, loss="contrastive", num_train_epochs=2, gradient_accumulation_steps=2),
    )
    assert len(calls) == 2 * 8  # 60 pairs are 8 batches, twice
    assert len(fitted.history.steps) == 2 * 4
    assert all(4 < len(sentences) <= 16 for sentences in calls)  # the last four pairs of an epoch have eight sides


def test_every_epoch_has_other_batches(watched):
    encoder, calls = watched
    fit_pairs(encoder, TRAIN, VALIDATION, TrainSettings(**PLAIN, loss="contrastive", num_train_epochs=2))
    first, second = (set(map(str, batches)) for batches in (calls[:8], calls[8:]))
    assert len(first) == len(second) == 8
    assert not first & second


@every_loss
def test_the_same_seed_gives_the_same_weights_and_history_bit_by_bit(train, loss):
    one, first = train(**loss, dropout=0.2, balance=True)
    train(max_steps=3, num_train_epochs=1)  # what another run leaves behind in the process does not matter
    two, second = train(**loss, dropout=0.2, balance=True)
    assert equal(state(one), state(two))
    assert without_speed(first.history) == without_speed(second.history)
    assert first.best_step == second.best_step
    if first.head is not None:
        assert all(np.array_equal(first.head.weights[name], second.head.weights[name]) for name in first.head.weights)


def test_another_seed_gives_another_model(train):
    one, first = train(seed=1)
    two, second = train(seed=2)
    assert not equal(state(one), state(two))
    assert without_speed(first.history) != without_speed(second.history)


@pytest.mark.parametrize(("rows", "accumulate"), [(8, 2), (10, 3), (10, 4)], ids=["full", "odd", "few batches"])
@pytest.mark.parametrize("loss", ["contrastive", "bce-cosine", "bce"])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_accumulating_small_batches_is_one_step_of_a_large_one(train, loss, rows, accumulate, optimizer):
    rate = 0.1 if optimizer == "sgd" else 1e-4
    shared = PLAIN | {"loss": loss, "optim": optimizer, "learning_rate": rate, "head_learning_rate": rate}
    shared |= {"pairs": TRAIN[:rows], "num_train_epochs": 1}
    large, at_once = train(**shared | {"per_device_train_batch_size": rows})
    small, in_parts = train(**shared | {"per_device_train_batch_size": 4, "gradient_accumulation_steps": accumulate})
    [one], [other] = at_once.history.steps, in_parts.history.steps
    assert other.loss == pytest.approx(one.loss, rel=1e-5)
    assert other.gradient_norm == pytest.approx(one.gradient_norm, rel=1e-4)
    if optimizer == "sgd":  # AdamW's first step is the sign of the gradient, which rounding turns where it is 0
        torch.testing.assert_close(vector(state(small)), vector(state(large)), rtol=0, atol=1e-6)


def graded_set(weight):
    return TrainSet("graded", [Example(p.sides, 0.25 + p.label / 2) for p in TRAIN[:20]], "graded", "mse", weight)


@pytest.mark.parametrize(("mix", "steps"), [("proportional", 8 + 3), ("round-robin", 3 + 3)])
def test_two_sets_with_losses_of_their_own_take_turns(load, mix, steps):
    settings = TrainSettings(**PLAIN, num_train_epochs=1, interleave=mix)
    fitted = fit(load(), [as_set(TRAIN, "bce"), graded_set(1.0)], VALIDATION, settings)
    assert len(fitted.history.steps) == steps
    assert fitted.head is not None


def test_a_step_on_two_sets_moves_by_the_weighted_sum_of_their_gradients(load):
    """SGD from the same weights: a step on both is half a step on each, the second one thrice."""
    rates = PLAIN | {
        "optim": "sgd",
        "learning_rate": 0.1,
        "weight_decay": 0.0,
        "per_device_train_batch_size": 20,
        "num_train_epochs": 1,
    }

    def moved(*sets):
        encoder = load()
        before = vector(state(encoder))
        fit(encoder, sets, VALIDATION, TrainSettings(**rates, gradient_accumulation_steps=len(sets)))
        return vector(state(encoder)) - before

    first, second = as_set(TRAIN[:20], "contrastive"), graded_set(1.0)
    expected = (moved(first) + 3 * moved(second)) / 2
    assert expected.norm() > 1e-3
    torch.testing.assert_close(moved(first, graded_set(3.0)), expected, rtol=0, atol=1e-6)


def test_an_epoch_may_have_other_than_as_many_batches_as_the_first(load, monkeypatch):
    sizes = [4, 2, 5]

    class Uneven:
        def batches(self, epoch):
            return [[row, row + 1] for row in range(sizes[epoch])]

    monkeypatch.setattr(fit_module, "plan", lambda *_: Uneven())
    fitted = fit_pairs(
        load(), TRAIN, VALIDATION, TrainSettings(**PLAIN, loss="contrastive", num_train_epochs=3, evals_per_epoch=1)
    )
    assert [record.step for record in fitted.history.validations] == [4, 6, 11]
    assert [record.epoch for record in fitted.history.validations] == [1, 2, 3]
    assert len(fitted.history.steps) == 11


def test_rows_that_make_no_batch_are_refused(load):
    same = [Example(("a cat", "a cat"))] * 8
    with pytest.raises(UsageError, match="make no batch"):
        fit(load(), [TrainSet("same", same, "positives", "infonce")], VALIDATION, TrainSettings())


@pytest.mark.filterwarnings("error")
def test_embeddings_that_are_all_alike_rank_graded_pairs_no_better_than_chance(load):
    encoder = load()
    with torch.no_grad():
        for name, weight in encoder.named_parameters():
            if "LayerNorm.weight" in name:
                weight.zero_()
    graded = [Pair(pair.sentence1, pair.sentence2, 0.25 + pair.label / 2) for pair in VALIDATION]
    fitted = fit(encoder, [graded_set(1.0)], graded, TrainSettings(**PLAIN, max_steps=1, learning_rate=1e-30))
    assert [(record.metric, record.value) for record in fitted.history.validations] == [("Spearman", 0.0)]


@pytest.mark.parametrize("clip", [0.0, 0.01, 1e6])
def test_clipping_bounds_the_step_and_the_history_keeps_the_norm_before_it(load, clip):
    encoder = load()
    before = state(encoder)
    rates = {"learning_rate": 0.5, "head_learning_rate": 0.5, "weight_decay": 0.0}
    settings = TrainSettings(**PLAIN | rates | {"max_grad_norm": clip}, loss="contrastive", optim="sgd", max_steps=1)
    [step] = fit_pairs(encoder, TRAIN, VALIDATION, settings).history.steps
    moved = (vector(state(encoder)) - vector(before)).norm().item() / 0.5  # SGD moves by rate · gradient
    assert step.gradient_norm > 0.02
    assert moved == pytest.approx(min(step.gradient_norm, clip or math.inf), rel=1e-3)


def test_the_rate_in_the_history_is_the_one_that_moves_the_weights(load):
    encoder = load()
    before = state(encoder)
    rates = {"optim": "sgd", "learning_rate": 0.5, "weight_decay": 0.0, "warmup_ratio": 0.5}
    settings = TrainSettings(
        **PLAIN | rates | {"per_device_train_batch_size": 15}, loss="contrastive", num_train_epochs=1, evals_per_epoch=4
    )
    seen = []

    class Watch:
        def started(self, steps, done):
            assert (steps, done) == (4, 0)

        def stepped(self, record):
            seen.append((record, (vector(state(encoder)) - vector(before)).norm().item()))

        def validated(self, record):
            pass

    fit_pairs(encoder, TRAIN, VALIDATION, settings, observer=Watch())
    first, moved = seen[0]
    assert first.learning_rate == 0.25  # the first of two steps of warmup
    assert moved == pytest.approx(0.25 * first.gradient_norm, rel=1e-3)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("linear", [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]),
        ("cosine", [0.25, 0.5, 0.75, 1.0, 1.0, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2, 0.0]),
        ("constant", [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_the_rate_rises_for_its_share_of_the_steps_and_then_follows_the_schedule(schedule, expected):
    factor = learning_rate_factor(TrainSettings(warmup_ratio=0.5, lr_scheduler_type=schedule), steps=8)
    assert [factor(step) for step in range(9)] == pytest.approx(expected)


@pytest.mark.parametrize("warmup", [0.0, 0.04, 0.99])
@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("steps", [1, 2, 10])
def test_no_step_is_wasted_on_a_rate_of_zero(warmup, schedule, steps):
    factor = learning_rate_factor(TrainSettings(warmup_ratio=warmup, lr_scheduler_type=schedule), steps)
    assert all(0 < factor(step) <= 1 for step in range(steps))


def test_the_history_holds_the_rate_of_each_step(train):
    _, fitted = train(warmup_ratio=0.25, learning_rate=2e-3, num_train_epochs=1)
    rates = [record.learning_rate for record in fitted.history.steps]
    assert rates == pytest.approx([1e-3, 2e-3, 2e-3, 2e-3 * 5 / 6, 2e-3 * 4 / 6, 1e-3, 2e-3 * 2 / 6, 2e-3 / 6])


def test_patience_ends_a_run_that_gets_no_better(train):
    still = {"learning_rate": 1e-30, "evals_per_epoch": 2, "num_train_epochs": 3}
    _, patient = train(**still)
    assert [record.best for record in patient.history.validations] == [True, False, False, False, False, False]
    _, fitted = train(**still, early_stopping_patience=2)
    assert [record.step for record in fitted.history.validations] == [4, 8, 12]
    assert fitted.history.steps[-1].step == 12
    assert fitted.best_step == 4


@pytest.mark.parametrize(("max_steps", "taken"), [(1, 1), (8, 8), (11, 11), (500, 16)])
def test_max_steps_ends_a_run_with_a_validation(train, max_steps, taken):
    _, fitted = train(max_steps=max_steps, warmup_ratio=0.0)
    assert [record.step for record in fitted.history.steps] == list(range(1, taken + 1))
    assert fitted.history.validations[-1].step == taken
    assert fitted.history.steps[-1].epoch == pytest.approx(taken / 8)
    assert fitted.history.steps[-1].learning_rate == pytest.approx(1e-3 / taken)  # the schedule knows where it ends


@pytest.mark.parametrize(
    ("validations", "steps"), [(1, [8, 16]), (2, [4, 8, 12, 16]), (3, [3, 6, 8, 11, 14, 16]), (50, list(range(1, 17)))]
)
def test_validations_are_spread_evenly_over_each_epoch(train, validations, steps):
    _, fitted = train(evals_per_epoch=validations)
    assert [record.step for record in fitted.history.validations] == steps


def test_the_best_state_is_kept_when_later_ones_are_worse(train):
    swapped = [Pair(pair.sentence1, pair.sentence2, 1 - pair.label) for pair in TRAIN]
    unlearning = PLAIN | {
        "pairs": swapped,
        "learning_rate": 3e-4,
        "num_train_epochs": 4,
        "evals_per_epoch": 4,
        "seed": 3,
    }
    encoder, fitted = train(**unlearning)
    assert fitted.best_step < fitted.history.validations[-1].step
    assert fitted.history.validations[-1].value < fitted.history.validations[0].value - 0.05
    stopped, _ = train(**unlearning | {"max_steps": fitted.best_step})
    assert equal(state(encoder), state(stopped))


@every_loss
def test_the_model_that_is_returned_ranks_as_well_as_the_best_in_the_history(train, loss):
    encoder, fitted = train(**loss, num_train_epochs=4, evals_per_epoch=2)
    sides = [pair.sides for pair in VALIDATION]
    scores = PairClassifier(encoder.similarity_fn_name, fitted.head).scores(sides, encoder)
    labels = np.array([int(pair.label) for pair in VALIDATION])
    rankings = {"similarity": scores.similarity} | ({} if scores.head is None else {"head": scores.head})
    aps = {name: average_precision(labels, ranking) for name, ranking in rankings.items()}
    best = max(fitted.history.validations, key=lambda record: record.value)
    assert max(aps.values()) == best.value
    assert aps[best.score] == best.value
    assert best_threshold(labels, rankings[best.score])[1] == best.accuracy
    assert [record.step for record in fitted.history.validations if record.best][-1] == best.step == fitted.best_step


def test_the_loss_of_a_validation_is_the_mean_over_its_pairs(train):
    encoder, fitted = train(num_train_epochs=1)
    terms = []
    for pair in VALIDATION:  # 30 pairs in batches of 8: the last batch weighs less
        u, v = encoder.encode([pair.sentence1, pair.sentence2]).astype(np.float64)
        distance = 1 - float(u @ v)
        terms.append(distance**2 if pair.label else max(0.0, 0.5 - distance) ** 2)
    assert fitted.history.validations[-1].loss == pytest.approx(sum(terms) / len(terms) / 2, rel=1e-4)


@pytest.mark.parametrize("precision", ["bf16", "no"])
@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adamw", 1e-3)])
def test_both_optimizers_learn_in_full_and_in_mixed_precision(train, optimizer, rate, precision):
    encoder, fitted = train(
        **PLAIN | {"optim": optimizer, "mixed_precision": precision, "learning_rate": rate, "num_train_epochs": 8}
    )
    losses = [record.loss for record in fitted.history.steps]
    assert np.mean(losses[-8:]) < 0.8 * np.mean(losses[:8])
    assert {weight.dtype for weight in encoder.parameters()} == {torch.float32}


def test_mixed_precision_is_in_force(train):
    full = train(mixed_precision="no", max_steps=1)[1].history.steps[0].loss
    mixed = train(mixed_precision="bf16", max_steps=1)[1].history.steps[0].loss
    assert mixed != full
    assert mixed == pytest.approx(full, rel=0.1)


def test_half_precision_on_a_cpu_is_refused(train):
    with pytest.raises(UsageError, match="fp16, which needs a GPU; choose no or bf16"):
        train(mixed_precision="fp16")


@pytest.mark.parametrize("rank", [None, "0"], ids=["no launcher", "a launcher that Accelerate does not know"])
def test_one_of_several_processes_that_do_not_know_of_each_other_is_refused(train, monkeypatch, rank):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank:
        monkeypatch.setenv("LOCAL_RANK", rank)
        monkeypatch.setattr(accelerator_module, "_accelerator", lambda *_, **__: SimpleNamespace(num_processes=1))
    with pytest.raises(UsageError, match=r"WORLD_SIZE is 2, and this run has 1 process.* torchrun --nproc_per_node 2"):
        train(max_steps=1)


def test_a_loss_that_is_no_number_ends_the_run_and_names_the_batch(load):
    encoder = load()
    with torch.no_grad():
        encoder.transformer.embeddings.word_embeddings.weight.fill_(math.inf)
    with pytest.raises(
        SiameseTextError, match=r"the loss is nan at step 1, on rows \d+(, \d+)+ of pairs .*set max_grad_norm=1"
    ):
        fit_pairs(encoder, TRAIN, VALIDATION, TrainSettings(**PLAIN, loss="contrastive"))


def test_a_gradient_that_is_no_number_ends_the_run_before_the_step_that_it_would_spoil(load):
    encoder = load()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.transformer.embeddings.word_embeddings.weight.register_hook(lambda gradient: gradient * math.nan)
    with pytest.raises(SiameseTextError, match=r"the gradient is nan at step 1, on rows \d+(, \d+)+ of pairs "):
        fit_pairs(encoder, TRAIN, VALIDATION, TrainSettings(**PLAIN, loss="contrastive"))
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


@pytest.mark.parametrize("shots", [4, 5])
def test_shots_that_leave_no_text_to_ask_for_are_refused(load, shots):
    texts = [Example((pair.sentence1,), float(number % 4)) for number, pair in enumerate(TRAIN)]
    classes = TrainSet("classes", texts, "classes", "prototypical")
    with pytest.raises(
        UsageError, match=rf"shots is {shots}, and batches hold 4 texts .* per_class={shots + 1} or more"
    ):
        fit_module.check_fit(load(), [classes], TrainSettings(per_device_train_batch_size=16, shots=shots))
    fit_module.check_fit(load(), [classes], TrainSettings(per_device_train_batch_size=16, shots=shots, ways=2))
    fit_module.check_fit(load(), [classes], TrainSettings(per_device_train_batch_size=16, shots=shots, per_class=8))


def test_two_classes_fill_a_batch_that_has_room_for_more(load):
    texts = [Example((pair.sentence1,), pair.label) for pair in TRAIN]
    settings = TrainSettings(**PLAIN | {"per_device_train_batch_size": 16}, num_train_epochs=1)
    fitted = fit(load(), [TrainSet("spam", texts, "classes", "triplet")], VALIDATION, settings, held_out=texts[:8])
    assert len(fitted.history.steps) == 4  # 30 texts of either class, 8 in each of 4 groups
    with pytest.raises(UsageError, match="with per_class 4 needs 4 classes; there are 2; set per_class=8 or a lower"):
        fit(load(), [TrainSet("spam", texts, "classes", "triplet")], VALIDATION, replace(settings, per_class=4))


def test_texts_of_the_same_tokens_are_no_negatives_of_each_other(load, monkeypatch):
    """A cat and A Cat are one text to an encoder that folds case."""
    seen = []
    monkeypatch.setattr(fit_module, "plan", lambda columns, *rest: seen.append(columns) or plan(columns, *rest))
    texts = [("a cat runs", "the cat runs"), ("A Cat runs", "a dog sleeps"), ("two birds", "a fish eats")]
    rows = [Example(each, 1.0) for each in texts]
    settings = TrainSettings(**PLAIN | {"per_device_train_batch_size": 2}, max_steps=1)
    fit(load(), [TrainSet("same", rows, "positives", "infonce")], VALIDATION, settings)
    fit(load(), [TrainSet("pairs", rows, "pairs", "bce")], VALIDATION, settings)
    by_tokens, by_text = seen
    assert by_tokens[0, 0] == by_tokens[1, 0]
    assert by_text[0, 0] != by_text[1, 0]


def test_rows_that_no_batch_has_room_for_are_told(load):
    rows = [Example(("a cat runs", f"{animal} sleeps"), 1.0) for animal in ("a dog", "two birds", "a fish", "a cat")]
    rows += [Example(("one woman reads", "her teacher reads"), 1.0)]
    settings = TrainSettings(**PLAIN | {"per_device_train_batch_size": 2}, max_steps=1)
    with pytest.warns(UserWarning, match=r"3 of 5 rows of same are left out of the first epoch"):
        fit(load(), [TrainSet("same", rows, "positives", "infonce")], VALIDATION, settings)


@pytest.mark.parametrize("validations", [1, 8], ids=["seen by the next step", "seen by the validation"])
def test_a_model_that_explodes_ends_the_run_with_the_step(train, validations):
    with pytest.raises(SiameseTextError, match=r"at step [12].*; lower learning_rate or set max_grad_norm=1"):
        train(**PLAIN | {"optim": "sgd", "learning_rate": 1e30, "evals_per_epoch": validations})


def test_the_pooler_stays_as_it_was_while_every_other_weight_moves(load):
    encoder = load()
    before = state(encoder)
    pairs = [*TRAIN, Pair("again " * 200, "the winter " * 90, 0.0)]  # so that every position is used
    settings = {
        "loss": "contrastive",
        "per_device_train_batch_size": 8,
        "learning_rate": 1e-2,
        "weight_decay": 0.1,
        "num_train_epochs": 1,
    }
    fit_pairs(encoder, pairs, VALIDATION, TrainSettings(**settings))
    unmoved = {name for name, value in encoder.state_dict().items() if torch.equal(value, before[name])}
    assert unmoved == {"transformer.pooler.dense.weight", "transformer.pooler.dense.bias"}


def test_a_new_projection_is_trained_and_sets_the_width_of_the_head(load):
    encoder = load(projection=6)
    before = state(encoder)
    fitted = fit_pairs(
        encoder, TRAIN, VALIDATION, TrainSettings(**PLAIN, loss="bce", num_train_epochs=1).changed({"head_hidden": 10})
    )
    assert not torch.equal(encoder.state_dict()["projections.0.linear.weight"], before["projections.0.linear.weight"])
    assert fitted.head.weights["hidden.weight"].shape == (10, 4 * 6)


@pytest.mark.parametrize(("given", "expected"), [(0.35, 0.35), (None, 0.1)])
def test_dropout_is_that_of_the_settings_or_the_models_own(train, given, expected):
    encoder, _ = train(dropout=given, max_steps=1)
    shares = {module.p for module in encoder.transformer.modules() if isinstance(module, torch.nn.Dropout)}
    assert shares == {expected}


def test_balance_fills_an_epoch_up_to_twice_the_commoner_class(train):
    different = [pair for pair in TRAIN if pair.label == 0]
    few_same = TRAIN[1:9:2]
    _, fitted = train(pairs=different + few_same, balance=True, num_train_epochs=1)
    assert len(fitted.history.steps) == math.ceil(2 * len(different) / 8) > math.ceil((len(different) + 4) / 8)


def test_long_sentences_are_counted(train):
    long = "the garden " * 100
    _, fitted = train(pairs=[*TRAIN, Pair(long, "a garden", 1.0), Pair("a tree", long, 0.0)], max_steps=1)
    assert fitted.truncated == 1


def test_the_spread_of_collapsed_embeddings_is_zero_and_of_others_near_one(train):
    alive = train(max_steps=1)[1].history.steps[0].spread
    same = [Pair("a red boat", "a red boat", 1.0)] * 8
    flat = train(pairs=same, max_steps=1, dropout=0.0)[1].history.steps[0].spread
    assert flat == pytest.approx(0, abs=1e-5)
    assert 0.1 < alive <= 1


def test_the_margin_is_checked_against_the_length_of_the_embeddings(load, tiny_model):
    wide = TrainSettings().changed({"loss": "contrastive", "distance": "euclidean", "margin": 3.0})
    with pytest.raises(UsageError, match=r"margin is 3; .* at most 2"):
        fit_pairs(load(), TRAIN, VALIDATION, wide)
    fit_pairs(
        TorchEncoder.load(tiny_model, device="cpu"), TRAIN, VALIDATION, wide.changed({"max_steps": 1})
    )  # any length


def test_an_observer_is_told_of_everything_in_order(load):
    class Log:
        def __init__(self):
            self.events = []

        def started(self, steps, done):
            self.events.append(("started", steps, done))

        def stepped(self, record):
            self.events.append(("step", record))

        def validated(self, record):
            self.events.append(("validation", record))

    log = Log()
    settings = TrainSettings(**PLAIN, loss="contrastive", num_train_epochs=2, evals_per_epoch=2, max_steps=13)
    history = fit_pairs(load(), TRAIN, VALIDATION, settings, observer=log).history
    assert log.events[0] == ("started", 13, 0)
    assert [record for kind, record in log.events[1:] if kind == "step"] == history.steps
    assert [record for kind, record in log.events[1:] if kind == "validation"] == history.validations
    assert [kind for kind, _ in log.events[1:6]] == ["step"] * 4 + ["validation"]


@pytest.mark.parametrize("settings", [{}, {"lora_rank": 2}], ids=["all weights", "LoRA"])
def test_the_trained_weights_are_averaged_with_those_at_the_start(load, train, settings):
    if settings:
        pytest.importorskip("peft", reason="LoRA needs peft")
    start = state(load())
    trained = state(train(**settings)[0])
    averaged = state(train(**settings, wise_ft=0.25)[0])
    assert not equal(start, trained)
    assert start.keys() == trained.keys() == averaged.keys()
    for name, value in averaged.items():
        torch.testing.assert_close(value, 0.25 * start[name] + 0.75 * trained[name], msg=name)


def test_each_step_takes_the_encoder_some_of_the_way_back_to_its_start_and_not_the_head(load, train):
    start = state(load())
    one_step = {
        "loss": "bce",
        "max_steps": 1,
        "warmup_ratio": 0.0,
        "lr_scheduler_type": "constant",
        "learning_rate": 1e-3,
    }
    plain, fitted = train(**one_step)
    decayed, fitted_decayed = train(**one_step, l2_sp=400)
    for name, value in state(decayed).items():
        torch.testing.assert_close(value, 0.4 * start[name] + 0.6 * state(plain)[name], msg=name)
    assert not equal(start, state(decayed))
    for name, value in fitted.head.weights.items():
        assert (value == fitted_decayed.head.weights[name]).all()


def test_the_decay_follows_the_rate_of_each_layer(load, train):
    start = state(load())
    settings = {"max_steps": 3, "warmup_ratio": 0.0, "lr_scheduler_type": "constant", "l2_sp": 1000, "layer_decay": 0.5}
    moved = [name for name, value in state(train(**settings)[0]).items() if not torch.equal(value, start[name])]
    assert moved  # below the top layer, where the rate is 1, half of the way or less is gone back
    assert not any(f"layer.{load().transformer.config.num_hidden_layers - 1}." in name for name in moved)
