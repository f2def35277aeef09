"""The alignment head: its formula in plain Python, its symmetry, and that numpy and torch agree."""

import math

import numpy as np
import pytest
import torch

from siamese_text.errors import BadModel
from siamese_text.scoring.heads import alignment as module
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.training.losses import Columns, Tokens
from siamese_text.training.losses.alignment import AlignmentLoss

WIDTH, PROJECTED, HIDDEN = 6, 4, 5


@pytest.fixture
def loss():
    torch.manual_seed(0)
    return AlignmentLoss(WIDTH, PROJECTED, HIDDEN, head_dropout=0.0)


@pytest.fixture
def texts():
    """Two sides of five pairs of texts of 1 to 7 tokens."""
    chance = np.random.default_rng(1)
    return [[chance.standard_normal((length, WIDTH)).astype(np.float32) for length in side] for side in LENGTHS]


LENGTHS = ((3, 1, 7, 2, 5), (4, 6, 2, 2, 1))


def by_hand(head, a, b):
    """The formula of the module, with lists and loops."""
    weights = {name: value.tolist() for name, value in head.weights.items()}

    def dot(x, y):
        return sum(i * j for i, j in zip(x, y, strict=True))

    def linear(name, x):
        rows = zip(weights[f"{name}.weight"], weights[f"{name}.bias"], strict=True)
        return [dot(row, x) + bias for row, bias in rows]

    def project(token):
        values = linear("project", token)
        return [value / math.sqrt(dot(values, values)) for value in values]

    def fits(tokens, others):
        found = []
        for token in tokens:
            powers = [math.exp(weights["scale"] * dot(token, other)) for other in others]
            met = [sum(p * o[i] for p, o in zip(powers, others, strict=True)) / sum(powers) for i in range(PROJECTED)]
            pairs = [math.sqrt(PROJECTED) * abs(x - y) for x, y in zip(token, met, strict=True)]
            pairs += [math.sqrt(PROJECTED) * x * y for x, y in zip(token, met, strict=True)]
            found.append([max(0.0, value) for value in linear("compare", pairs)])
        units = list(zip(*found, strict=True))
        return [sum(unit) / len(unit) for unit in units], [max(unit) for unit in units]

    a, b = [project(token) for token in a.tolist()], [project(token) for token in b.tolist()]
    (mean, most), (other_mean, other_most) = fits(a, b), fits(b, a)
    features = [x + y for x, y in zip(mean, other_mean, strict=True)]
    features += [x + y for x, y in zip(most, other_most, strict=True)]
    features += [abs(x - y) for x, y in zip(mean, other_mean, strict=True)]
    features += [abs(x - y) for x, y in zip(most, other_most, strict=True)]
    [logit] = linear("output", [max(0.0, value) for value in linear("hidden", features)])
    return logit


def test_log_odds_are_the_formula_in_plain_python(loss, texts):
    head = loss.trained_head()
    left, right = ([head.project(text) for text in side] for side in texts)
    expected = [by_hand(head, a, b) for a, b in zip(*texts, strict=True)]
    np.testing.assert_allclose(head.logits(left, right), expected, rtol=1e-4, atol=1e-5)
    assert np.ptp(expected) > 1e-3


def test_the_order_of_the_sides_does_not_matter(loss, texts):
    head = loss.trained_head()
    left, right = ([head.project(text) for text in side] for side in texts)
    np.testing.assert_allclose(head.logits(left, right), head.logits(right, left), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("block", [1, 8, 2**14])
def test_pairs_are_measured_alike_in_blocks_of_any_size(loss, texts, monkeypatch, block):
    head = loss.trained_head()
    left, right = ([head.project(text) for text in side] for side in texts)
    alone = np.concatenate([head.logits([a], [b]) for a, b in zip(left, right, strict=True)])
    monkeypatch.setattr(module, "BLOCK_TOKENS", block)
    np.testing.assert_allclose(head.logits(left, right), alone, rtol=1e-5, atol=1e-6)


def padded(loss, side):
    tokens = torch.nn.utils.rnn.pad_sequence([torch.as_tensor(text) for text in side], batch_first=True)
    real = torch.arange(tokens.shape[1]) < torch.tensor([len(text) for text in side])[:, None]
    return Tokens(loss.projected(tokens), real)


def test_torch_and_numpy_give_the_same_log_odds(loss, texts):
    head = loss.trained_head()
    expected = loss.logits(*(padded(loss, side) for side in texts)).detach().numpy()
    left, right = ([head.project(text) for text in side] for side in texts)
    np.testing.assert_allclose(head.logits(left, right), expected, rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_cross_entropy_of_the_log_odds_and_reaches_every_weight(loss, texts):
    columns = tuple(padded(loss, side) for side in texts)
    labels = [1.0, 0.0, 1.0, 0.0, 0.5]
    probabilities = [1 / (1 + math.exp(-logit)) for logit in loss.logits(*columns).tolist()]
    terms = [-y * math.log(p) - (1 - y) * math.log(1 - p) for y, p in zip(labels, probabilities, strict=True)]
    value = loss(Columns((), columns), torch.tensor(labels))
    assert value.item() == pytest.approx(sum(terms) / 5, rel=1e-5)
    value.backward()
    assert all(weight.grad.abs().sum() > 0 for weight in loss.parameters())


def test_the_gradient_is_that_of_finite_differences(loss, texts):
    loss = loss.double()
    columns = [[torch.from_numpy(text).double().requires_grad_() for text in side[:2]] for side in texts]

    def value(*tokens):
        sides = (tokens[:2], tokens[2:])
        return loss(Columns((), tuple(padded(loss, side) for side in sides)), torch.tensor([1.0, 0.0]))

    assert torch.autograd.gradcheck(value, [text for side in columns for text in side])


def test_a_head_is_read_as_it_was_written(loss, texts, tmp_path):
    head = loss.trained_head()
    head.write(tmp_path)
    again = AlignmentHead.read(tmp_path)
    assert {name: value.tobytes() for name, value in again.weights.items()} == {
        name: value.tobytes() for name, value in head.weights.items()
    }


def test_a_damaged_head_is_a_bad_model(tmp_path):
    assert AlignmentHead.read(tmp_path) is None
    (tmp_path / AlignmentHead.FILE).write_bytes(b"nothing")
    with pytest.raises(BadModel, match="cannot be read"):
        AlignmentHead.read(tmp_path)
