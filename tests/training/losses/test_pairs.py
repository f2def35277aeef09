import math

import pytest
import torch

from siamese_text.errors import UsageError
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.training.losses import Columns
from siamese_text.training.losses.bce import CosineBceLoss, TwinHeadLoss
from siamese_text.training.losses.distances import DISTANCES, cosine_distance, euclidean_distance
from siamese_text.training.losses.pairs import ContrastiveLoss, contrastive

LABELS = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
dtypes = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)


def columns(dtype=torch.float64, *, unit=True, embedding_dimension=5, seed=3):
    """Two columns of six embeddings; those of a row lie near each other, so that every hinge has both sides."""
    generator = torch.Generator().manual_seed(seed)
    u = torch.randn(len(LABELS), embedding_dimension, dtype=torch.float64, generator=generator)
    v = u + torch.linspace(0.1, 2, len(LABELS)).unsqueeze(1) * torch.randn(u.shape, generator=generator)
    if unit:
        u, v = torch.nn.functional.normalize(u), torch.nn.functional.normalize(v)
    return u.to(dtype), v.to(dtype)


def labels(dtype=torch.float64):
    return torch.tensor(LABELS, dtype=dtype)


def seeded(loss, dtype=torch.float64):
    """Give a loss weights that are far from 0, without dropout."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for weight in loss.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
    return loss.to(dtype).eval()


def by_hand_dot(u, v):
    return sum(a * b for a, b in zip(u, v, strict=True))


def by_hand_cosine(u, v):
    return by_hand_dot(u, v) / (math.sqrt(by_hand_dot(u, u)) * math.sqrt(by_hand_dot(v, v)))


def by_hand_euclidean(u, v):
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(u, v, strict=True)))


def by_hand_contrastive(distances, margin):
    terms = [y * d**2 + (1 - y) * max(0.0, margin - d) ** 2 for y, d in zip(LABELS, distances, strict=True)]
    return sum(terms) / len(terms) / 2


def by_hand_bce(logits):
    terms = []
    for y, logit in zip(LABELS, logits, strict=True):
        p = 1 / (1 + math.exp(-logit))
        terms.append(-math.log(p) if y else -math.log(1 - p))
    return sum(terms) / len(terms)


def by_hand_twin_logit(weights, u, v):
    """The head's answer in plain Python: scale both sides by the root of the width, then two layers."""
    scale = math.sqrt(len(u))
    u, v = [scale * a for a in u], [scale * b for b in v]
    both = list(zip(u, v, strict=True))
    features = [a + b for a, b in both] + [abs(a - b) for a, b in both]
    features += [a * b for a, b in both] + [(a - b) ** 2 for a, b in both]
    hidden = [
        max(0.0, by_hand_dot(row, features) + bias)
        for row, bias in zip(weights["hidden.weight"], weights["hidden.bias"], strict=True)
    ]
    return by_hand_dot(weights["output.weight"][0], hidden) + weights["output.bias"][0]


@dtypes
@pytest.mark.parametrize("margin", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("unit", [True, False], ids=["unit", "any length"])
def test_contrastive_on_cosine_distance_is_the_formula(dtype, margin, unit):
    u, v = columns(dtype, unit=unit)
    distances = [1 - by_hand_cosine(*row) for row in zip(u.tolist(), v.tolist(), strict=True)]
    assert any(d < margin and y == 0 for d, y in zip(distances, LABELS, strict=True))
    value = ContrastiveLoss("cosine", margin, normalized=unit)(Columns((u, v)), labels(dtype))
    assert value.item() == pytest.approx(by_hand_contrastive(distances, margin), rel=TOLERANCE[dtype])


@dtypes
@pytest.mark.parametrize(("margin", "unit"), [(0.8, True), (2.0, True), (3.5, False)])
def test_contrastive_on_euclidean_distance_is_the_formula(dtype, margin, unit):
    u, v = columns(dtype, unit=unit)
    distances = [by_hand_euclidean(*row) for row in zip(u.tolist(), v.tolist(), strict=True)]
    value = ContrastiveLoss("euclidean", margin, normalized=unit)(Columns((u, v)), labels(dtype))
    assert value.item() == pytest.approx(by_hand_contrastive(distances, margin), rel=TOLERANCE[dtype])


@pytest.mark.parametrize(("distance", "default"), [("cosine", 0.5), ("euclidean", 1.0)])
def test_margin_has_a_default_of_its_own_for_each_distance(distance, default):
    u, v = columns()
    expected = contrastive(DISTANCES[distance](u, v), labels(), default)
    assert torch.equal(ContrastiveLoss(distance)(Columns((u, v)), labels()), expected)


def test_pairs_beyond_the_margin_are_left_alone_and_same_pairs_are_pulled_to_zero():
    far = torch.tensor([0.7, 0.9], dtype=torch.float64, requires_grad=True)
    assert contrastive(far, torch.zeros(2), margin=0.5).item() == 0
    pulled = contrastive(far, torch.ones(2), margin=0.5)
    pulled.backward()
    assert far.grad.tolist() == pytest.approx([0.35, 0.45])  # d(½ · mean d²) = d / 2


@dtypes
def test_bce_on_the_twin_head_is_the_formula(dtype):
    loss = seeded(TwinHeadLoss(5, head_hidden=4), dtype)
    u, v = columns(dtype)
    weights = {name: weight.tolist() for name, weight in loss.named_parameters()}
    logits = [by_hand_twin_logit(weights, *row) for row in zip(u.tolist(), v.tolist(), strict=True)]
    assert loss.logits(u, v).tolist() == pytest.approx(logits, rel=TOLERANCE[dtype])
    assert loss(Columns((u, v)), labels(dtype)).item() == pytest.approx(by_hand_bce(logits), rel=TOLERANCE[dtype])


@dtypes
@pytest.mark.parametrize("unit", [True, False], ids=["unit", "any length"])
def test_bce_on_the_cosine_is_the_formula(dtype, unit):
    loss = CosineBceLoss(scale=4.0, bias=-1.5).to(dtype)
    u, v = columns(dtype, unit=unit)
    scale = math.exp(loss.log_scale.item())
    logits = [scale * by_hand_cosine(*row) - 1.5 for row in zip(u.tolist(), v.tolist(), strict=True)]
    assert scale == pytest.approx(4, rel=1e-6)
    assert loss(Columns((u, v)), labels(dtype)).item() == pytest.approx(by_hand_bce(logits), rel=TOLERANCE[dtype])


def test_bce_stays_finite_where_the_formula_would_take_the_log_of_zero():
    loss = CosineBceLoss(scale=1000.0, bias=0.0)
    u = torch.tensor([[1.0, 0.0]], requires_grad=True)
    value = loss(Columns((u, -u.detach())), torch.ones(1))
    value.backward()
    assert value.item() == pytest.approx(1000, rel=1e-5)
    assert torch.isfinite(u.grad).all()


LOSSES = {
    "contrastive cosine": lambda: ContrastiveLoss("cosine", 0.8),
    "contrastive euclidean": lambda: ContrastiveLoss("euclidean", 1.1),
    "twin head": lambda: TwinHeadLoss(5, head_hidden=4),
    "cosine bce": lambda: CosineBceLoss(3.0, -1.0),
}
every_loss = pytest.mark.parametrize("make", LOSSES.values(), ids=LOSSES)


@every_loss
def test_gradient_of_embeddings_is_that_of_finite_differences(make):
    loss = seeded(make())
    u, v = (column.requires_grad_() for column in columns())
    assert torch.autograd.gradcheck(lambda a, b: loss(Columns((a, b)), labels()), (u, v))


@pytest.mark.parametrize("name", ["twin head", "cosine bce"])
def test_gradient_of_the_weights_is_that_of_finite_differences(name):
    loss = seeded(LOSSES[name]())
    u, v = columns()
    names = [weight for weight, _ in loss.named_parameters()]
    weights = tuple(weight.detach().clone().requires_grad_() for weight in loss.parameters())

    def value(*given):
        return torch.func.functional_call(loss, dict(zip(names, given, strict=True)), (Columns((u, v)), labels()))

    assert torch.autograd.gradcheck(value, weights)


@every_loss
def test_swapping_the_sides_changes_nothing(make):
    loss = seeded(make())
    u, v = columns()
    assert loss(Columns((u, v)), labels()).item() == pytest.approx(loss(Columns((v, u)), labels()).item(), rel=1e-12)


@pytest.mark.parametrize(
    "logits_of",
    [
        pytest.param(lambda loss, u, v: loss.logits(u, v), id="twin head"),
        pytest.param(
            lambda loss, u, v: loss.log_scale.exp() * (1 - cosine_distance(u, v)) + loss.bias, id="cosine bce"
        ),
    ],
)
def test_flipping_the_labels_is_flipping_the_log_odds(logits_of, request):
    loss = seeded(LOSSES[request.node.callspec.id]())
    u, v = columns()
    flipped = by_hand_bce((-logits_of(loss, u, v)).tolist())
    assert loss(Columns((u, v)), 1 - labels()).item() == pytest.approx(flipped, rel=1e-12)


def test_flipping_the_labels_of_the_contrastive_loss_swaps_pull_and_push():
    distances = torch.tensor([0.1, 0.3, 0.6, 0.2, 0.9, 0.4], dtype=torch.float64)
    y = labels()
    both = contrastive(distances, torch.ones_like(y), 0.5) + contrastive(distances, torch.zeros_like(y), 0.5)
    parts = contrastive(distances, y, 0.5) + contrastive(distances, 1 - y, 0.5)
    assert parts.item() == pytest.approx(both.item(), rel=1e-12)
    assert contrastive(distances, y, 0.5) != contrastive(distances, 1 - y, 0.5)


@every_loss
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_identical_embeddings_give_a_finite_gradient(make, label):
    loss = seeded(make())
    u = torch.tensor([[0.6, 0.8, 0.0, 0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    v = u.detach().clone().requires_grad_()
    value = loss(Columns((u, v)), torch.tensor([label], dtype=torch.float64))
    value.backward()
    assert math.isfinite(value.item())
    assert torch.isfinite(u.grad).all()
    assert torch.isfinite(v.grad).all()


def test_identical_embeddings_are_at_a_distance_of_nearly_zero():
    u = torch.eye(3, dtype=torch.float64)
    assert euclidean_distance(u, u).max() <= 1e-6
    assert cosine_distance(u, u).abs().max() <= 1e-12


@pytest.mark.parametrize(("distance", "normalized"), [("cosine", True), ("cosine", False), ("euclidean", True)])
def test_a_margin_that_no_pair_can_reach_is_refused_with_the_largest_that_one_can(distance, normalized):
    assert ContrastiveLoss(distance, 2.0, normalized=normalized).margin == 2
    with pytest.raises(UsageError, match=rf"margin is 2\.01; the {distance} distance .* at most 2$"):
        ContrastiveLoss(distance, 2.01, normalized=normalized)


def test_the_margin_has_no_upper_limit_where_embeddings_have_any_length():
    assert ContrastiveLoss("euclidean", 40.0, normalized=False).margin == 40
    with pytest.raises(UsageError, match="any positive number"):
        ContrastiveLoss("euclidean", 0.0, normalized=False)


@pytest.mark.parametrize("margin", [0.0, -0.5])
def test_a_margin_that_is_not_positive_is_refused(margin):
    with pytest.raises(UsageError, match="more than 0"):
        ContrastiveLoss("cosine", margin)


def test_an_unknown_distance_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match=r"manhattan.*cosine, euclidean"):
        ContrastiveLoss("manhattan")


def test_the_saved_head_answers_as_the_trained_one():
    loss = seeded(TwinHeadLoss(5, head_hidden=4), torch.float32)
    u, v = columns(torch.float32)
    head = loss.trained_head()
    assert isinstance(head, TwinHead)
    assert head.logits(u.numpy(), v.numpy()) == pytest.approx(loss.logits(u, v).detach().numpy(), rel=1e-5)


def test_the_saved_head_does_not_follow_later_training():
    loss = TwinHeadLoss(5, head_hidden=4)
    head = loss.trained_head()
    before = head.weights["output.bias"].copy()
    with torch.no_grad():
        loss.output.bias.add_(1)
    assert head.weights["output.bias"] == pytest.approx(before)


def test_the_head_drops_features_in_training_only():
    loss = TwinHeadLoss(5, head_hidden=64, head_dropout=0.5)
    u, v = columns(torch.float32)
    torch.manual_seed(0)
    assert not torch.equal(loss.train().logits(u, v), loss.logits(u, v))
    assert torch.equal(loss.eval().logits(u, v), loss.logits(u, v))
