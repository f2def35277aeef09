"""The losses by name, and what holds for every one of them on every kind that it takes."""

import math
import sys
from dataclasses import replace
from typing import get_args, get_type_hints

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import UsageError
from siamese_text.records import DataKind
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.training import losses
from siamese_text.training.losses import (
    LOSSES,
    Columns,
    Facts,
    Loss,
    Tokens,
    build_loss,
    build_losses,
    default_loss,
    losses_for,
    parse_losses,
    trained_heads,
)
from siamese_text.training.losses.registry import WeightedSum
from siamese_text.training.losses.triplets import TripletLoss

WIDTH = 4
LENGTH = 3  # of the texts, in tokens
FACTS = Facts(embedding_dimension=WIDTH, hidden_size=WIDTH, normalized=False)
HEAD = {"head_hidden": 3, "head_dropout": 0.0}
COLUMNS = {"pairs": 2, "graded": 2, "positives": 2, "triplets": 4, "classes": 1, "taught": 1}
LABELS = {
    "pairs": [1.0, 0.0, 0.0, 1.0, 1.0, 0.0],
    "graded": [0.5, 1.0, 0.0, 0.2, 0.5, 0.7],
    "classes": [0.0, 1.0, 0.0, 1.0, 2.0, 1.0],
}
CASES = [(name, str(kind)) for name, loss in LOSSES.items() for kind in (*sorted(loss.accepts), "taught")]
CASES = [(name, kind) for name, kind in CASES if (kind == "taught") == (not LOSSES[name].accepts)]
every_case = pytest.mark.parametrize(("name", "kind"), CASES, ids=["-".join(case) for case in CASES])
MINED = [("triplet", "classes", mining) for mining in ("hard", "all", "semi-hard")]


def batch(kind, rows=6, dtype=torch.float64, seed=2, *, name=""):
    """What a loss learns from, its first columns leaves of the gradient: embeddings, or tokens for a loss of these."""
    generator = torch.Generator().manual_seed(seed)
    shape = (rows, LENGTH, WIDTH) if name and LOSSES[name].needs_tokens else (rows, WIDTH)
    leaves = tuple(
        torch.randn(shape, dtype=torch.float64, generator=generator).to(dtype).requires_grad_()
        for _ in range(COLUMNS[kind])
    )
    if kind == "taught":
        return leaves, torch.randn(rows, WIDTH, dtype=torch.float64, generator=generator).to(dtype)
    return leaves, torch.tensor(LABELS[kind][:rows]) if kind in LABELS else None


def columns_of(loss, leaves):
    """The columns that a loss is called on: of texts of which some are a token shorter."""
    if not loss.needs_tokens:
        return Columns(tuple(leaves))
    real = torch.ones(leaves[0].shape[:2], dtype=torch.bool)
    real[:, -1] = leaves[0][:, 0, 0] > 0
    return Columns(tuple(leaf[:, 0] for leaf in leaves), tuple(Tokens(loss.projected(leaf), real) for leaf in leaves))


def value_of(loss, leaves, targets):
    return loss(columns_of(loss, leaves), targets)


def built(name, kind, dtype=torch.float64, **options):
    torch.manual_seed(1)
    if kind == "taught":  # no data set has a teacher's vectors
        return LOSSES[name]().to(dtype).eval()
    return build_loss(name, kind, FACTS, HEAD | options).to(dtype).eval()


def those_read(name, **options):
    """The options that a loss reads; any other would be refused."""
    return {option: value for option, value in options.items() if option in LOSSES[name].reads}


def assert_finite_with_gradient(value, columns):
    assert value.ndim == 0
    assert math.isfinite(value.item())
    for gradient in torch.autograd.grad(value, columns):
        assert torch.isfinite(gradient).all()


@every_case
def test_gradient_is_that_of_finite_differences(name, kind):
    columns, labels = batch(kind, name=name)
    loss = built(name, kind)
    assert value_of(loss, columns, labels).item() > 0
    assert torch.autograd.gradcheck(lambda *leaves: value_of(loss, leaves, labels), columns)


@pytest.mark.parametrize(("name", "kind", "mining"), MINED)
def test_gradient_of_mined_triplets_is_that_of_finite_differences(name, kind, mining):
    columns, labels = batch(kind, name=name)
    for distance in ("cosine", "euclidean"):
        loss = built(name, kind, mining=mining, distance=distance)
        assert torch.autograd.gradcheck(lambda *leaves, loss=loss: value_of(loss, leaves, labels), columns)


@every_case
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("alike", [False, True], ids=["apart", "alike"])
def test_small_batches_and_equal_texts_have_a_finite_gradient(name, kind, distance, rows, alike):
    columns, labels = batch(kind, rows, torch.float32, name=name)
    if alike:
        columns = tuple(column.detach().fill_(0.5).requires_grad_() for column in columns)
    loss = built(name, kind, torch.float32, **those_read(name, distance=distance))
    assert_finite_with_gradient(value_of(loss, columns, labels), columns)


NOTHING_TO_LEARN = [
    ("cosent", "graded", [0.4, 0.4, 0.4], "labels alike"),
    ("cosent", "pairs", [1.0], "one row"),
    ("infonce", "pairs", [0.0, 0.0, 0.0], "no positive"),
    ("infonce", "positives", None, "one row"),
    ("online-contrastive", "pairs", [1.0], "one row"),
    ("prototypical", "classes", [0.0, 1.0, 2.0], "no query"),
    ("prototypical", "classes", [3.0, 3.0, 3.0], "one class"),
    ("supcon", "classes", [0.0, 1.0, 2.0], "no positive"),
    ("triplet", "classes", [0.0, 1.0, 2.0], "no positive"),
    ("triplet", "classes", [3.0, 3.0, 3.0], "no negative"),
]


@pytest.mark.parametrize(("name", "kind", "labels", "why"), NOTHING_TO_LEARN)
@pytest.mark.parametrize("mining", ["hard", "all", "semi-hard"])
@pytest.mark.parametrize("symmetric", [False, True], ids=["one way", "both ways"])
def test_a_batch_that_has_nothing_to_teach_gives_zero_with_a_gradient_of_zero(
    name, kind, labels, why, mining, symmetric
):
    columns, _ = batch(kind, len(labels or [0]))
    loss = built(name, kind, **those_read(name, mining=mining, symmetric=symmetric))
    value = value_of(loss, columns, None if labels is None else torch.tensor(labels))
    assert value.item() == pytest.approx(0, abs=1e-12)
    for gradient in torch.autograd.grad(value, columns):
        assert gradient.abs().max() < 1e-12  # NaN is not


ANY_ORDER = [case for case in CASES if case[0] != "prototypical"]


@given(order=st.permutations(range(6)), case=st.sampled_from(ANY_ORDER), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=80)
def test_the_order_of_rows_does_not_matter(order, case, seed):
    columns, labels = batch(case[1], seed=seed, name=case[0])
    loss = built(*case)
    shuffled = tuple(column[list(order)] for column in columns)
    value = value_of(loss, shuffled, None if labels is None else labels[list(order)])
    assert value.item() == pytest.approx(value_of(loss, columns, labels).item(), rel=1e-9, abs=1e-12)


@given(order=st.permutations(range(3)), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_the_order_of_supports_and_of_queries_does_not_matter_to_prototypes(order, seed):
    columns, _ = batch("classes", seed=seed)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    rows = [*order, *(3 + row for row in order)]
    loss = built("prototypical", "classes")
    value = value_of(loss, (columns[0][rows],), labels[rows])
    assert value.item() == pytest.approx(value_of(loss, columns, labels).item(), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "kind"), [case for case in CASES if case[0] not in {"bce", "align"}]
)  # a head may run in half
def test_half_precision_embeddings_and_autocast_are_computed_in_full(name, kind):
    columns, labels = batch(kind, dtype=torch.bfloat16, name=name)
    loss = built(name, kind, torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = value_of(loss, columns, labels)
    assert value.dtype == torch.float32
    full = value_of(loss, tuple(column.float() for column in columns), labels)
    torch.testing.assert_close(value, full, rtol=1e-6, atol=1e-6)


@every_case
def test_a_loss_leaves_the_embeddings_as_they_are(name, kind):
    columns, labels = batch(kind, name=name)
    before = [column.detach().clone() for column in columns]
    value_of(built(name, kind), columns, labels)
    assert all(torch.equal(column, kept) for column, kept in zip(columns, before, strict=True))


def test_each_shape_has_a_default_among_its_losses():
    defaults = {kind: default_loss(kind) for kind in get_args(DataKind)}
    assert defaults == {
        "pairs": "bce",
        "graded": "cosent",
        "positives": "infonce",
        "triplets": "infonce",
        "classes": "triplet",
    }
    for kind, name in defaults.items():
        assert losses_for(kind)[0] == name
        assert kind in LOSSES[name].accepts


def test_each_kind_has_one_default_loss():
    for kind in get_args(DataKind):
        assert len([name for name, loss in LOSSES.items() if kind in loss.default_for]) == 1


def test_a_loss_says_what_batches_it_needs():
    assert all(loss.name == name and loss.description for name, loss in LOSSES.items())
    assert {name for name, loss in LOSSES.items() if loss.distinct_texts} == {"infonce", "cached-infonce"}
    assert {name for name, loss in LOSSES.items() if loss.by_class} == {"triplet", "prototypical", "supcon"}
    assert {name for name, loss in LOSSES.items() if loss.by_shots} == {"prototypical"}
    assert {name for name, loss in LOSSES.items() if loss.cached} == {"cached-infonce"}
    assert {name for name, loss in LOSSES.items() if loss.needs_tokens} == {"align"}


def test_every_loss_is_found_by_its_name():
    modules = {name for name in sys.modules if name.startswith(losses.__name__ + ".")}
    ours = {loss for loss in all_subclasses(Loss) if loss.__module__ in modules}
    assert {loss for loss in ours if "name" in vars(loss)} == set(LOSSES.values())
    assert list(LOSSES) == [
        "bce",
        "bce-cosine",
        "align",
        "imitation",
        "contrastive",
        "online-contrastive",
        "mse",
        "cosent",
        "prototypical",
        "infonce",
        "cached-infonce",
        "supcon",
        "triplet",
    ]


def all_subclasses(kind):
    return {kind, *(each for direct in kind.__subclasses__() for each in all_subclasses(direct))}


def test_an_option_of_one_name_has_one_type_in_all_losses():
    hints = [(option, get_type_hints(loss.__init__)[option]) for loss in LOSSES.values() for option in loss.reads]
    assert len(set(hints)) == len({option for option, _ in hints})


def test_a_loss_without_data_of_its_own_cannot_be_chosen():
    assert "imitation" not in {name for kind in get_args(DataKind) for name in losses_for(kind)}
    with pytest.raises(UsageError, match="unknown loss 'imitation'"):
        build_loss("imitation", "pairs", FACTS)


def test_options_reach_the_losses():
    triplet = built("triplet", "classes", margin=3.0, mining="all", distance="euclidean")
    assert isinstance(triplet, TripletLoss)
    assert (triplet.margin, triplet.mining, triplet.distance) == (3.0, "all", "euclidean")
    infonce = built("infonce", "pairs", temperature=0.2, symmetric=True)
    assert (infonce.temperature, infonce.symmetric) == (0.2, True)
    head = built("bce", "pairs", head_hidden=7, head_dropout=0.4)
    assert (head.hidden.out_features, head.hidden.in_features, head.dropout.p) == (7, 4 * WIDTH, 0.4)
    assert built("align", "pairs", head_dropout=0.3).dropout.p == 0.3
    assert build_loss("prototypical", "classes", replace(FACTS, shots=3)).shots == 3
    assert built("cosent", "pairs", temperature=0.1).temperature == 0.1
    for name in ("contrastive", "online-contrastive"):
        loss = built(name, "pairs", distance="euclidean", margin=5.0)
        assert (loss.distance, loss.margin) == ("euclidean", 5.0)


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({"head_hidden": 0}, "head_hidden is 0; it must be greater than 0"),
        ({"head_dropout": -0.1}, "head_dropout is -0.1; it must be at least 0 and less than 1"),
        ({"head_dropout": 1.0}, "head_dropout is 1.0; it must be at least 0 and less than 1"),
    ],
)
def test_a_head_that_cannot_be_is_refused_with_the_range(options, allowed):
    with pytest.raises(UsageError) as error:
        build_loss("bce", "pairs", FACTS, options)
    assert str(error.value) == allowed


def test_a_weighted_sum_is_the_sum_of_its_losses():
    columns, labels = batch("pairs")
    total = built("mse + 0.5*cosent+ 2 * contrastive", "pairs")
    parts = [value_of(built(name, "pairs"), columns, labels).item() for name in ("mse", "cosent", "contrastive")]
    assert isinstance(total, WeightedSum)
    assert value_of(total, columns, labels).item() == pytest.approx(parts[0] + 0.5 * parts[1] + 2 * parts[2], rel=1e-12)


def test_one_loss_with_a_weight_is_that_many_times_the_loss():
    columns, labels = batch("pairs")
    expected = 0.25 * value_of(built("mse", "pairs"), columns, labels).item()
    assert value_of(built("0.25*mse", "pairs"), columns, labels).item() == pytest.approx(expected, rel=1e-12)


def test_the_trained_heads_are_found_wherever_they_are():
    alone, inside, both, neither = (built(name, "pairs") for name in ("bce", "cosent + 0.5*bce", "align + bce", "mse"))
    assert [type(head) for head in trained_heads(alone)] == [TwinHead, type(None)]
    assert [type(head) for head in trained_heads(inside)] == [TwinHead, type(None)]
    assert [type(head) for head in trained_heads(both)] == [TwinHead, AlignmentHead]
    assert trained_heads(neither) == (None, None)


def test_a_sum_gives_each_loss_what_it_reads():
    leaves, labels = batch("pairs", name="align")
    loss = built("align + 0.5*mse", "pairs")
    aligned = loss.parts()[0]
    columns = columns_of(loss, leaves)
    assert loss.needs_tokens
    assert all(
        torch.equal(tokens.embeddings, aligned.projected(leaf))
        for tokens, leaf in zip(columns.tokens, leaves, strict=True)
    )
    expected = aligned(columns, labels) + 0.5 * built("mse", "pairs")(columns, labels)
    assert loss(columns, labels).item() == pytest.approx(expected.item(), rel=1e-12)


def test_a_sum_of_two_losses_of_tokens_is_refused():
    with pytest.raises(UsageError, match="align and align each project the tokens"):
        WeightedSum([1.0, 1.0], [built("align", "pairs"), built("align", "pairs")])


def test_a_sum_trains_the_weights_of_its_head():
    columns, labels = batch("pairs")
    loss = built("cosent + bce", "pairs")
    value_of(loss, columns, labels).backward()
    assert len(list(loss.parameters())) == 4
    assert all(weight.grad.abs().sum() > 0 for weight in loss.parameters())


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cosen", "unknown loss 'cosen'; did you mean cosent"),
        ("InfoNCE", "unknown loss 'InfoNCE'; did you mean infonce"),
        ("xyz", "unknown loss 'xyz'; choose from bce, bce-cosine, align, contrastive"),
        ("bce +", "unknown loss ''"),
        ("", "unknown loss ''"),
        ("bce + 0.5*bce", "names bce twice"),
        ("0*bce", "weight is '0' in '0\\*bce'; write a positive number, such as 0.5\\*bce"),
        ("-1*bce", "weight is '-1'"),
        ("much*bce", "weight is 'much'"),
        ("*bce", "weight is ''"),
        ("nan*bce", "weight is 'nan'"),
        ("inf*bce", "weight is 'inf'"),
    ],
)
def test_an_expression_that_cannot_be_read_says_why(expression, message):
    with pytest.raises(UsageError, match=message):
        parse_losses(expression)


def test_a_loss_refuses_data_that_it_cannot_learn_from_and_names_those_that_can():
    with pytest.raises(
        UsageError, match=r"contrastive takes pairs, the data are classes; .* from triplet, prototypical"
    ):
        build_loss("contrastive", "classes", FACTS)
    with pytest.raises(UsageError, match=r"triplet takes classes or triplets, the data are pairs; .* from bce, "):
        build_loss("bce + triplet", "pairs", FACTS)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("bce", {"margin": 0.3}, "margin is 0.3, which bce would ignore; .* contrastive, online-contrastive, triplet"),
        ("bce + mse", {"temperature": 0.1}, "temperature is 0.1, which bce and mse would ignore"),
        ("cosent", {"symmetric": True}, "symmetric is True, which cosent would ignore; .*infonce, cached-infonce"),
        ("infonce", {"distance": "euclidean"}, "distance is euclidean, which infonce would ignore; .* contrastive, "),
        ("contrastive", {"mining": "all"}, "mining is all, which contrastive would ignore; .* choose from triplet"),
    ],
)
def test_an_option_that_no_loss_would_read_is_refused(name, changes, message):
    with pytest.raises(UsageError, match=message):
        build_loss(name, "pairs", FACTS, changes)


def test_an_option_that_one_loss_of_a_sum_reads_is_taken():
    loss = build_loss("bce + contrastive", "pairs", FACTS, {"margin": 0.3})
    assert loss.losses[1].margin == 0.3


def test_an_option_that_the_loss_of_one_of_several_sets_reads_is_taken():
    named = [("contrastive", "pairs"), ("cosent", "graded"), ("cosent + contrastive", "pairs")]
    first, second, third = build_losses(named, FACTS, {"margin": 0.3})
    assert first.margin == 0.3
    assert list(third.losses) == [second, first]  # one of a name is one module
    with pytest.raises(UsageError, match=r"margin is 0\.3, which mse and cosent would ignore"):
        build_losses([("mse", "pairs"), ("cosent + mse", "graded")], FACTS, {"margin": 0.3})


UNIT = replace(FACTS, normalized=True)


def test_margins_are_checked_against_the_length_of_the_embeddings():
    with pytest.raises(UsageError, match="at most 2"):
        build_loss("triplet", "triplets", UNIT, {"distance": "euclidean", "margin": 5.0})
    with pytest.raises(UsageError, match=r"0\.001 to 1"):
        build_loss("prototypical", "classes", UNIT, {"temperature": 10.0})
