"""Losses of texts with classes: recomputed in plain Python, and equal to those of other libraries."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from siamese_text.errors import UsageError
from siamese_text.training.losses import Columns
from siamese_text.training.losses.prototypes import PrototypicalLoss
from siamese_text.training.losses.triplets import MINERS, TripletLoss

EVEN = [0, 1, 2, 0, 1, 2, 1, 0]  # each class has two texts or three
UNEVEN = [4, 1, 4, 1, 7, 4, 9, 1]  # classes 7 and 9 have one each
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
dtypes = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
distances = pytest.mark.parametrize("distance", ["cosine", "euclidean"])
minings = pytest.mark.parametrize("mining", MINERS)
labellings = pytest.mark.parametrize("labels", [EVEN, UNEVEN], ids=["even", "uneven"])


def texts(dtype=torch.float64, *, unit=True, embedding_dimension=4, seed=5):
    generator = torch.Generator().manual_seed(seed)
    made = torch.randn(len(EVEN), embedding_dimension, dtype=torch.float64, generator=generator)
    return (normalize(made) if unit else made).to(dtype).requires_grad_()


def cosine_distance(u, v):
    products = [sum(a * b for a, b in zip(x, y, strict=True)) for x, y in ((u, v), (u, u), (v, v))]
    return 1 - products[0] / math.sqrt(products[1] * products[2])


BY_HAND_DISTANCE = {"cosine": cosine_distance, "euclidean": math.dist}


def anchors_of(rows, labels, measure):
    """For each anchor that has both, its distances to positives and to negatives."""
    for i, anchor in enumerate(rows):
        others = [(measure(anchor, row), labels[j]) for j, row in enumerate(rows) if j != i]
        positives = [d for d, label in others if label == labels[i]]
        negatives = [d for d, label in others if label != labels[i]]
        if positives and negatives:
            yield positives, negatives


def by_hand_hard(anchors, margin):
    terms = [max(0.0, max(positives) - min(negatives) + margin) for positives, negatives in anchors]
    return sum(terms) / len(terms)


def by_hand_all(anchors, margin):
    terms = [p - n + margin for positives, negatives in anchors for p in positives for n in negatives]
    counted = [term for term in terms if term > 0]
    assert len(counted) < len(terms)
    return sum(counted) / len(counted)


def by_hand_semi_hard(anchors, margin):
    terms = []
    for positives, negatives in anchors:
        for p in positives:
            negative = min((n for n in negatives if n > p), default=max(negatives))
            terms.append(max(0.0, p - negative + margin))
    return sum(terms) / len(terms)


BY_HAND = {"hard": by_hand_hard, "all": by_hand_all, "semi-hard": by_hand_semi_hard}


@dtypes
@distances
@minings
@labellings
@pytest.mark.parametrize("margin", [0.1, 0.6])
def test_mined_triplets_are_the_formula(dtype, distance, mining, labels, margin):
    embeddings = texts(dtype)
    anchors = list(anchors_of(embeddings.tolist(), labels, BY_HAND_DISTANCE[distance]))
    expected = BY_HAND[mining](anchors, margin)
    assert expected > 0
    value = TripletLoss(distance, margin, mining=mining)(
        Columns((embeddings,)), torch.tensor(labels, dtype=torch.float32)
    )
    assert value.item() == pytest.approx(expected, rel=TOLERANCE[dtype])


def both_with_gradients(embeddings, *values):
    for value in values:
        yield value.detach(), torch.autograd.grad(value, embeddings)[0]


@distances
@pytest.mark.parametrize(
    ("mining", "name", "labels"),
    [
        ("hard", "BatchHardTripletLoss", EVEN),  # an anchor without positive: see below
        ("all", "BatchAllTripletLoss", EVEN),
        ("all", "BatchAllTripletLoss", UNEVEN),
        ("semi-hard", "BatchSemiHardTripletLoss", EVEN),
        ("semi-hard", "BatchSemiHardTripletLoss", UNEVEN),
    ],
)
def test_mined_triplets_equal_those_of_sentence_transformers(distance, mining, name, labels):
    from sentence_transformers.sentence_transformer import losses

    embeddings, classes = texts(unit=False), torch.tensor(labels)
    metric = getattr(losses.BatchHardTripletLossDistanceFunction, f"{distance}_distance")
    reference = getattr(losses, name)(model=None, distance_metric=metric, margin=0.6)
    ours = TripletLoss(distance, 0.6, mining=mining)(Columns((embeddings,)), classes)
    theirs = reference.compute_loss_from_embeddings([embeddings], classes)
    mine, expected = both_with_gradients(embeddings, ours, theirs)
    assert expected[1].abs().sum() > 0
    torch.testing.assert_close(mine, expected, rtol=1e-10, atol=1e-10)


def test_an_anchor_without_positive_makes_no_triplet():
    embeddings = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=torch.float64)
    value = TripletLoss("cosine", 0.25)(Columns((embeddings,)), torch.tensor([0, 0, 1]))
    # d(0, 1) = 0.4, d(0, 2) = 1, d(1, 2) = 0.2; text 2 is alone in its class.
    assert value.item() == pytest.approx((0 + 0.45) / 2)


@pytest.mark.parametrize(
    ("mining", "miner", "reducer"),
    [("all", None, "AvgNonZeroReducer"), ("hard", "BatchHardMiner", "MeanReducer")],
)
@distances
@labellings
def test_mined_triplets_equal_those_of_pytorch_metric_learning(mining, miner, reducer, distance, labels):
    reason = "compares with pytorch-metric-learning, which is not installed"
    library = pytest.importorskip("pytorch_metric_learning", reason=reason)
    from pytorch_metric_learning import distances as pml_distances
    from pytorch_metric_learning import losses, miners, reducers

    assert library.__version__
    embeddings, classes = texts(), torch.tensor(labels)
    measure = pml_distances.CosineSimilarity() if distance == "cosine" else pml_distances.LpDistance()
    reference = losses.TripletMarginLoss(margin=0.6, distance=measure, reducer=getattr(reducers, reducer)())
    mined = getattr(miners, miner)(distance=measure)(embeddings, classes) if miner else None
    ours = TripletLoss(distance, 0.6, mining=mining)(Columns((embeddings,)), classes)
    mine, expected = both_with_gradients(embeddings, ours, reference(embeddings, classes, mined))
    assert mine[0].item() == pytest.approx(expected[0].item(), rel=1e-10)
    if distance == "cosine":  # through a Euclidean distance, theirs also moves along the length of the vectors
        tangent = [g - (g * embeddings).sum(1, keepdim=True) * embeddings for g in (mine[1], expected[1])]
        torch.testing.assert_close(*tangent, rtol=1e-10, atol=1e-10)


def by_hand_prototypical(rows, labels, shots, temperature):
    members = {c: [row for row, label in zip(rows, labels, strict=True) if label == c] for c in dict.fromkeys(labels)}
    prototypes = {c: [sum(axis) / len(axis) for axis in zip(*own[:shots], strict=True)] for c, own in members.items()}
    terms = []
    for own_class, own in members.items():
        for query in own[shots:]:
            weights = {c: math.exp(-(math.dist(query, centre) ** 2) / temperature) for c, centre in prototypes.items()}
            terms.append(-math.log(weights[own_class] / sum(weights.values())))
    return sum(terms) / len(terms)


@dtypes
@labellings
@pytest.mark.parametrize("shots", [1, 2])
@pytest.mark.parametrize(("unit", "default"), [(True, 0.1), (False, 1.0)], ids=["unit", "any length"])
def test_prototypical_is_the_formula(dtype, labels, shots, unit, default):
    embeddings = texts(dtype, unit=unit)
    expected = by_hand_prototypical(embeddings.tolist(), labels, shots, default)
    value = PrototypicalLoss(shots, normalized=unit)(Columns((embeddings,)), torch.tensor(labels, dtype=torch.float32))
    assert value.item() == pytest.approx(expected, rel=10 * TOLERANCE[dtype])


def test_prototypical_takes_the_support_from_the_first_texts_of_a_class():
    embeddings = texts()
    classes = torch.tensor(EVEN)
    order = torch.tensor([7, 1, 2, 3, 4, 5, 6, 0])  # another text of class 0 comes first
    value, other = (
        PrototypicalLoss()(Columns((embeddings[rows],)), classes[rows]).item() for rows in (torch.arange(8), order)
    )
    assert value != pytest.approx(other, rel=1e-3)


def test_prototypical_refuses_no_shots_and_a_temperature_out_of_range():
    with pytest.raises(UsageError, match="shots is 0"):
        PrototypicalLoss(0)
    with pytest.raises(UsageError, match=r"temperature is 5; .*0\.001 to 1"):
        PrototypicalLoss(temperature=5.0)
    assert PrototypicalLoss(temperature=5.0, normalized=False).temperature == 5
    for temperature in (-1.0, 0.0, math.inf, math.nan):
        with pytest.raises(UsageError, match=r"temperature is .*more than 0"):
            PrototypicalLoss(temperature=temperature, normalized=False)


def test_an_unknown_mining_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="mining is 'easy'; choose from hard, all, semi-hard"):
        TripletLoss(mining="easy")
