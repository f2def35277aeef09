"""Losses of two columns and more: recomputed in plain Python, and equal to those of other libraries."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from siamese_text.errors import UsageError
from siamese_text.training.losses import Columns
from siamese_text.training.losses.pairs import ContrastiveLoss, CosentLoss, CosineMseLoss, OnlineContrastiveLoss
from siamese_text.training.losses.ranking import InfoNceLoss
from siamese_text.training.losses.triplets import TripletLoss

SAME = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]
GRADED = [0.2, 0.9, 0.2, 0.0, 1.0, 0.6]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
dtypes = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
distances = pytest.mark.parametrize("distance", ["cosine", "euclidean"])


def columns(count, dtype=torch.float64, *, unit=False, embedding_dimension=5, seed=3):
    """Columns of six embeddings; those of a row lie near each other, so that every hinge has both sides."""
    generator = torch.Generator().manual_seed(seed)
    base = torch.randn(len(SAME), embedding_dimension, dtype=torch.float64, generator=generator)
    spread = torch.linspace(0.1, 2, len(SAME), dtype=torch.float64).unsqueeze(1)
    made = [base + k * spread * torch.randn(base.shape, dtype=torch.float64, generator=generator) for k in range(count)]
    return tuple((normalize(column) if unit else column).to(dtype).requires_grad_() for column in made)


def rows(*embeddings):
    return zip(*(column.tolist() for column in embeddings), strict=True)


def dot(u, v):
    return sum(a * b for a, b in zip(u, v, strict=True))


def cosine(u, v):
    return dot(u, v) / (math.sqrt(dot(u, u)) * math.sqrt(dot(v, v)))


BY_HAND = {"cosine": lambda u, v: 1 - cosine(u, v), "euclidean": math.dist}


def value_and_gradients(value, embeddings):
    return (value.detach(), *torch.autograd.grad(value, embeddings))


def assert_equal_with_gradients(ours, theirs, embeddings, *, tolerance=1e-10):
    expected = value_and_gradients(theirs, embeddings)
    assert any(gradient.abs().sum() > 0 for gradient in expected[1:])
    for mine, reference in zip(value_and_gradients(ours, embeddings), expected, strict=True):
        torch.testing.assert_close(mine, reference, rtol=tolerance, atol=tolerance)


def sentence_transformers_loss(name, embeddings, labels=None, **options):
    from sentence_transformers.sentence_transformer import losses

    loss = getattr(losses, name)(model=None, **options)
    return loss.compute_loss_from_embeddings(list(embeddings), labels)


# online contrastive


def by_hand_online(measured, labels, margin):
    same = [d for d, y in zip(measured, labels, strict=True) if y == 1]
    different = [d for d, y in zip(measured, labels, strict=True) if y == 0]
    nearest = min(different) if different else sum(same) / len(same)
    farthest = max(same) if same else sum(different) / len(different)
    pull = sum(d**2 for d in same if d > nearest)
    push = sum(max(0.0, margin - d) ** 2 for d in different if d < farthest)
    return pull + push


@dtypes
@distances
@pytest.mark.parametrize("labels", [SAME, [1.0] * 6, [0.0] * 6], ids=["both", "same", "different"])
def test_online_contrastive_is_the_formula(dtype, distance, labels):
    u, v = columns(2, dtype, unit=True)
    measured = [BY_HAND[distance](*row) for row in rows(u, v)]
    expected = by_hand_online(measured, labels, 1.2)
    assert expected > 0
    value = OnlineContrastiveLoss(distance, 1.2)(Columns((u, v)), torch.tensor(labels))
    assert value.item() == pytest.approx(expected, rel=TOLERANCE[dtype])


@pytest.mark.parametrize("labels", [[1.0] * 6, [0.0] * 6], ids=["same", "different"])
def test_online_contrastive_of_one_label_equals_that_of_sentence_transformers(labels):
    both = columns(2)
    y = torch.tensor(labels, dtype=torch.float64)
    theirs = sentence_transformers_loss("OnlineContrastiveLoss", both, y, margin=1.2)
    assert_equal_with_gradients(OnlineContrastiveLoss("cosine", 1.2)(Columns(both), y), theirs, both)


@pytest.mark.parametrize("ours", [ContrastiveLoss, OnlineContrastiveLoss])
@pytest.mark.parametrize(("distance", "tolerance"), [("cosine", 1e-10), ("euclidean", 1e-5)])  # theirs adds 1e-6
def test_both_contrastive_losses_and_their_gradients_equal_those_of_sentence_transformers(ours, distance, tolerance):
    from sentence_transformers.sentence_transformer.losses import SiameseDistanceMetric

    both = columns(2)
    y = torch.tensor(SAME, dtype=torch.float64)
    metrics = {"cosine": SiameseDistanceMetric.COSINE_DISTANCE, "euclidean": SiameseDistanceMetric.EUCLIDEAN}
    options = {"distance_metric": metrics[distance], "margin": 1.5}
    theirs = sentence_transformers_loss(ours.__name__, both, y, **options)
    value = ours(distance, 1.5, normalized=False)(Columns(both), y)
    assert_equal_with_gradients(value, theirs, both, tolerance=tolerance)


def test_online_contrastive_is_a_sum_so_a_batch_twice_as_large_gives_twice_as_much():
    u, v = columns(2)
    loss, y = OnlineContrastiveLoss(), torch.tensor(SAME)
    twice = loss(Columns((u.repeat(2, 1), v.repeat(2, 1))), y.repeat(2))
    assert twice.item() == pytest.approx(2 * loss(Columns((u, v)), y).item(), rel=1e-12)


# cosine regression and CoSENT


@dtypes
def test_cosine_regression_is_the_formula(dtype):
    u, v = columns(2, dtype)
    expected = sum((cosine(*row) - y) ** 2 for row, y in zip(rows(u, v), GRADED, strict=True)) / 6
    assert CosineMseLoss()(Columns((u, v)), torch.tensor(GRADED, dtype=dtype)).item() == pytest.approx(
        expected, rel=TOLERANCE[dtype]
    )


def test_cosine_regression_equals_that_of_sentence_transformers():
    both = columns(2)
    y = torch.tensor(SAME, dtype=torch.float64)  # theirs rounds labels to float32, which 0 and 1 survive
    theirs = sentence_transformers_loss("CosineSimilarityLoss", both, y)
    assert_equal_with_gradients(CosineMseLoss()(Columns(both), y), theirs, both)


@dtypes
@pytest.mark.parametrize("temperature", [0.05, 0.3])
@pytest.mark.parametrize("labels", [GRADED, SAME], ids=["graded", "0 or 1"])
def test_cosent_is_the_formula(dtype, temperature, labels):
    u, v = columns(2, dtype)
    scores = [cosine(*row) / temperature for row in rows(u, v)]
    ranked = list(zip(scores, labels, strict=True))
    expected = math.log(1 + sum(math.exp(a - b) for a, y in ranked for b, z in ranked if y < z))
    value = CosentLoss(temperature)(Columns((u, v)), torch.tensor(labels, dtype=dtype))
    assert value.item() == pytest.approx(expected, rel=10 * TOLERANCE[dtype])


@pytest.mark.parametrize("labels", [GRADED, SAME], ids=["graded", "0 or 1"])
def test_cosent_equals_that_of_sentence_transformers(labels):
    both = columns(2)
    y = torch.tensor(labels, dtype=torch.float64)
    assert_equal_with_gradients(CosentLoss()(Columns(both), y), sentence_transformers_loss("CoSENTLoss", both, y), both)


def test_cosent_looks_at_the_order_of_labels_alone():
    both = columns(2)
    y = torch.tensor(GRADED, dtype=torch.float64)
    assert torch.equal(CosentLoss()(Columns(both), y), CosentLoss()(Columns(both), 5 * y**3))


def test_cosent_stays_finite_where_the_formula_would_overflow():
    u = torch.eye(2, requires_grad=True)
    v = torch.tensor([[-1.0, 0.0], [0.0, 1.0]])  # cosines −1 and 1, and the labels the wrong way round
    value = CosentLoss(0.001)(Columns((u, v)), torch.tensor([1.0, 0.0]))
    value.backward()
    assert value.item() == pytest.approx(2000)
    assert torch.isfinite(u.grad).all()


# triplets that are given


@dtypes
@distances
@pytest.mark.parametrize("negatives", [1, 3])
def test_triplet_is_the_formula(dtype, distance, negatives):
    embeddings = columns(2 + negatives, dtype, unit=True)
    measure = BY_HAND[distance]
    terms = [
        max(0.0, measure(anchor, positive) - measure(anchor, negative) + 0.3)
        for anchor, positive, *others in rows(*embeddings)
        for negative in others
    ]
    assert 0 in terms
    value = TripletLoss(distance, 0.3)(Columns(embeddings), None)
    assert value.item() == pytest.approx(sum(terms) / len(terms), rel=TOLERANCE[dtype])


@distances
def test_triplet_equals_that_of_sentence_transformers(distance):
    from sentence_transformers.sentence_transformer.losses import TripletDistanceMetric

    three = columns(3)
    metric = getattr(TripletDistanceMetric, distance.upper())
    theirs = sentence_transformers_loss("TripletLoss", three, distance_metric=metric, triplet_margin=0.6)
    # Theirs adds 1e-6 to each difference before its Euclidean norm (torch's pairwise_distance).
    tolerance = 1e-10 if distance == "cosine" else 1e-5
    assert_equal_with_gradients(TripletLoss(distance, 0.6)(Columns(three), None), theirs, three, tolerance=tolerance)


# in-batch softmax


def by_hand_info_nce(anchors, positives, others, temperature):
    terms = []
    for anchor, positive in zip(anchors, positives, strict=True):
        weights = [math.exp(cosine(anchor, candidate) / temperature) for candidate in [*positives, *others]]
        terms.append(-math.log(math.exp(cosine(anchor, positive) / temperature) / sum(weights)))
    return sum(terms) / len(terms)


@dtypes
@pytest.mark.parametrize("temperature", [0.05, 0.5])
@pytest.mark.parametrize("negatives", [0, 1, 2])
@pytest.mark.parametrize("symmetric", [False, True], ids=["one way", "both ways"])
def test_info_nce_is_the_formula(dtype, temperature, negatives, symmetric):
    embeddings = columns(2 + negatives, dtype)
    anchors, positives, *others = (column.tolist() for column in embeddings)
    expected = by_hand_info_nce(anchors, positives, [row for column in others for row in column], temperature)
    if symmetric:
        expected = (expected + by_hand_info_nce(positives, anchors, [], temperature)) / 2
    value = InfoNceLoss(temperature, symmetric=symmetric)(Columns(embeddings), None)
    assert value.item() == pytest.approx(expected, rel=10 * TOLERANCE[dtype])


@dtypes
@pytest.mark.parametrize("symmetric", [False, True], ids=["one way", "both ways"])
def test_info_nce_of_labelled_pairs_has_the_different_ones_as_candidates(dtype, symmetric):
    u, v = columns(2, dtype)
    first = {y: [row for row, label in zip(u.tolist(), SAME, strict=True) if label == y] for y in (0, 1)}
    second = {y: [row for row, label in zip(v.tolist(), SAME, strict=True) if label == y] for y in (0, 1)}
    expected = by_hand_info_nce(first[1], second[1], second[0], 0.05)
    if symmetric:
        expected = (expected + by_hand_info_nce(second[1], first[1], first[0], 0.05)) / 2
    value = InfoNceLoss(symmetric=symmetric)(Columns((u, v)), torch.tensor(SAME))
    assert value.item() == pytest.approx(expected, rel=10 * TOLERANCE[dtype])


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("symmetric", [False, True], ids=["one way", "both ways"])
def test_info_nce_equals_that_of_sentence_transformers(count, symmetric):
    embeddings = columns(count)
    both_ways = {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"}
    theirs = sentence_transformers_loss(
        "MultipleNegativesRankingLoss", embeddings, **(both_ways if symmetric else {}), scale=20.0
    )
    assert_equal_with_gradients(InfoNceLoss(symmetric=symmetric)(Columns(embeddings), None), theirs, embeddings)


def test_info_nce_equals_that_of_pytorch_metric_learning():
    reason = "compares with pytorch-metric-learning, which is not installed"
    losses = pytest.importorskip("pytorch_metric_learning.losses", reason=reason)
    anchors, positives = both = columns(2)
    own = torch.arange(6)
    first, other = (~torch.eye(6, dtype=torch.bool)).nonzero(as_tuple=True)
    theirs = losses.NTXentLoss(temperature=0.05)(anchors, ref_emb=positives, indices_tuple=(own, own, first, other))
    assert_equal_with_gradients(InfoNceLoss()(Columns(both), None), theirs, both)


def test_swapping_the_sides_changes_nothing_in_both_ways():
    u, v = columns(2)
    for labels in (None, torch.tensor(SAME)):
        there, back = (InfoNceLoss(symmetric=True)(Columns(sides), labels) for sides in ((u, v), (v, u)))
        assert there.item() == pytest.approx(back.item(), rel=1e-12)
        assert InfoNceLoss()(Columns((u, v)), labels).item() != pytest.approx(
            InfoNceLoss()(Columns((v, u)), labels).item(), rel=1e-3
        )


@pytest.mark.parametrize("temperature", [0.0, -1.0, 20.0, 0.0001, math.nan, math.inf])
@pytest.mark.parametrize("loss", [InfoNceLoss, CosentLoss])
def test_a_temperature_at_which_cosines_teach_nothing_is_refused_with_the_range(loss, temperature):
    with pytest.raises(UsageError, match=r"temperature is .* allow 0\.001 to 1 "):
        loss(temperature)


@pytest.mark.parametrize("loss", [TripletLoss, OnlineContrastiveLoss])
def test_a_margin_that_no_embeddings_can_reach_is_refused(loss):
    assert loss("euclidean", 2.5, normalized=False).margin == 2.5
    for distance in ("cosine", "euclidean"):
        with pytest.raises(UsageError, match=r"margin is 2\.5; .* at most 2$"):
            loss(distance, 2.5)
    for margin in (math.nan, math.inf, 0.0):
        with pytest.raises(UsageError, match="any positive number"):
            loss("euclidean", margin, normalized=False)
