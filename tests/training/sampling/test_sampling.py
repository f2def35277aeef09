from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import UsageError
from siamese_text.training.sampling import BatchOptions, interleave, measure, plan, rank_rows

quick = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def rows(draw, *, width=None):
    """Columns, labels 0 and 1, and lengths of random pairs or triplets, with few or many texts in common."""
    random = np.random.default_rng(draw(seeds))
    count, texts = draw(st.integers(4, 150)), draw(st.integers(3, 200))
    columns = random.integers(texts, size=(count, width or draw(st.integers(1, 3))))
    labels = (random.permutation(count) < draw(st.integers(1, count - 1))).astype(np.float32)
    return columns, labels, random.integers(1, 40, size=texts)


def many_pairs(count, *, seed=0, texts=None, positives=0.5):
    random = np.random.default_rng(seed)
    texts = texts or 2 * count
    labels = (random.random(count) < positives).astype(np.float32)
    return random.integers(texts, size=(count, 2)), labels, random.integers(4, 60, size=texts)


def class_rows(sizes, *, seed=0):
    """One text a row, and the classes in mixed order."""
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes)).astype(np.float32)
    return np.arange(len(labels))[:, None], labels, np.full(len(labels), 7)


def flat(batches):
    return [row for batch in batches for row in batch]


def texts_of(columns, batch):
    return [text for row in batch for text in set(columns[row].tolist())]


# Rows of similar length, shared texts together


@quick
@given(rows(), st.integers(1, 20), st.integers(1, 160), seeds)
def test_epochs_of_a_part_of_the_rows_take_turns_through_all_of_them(data, batch_size, part, seed):
    count = len(data[0])
    sampler = plan(*data, BatchOptions(batch_size=batch_size, epoch_rows=part, seed=seed))
    epochs = [flat(sampler.batches(epoch)) for epoch in range(-(-count // part))]
    assert all(len(epoch) == len(set(epoch)) == min(part, count) for epoch in epochs)
    times = Counter(flat(epochs))
    assert set(times) == set(range(count))
    assert max(times.values()) <= (2 if part < count else 1)
    assert sampler.batches(0) == plan(*data, BatchOptions(batch_size=batch_size, epoch_rows=part, seed=seed)).batches(0)


@quick
@given(rows(), st.integers(1, 20), st.booleans(), seeds, st.integers(0, 3))
def test_every_row_stands_in_an_epoch_once_and_batches_are_full(data, batch_size, shared, seed, epoch):
    options = BatchOptions(batch_size=batch_size, shared_texts=shared, seed=seed)
    batches = plan(*data, options).batches(epoch)
    count = len(data[0])
    assert sorted(flat(batches)) == list(range(count))
    rest = [count % batch_size] if count % batch_size else []
    assert sorted(map(len, batches)) == rest + [batch_size] * (count // batch_size)


@quick
@given(rows(), st.integers(20, 400), st.integers(1, 3), seeds)
def test_a_token_budget_is_held_and_only_the_last_batch_can_be_dropped(data, budget, processes, seed):
    columns, _, lengths = data
    options = BatchOptions(batch_size=1, batch_tokens=budget, processes=processes, seed=seed)
    batches = plan(*data, options).batches(0)
    for batch in batches:
        texts = np.unique(columns[batch])
        assert len(texts) * lengths[texts].max() <= budget or len(batch) == processes
    seen = flat(batches)
    assert len(seen) == len(set(seen)) > len(columns) - processes


def test_a_row_above_the_token_budget_is_a_batch_of_its_own():
    columns, lengths = np.array([[0, 1], [2, 3], [4, 5], [6, 7]]), np.array([5, 5, 5, 5, 90, 5, 5, 5])
    batches = plan(columns, None, lengths, BatchOptions(batch_tokens=30)).batches(0)
    assert sorted(map(sorted, batches)) == [[0, 1, 3], [2]]


def test_length_buckets_leave_little_padding():
    columns, labels, lengths = many_pairs(2000)
    sampler = plan(columns, labels, lengths, BatchOptions(batch_size=16, shared_texts=False))
    at_random = np.random.default_rng(1).permutation(2000).reshape(-1, 16).tolist()
    bucketed = measure(sampler.batches(0), columns, lengths).padding
    assert bucketed < 0.65 * measure(at_random, columns, lengths).padding


def test_no_batch_mixes_the_shortest_with_the_longest():
    columns = np.arange(3000)[:, None] // 3  # groups of three rows, so that pools do not end with a batch
    batches = plan(columns, None, np.arange(1, 1001), BatchOptions(batch_size=16)).batches(0)
    assert max(np.ptp(columns[batch]) for batch in batches) < 150


@pytest.mark.parametrize("distinct", [False, True])
def test_batches_stand_in_random_order_of_length(distinct):
    columns, _, lengths = many_pairs(1000)
    batches = plan(columns, None, lengths, BatchOptions(batch_size=2, distinct_texts=distinct)).batches(0)
    means = [lengths[columns[batch]].mean() for batch in batches]
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.3


def test_rows_that_share_texts_stand_together():
    first = np.arange(400)[:, None, None] * 3  # 400 groups of three texts and their three pairs
    columns = np.random.default_rng(0).permutation((first + np.array([[0, 1], [0, 2], [1, 2]])).reshape(-1, 2))
    lengths = np.random.default_rng(1).integers(4, 60, 1200)
    composed, apart = (
        measure(plan(columns, None, lengths, BatchOptions(shared_texts=shared)).batches(0), columns, lengths)
        for shared in (True, False)
    )
    assert composed.texts_per_row < 1.08  # 1 without the groups that a batch's end cuts in two
    assert apart.texts_per_row > 1.5


def test_a_group_larger_than_a_batch_is_cut_elsewhere_in_each_epoch():
    columns = np.stack([np.zeros(100, dtype=np.int64), np.arange(1, 101)], axis=1)  # one text in all rows
    sampler = plan(columns, None, np.full(101, 9), BatchOptions(batch_size=10))
    first, second = ({frozenset(batch) for batch in sampler.batches(epoch)} for epoch in (0, 1))
    assert len(first) == len(second) == 10
    assert not first & second


# No text twice


@quick
@given(rows(), st.integers(2, 20), seeds, st.one_of(st.none(), st.integers(40, 400)))
def test_no_text_stands_in_two_rows_of_a_batch(data, batch_size, seed, budget):
    columns, _, lengths = data
    options = BatchOptions(batch_size=batch_size, batch_tokens=budget, distinct_texts=True, seed=seed)
    batches = plan(*data, options).batches(0)
    for batch in batches:
        assert max(Counter(texts_of(columns, batch)).values()) == 1
        tokens = len(np.unique(columns[batch])) * lengths[columns[batch]].max()
        assert len(batch) >= 2 and (budget is None or tokens <= budget or len(batch) == 2)
        assert budget is not None or len(batch) <= batch_size
    seen = flat(batches)
    assert len(seen) == len(set(seen))
    # A row that stood alone is left out; two such rows without any text in common with others would have met.
    stands = Counter(texts_of(columns, range(len(columns))))
    left_out = sorted(set(range(len(columns))) - set(seen))
    assert sum(all(stands[text] == 1 for text in columns[row]) for row in left_out) <= 1


def test_batches_without_a_text_twice_are_full_where_texts_allow_it():
    columns, _, lengths = many_pairs(2000, texts=3000)
    batches = plan(columns, None, lengths, BatchOptions(distinct_texts=True)).batches(0)
    assert Counter(map(len, batches))[32] >= 2000 // 32 - 2
    assert measure(batches, columns, lengths).left_out <= 1


def test_a_text_in_more_rows_than_there_are_batches_leaves_rows_out_and_that_is_counted():
    columns = np.stack([np.zeros(10, dtype=np.int64), np.arange(1, 11)], axis=1)
    columns[7:, 0] = [11, 12, 13]  # seven rows share a text, three do not
    batches = plan(columns, None, np.full(14, 5), BatchOptions(batch_size=2, distinct_texts=True)).batches(0)
    figures = measure(batches, columns, np.full(14, 5))
    assert all(len(batch) == 2 for batch in batches)
    assert figures.left_out == 10 - 2 * len(batches)
    assert 2 <= len(batches) <= 4


# Half and half


@quick
@given(rows(width=2), st.integers(2, 20), seeds)
def test_balanced_batches_are_half_and_half_and_only_the_rarer_label_is_repeated(data, batch_size, seed):
    columns, labels, _ = data
    batches = plan(*data, BatchOptions(batch_size=batch_size, balance=True, seed=seed)).batches(0)
    for batch in batches:
        assert abs(2 * sum(labels[batch]) - len(batch)) <= 1
    shown = Counter(flat(batches))
    assert set(shown) == set(range(len(columns)))
    assert sum(shown.values()) == 2 * max(sum(labels == 0), sum(labels == 1))
    rarer = float(sum(labels) < len(labels) / 2)
    by_label = {label: [shown[row] for row in np.flatnonzero(labels == label)] for label in (rarer, 1 - rarer)}
    assert set(by_label[1 - rarer]) == {1}
    assert max(by_label[rarer]) - min(by_label[rarer]) <= 1  # repeated evenly


def test_balanced_batches_are_still_of_similar_length_and_repeat_other_rows_in_another_epoch():
    columns, labels, lengths = many_pairs(2000, positives=0.3)
    sampler = plan(columns, labels, lengths, BatchOptions(batch_size=16, balance=True, shared_texts=False))
    at_random = np.random.default_rng(1).permutation(2000).reshape(-1, 16).tolist()
    assert measure(sampler.batches(0), columns, lengths).padding < 0.7 * measure(at_random, columns, lengths).padding
    assert Counter(flat(sampler.batches(0))) != Counter(flat(sampler.batches(1)))


# Classes and episodes

class_sizes = st.lists(st.integers(1, 40), min_size=4, max_size=15)


@quick
@given(class_sizes, st.integers(2, 5), st.integers(2, 4), seeds)
def test_batches_hold_so_many_texts_of_each_class(sizes, per_class, ways, seed):
    data = class_rows(sizes, seed=seed)
    options = BatchOptions(batch_size=ways * per_class, per_class=per_class, seed=seed)
    batches = plan(*data, options).batches(0)
    for batch in batches:
        classes = Counter(data[1][batch])
        assert set(classes.values()) == {per_class}
        assert 2 <= len(classes) <= ways
        for label in classes:  # a row is repeated in a batch only where its class is too small
            own = [row for row in batch if data[1][row] == label]
            assert len(set(own)) == min(per_class, sizes[int(label)])
    left_out = set(range(len(data[0]))) - set(flat(batches))
    assert len({data[1][row] for row in left_out}) <= 1  # the class that was alone in its batches


def test_classes_of_equal_size_leave_nothing_out():
    data = class_rows([13] * 20)
    batches = plan(*data, BatchOptions(batch_size=32, per_class=4)).batches(3)
    assert set(flat(batches)) == set(range(260))
    assert np.mean([len(batch) == 32 for batch in batches]) > 0.6


@quick
@given(class_sizes, st.tuples(st.integers(2, 4), st.integers(1, 3), st.integers(1, 4)), seeds)
def test_episodes_hold_support_and_queries_of_each_class(sizes, episode, seed):
    data = class_rows(sizes, seed=seed)
    ways, shots, queries = episode
    large = sum(size >= shots + queries for size in sizes)
    if large < ways:
        with pytest.raises(UsageError, match=f"there are {large};"):
            plan(*data, BatchOptions(episode=episode))
        return
    batches = plan(*data, BatchOptions(episode=episode, seed=seed)).batches(0)
    assert batches
    for batch in batches:
        by_class = data[1][batch].reshape(ways, shots + queries)  # class by class
        assert (by_class == by_class[:, :1]).all()
        assert len(set(by_class[:, 0])) == ways
    assert len(flat(batches)) == len(set(flat(batches)))


# Seeds, epochs and processes

EVERY_WAY = [
    BatchOptions(batch_size=8),
    BatchOptions(batch_size=8, shared_texts=False),
    BatchOptions(batch_tokens=500),
    BatchOptions(batch_size=8, balance=True),
    BatchOptions(batch_size=8, distinct_texts=True),
    BatchOptions(batch_size=8, per_class=2),
    BatchOptions(episode=(3, 1, 2)),
]


@pytest.mark.parametrize("options", EVERY_WAY, ids=str)
def test_batches_are_decided_by_seed_and_epoch(options):
    data = class_rows([30] * 8) if options.per_class or options.episode else many_pairs(200, texts=250)

    def batches(seed, epoch):
        settings = {name: getattr(options, name) for name in options.__dataclass_fields__} | {"seed": seed}
        return plan(*data, BatchOptions(**settings)).batches(epoch)

    assert batches(1, 2) == batches(1, 2)
    composed = [{frozenset(batch) for batch in batches(*key)} for key in ((1, 2), (1, 3), (2, 2), (2, 1))]
    for other in composed[1:]:
        assert len(composed[0] & other) < 0.5 * len(composed[0])
    assert all(type(row) is int for row in flat(batches(1, 2)))


def test_asking_for_a_later_epoch_first_changes_nothing():
    data = many_pairs(100)
    sampler = plan(*data, BatchOptions(batch_size=8))
    sampler.batches(5)
    assert sampler.batches(1) == plan(*data, BatchOptions(batch_size=8)).batches(1)


@quick
@given(st.lists(st.integers(), max_size=40), st.integers(1, 5))
def test_shares_are_the_batch_and_differ_by_one_row_at_most(batch, processes):
    shares = [rank_rows(batch, rank, processes) for rank in range(processes)]
    assert sorted(flat(shares)) == sorted(batch)
    sizes = [len(part) for part in shares]
    assert max(sizes) - min(sizes) <= 1


def test_two_processes_see_the_batches_of_one_but_for_those_too_small_to_share():
    data = many_pairs(201)
    one, two = (plan(*data, BatchOptions(batch_size=8, processes=processes)).batches(0) for processes in (1, 2))
    assert sorted(map(len, one))[:2] == [1, 8]
    assert {frozenset(batch) for batch in two} == {frozenset(batch) for batch in one if len(batch) > 1}
    assert all(rank_rows(batch, rank, 2) for batch in two for rank in (0, 1))


# Several sets


@quick
@given(st.lists(st.integers(0, 9), max_size=5), seeds)
def test_proportional_takes_every_batch_of_every_set(sizes, seed):
    assert Counter(interleave(sizes, seed=seed)) == {i: size for i, size in enumerate(sizes) if size}


def test_proportional_is_decided_by_seed_and_epoch():
    assert interleave([20, 20], seed=1, epoch=2) == interleave([20, 20], seed=1, epoch=2)
    assert interleave([20, 20], seed=1, epoch=2) != interleave([20, 20], seed=1, epoch=3)


def test_round_robin_takes_turns_and_ends_with_the_shortest_set():
    assert interleave([4, 2, 9], how="round-robin") == [0, 1, 2, 0, 1, 2]
    assert interleave([], how="round-robin") == []


def test_an_unknown_way_to_mix_sets_is_refused():
    with pytest.raises(UsageError, match="how is 'shuffle'; choose proportional or round-robin"):
        interleave([1, 2], how="shuffle")


# What cannot be


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"processes": 0}, "processes is 0; it must be at least 1"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
        ({"batch_tokens": 0}, "batch_tokens is 0; it must be at least 1"),
        ({"batch_size": 3, "processes": 4}, "batch_size is 3; it must be at least 4, one for each process"),
        ({"batch_size": 1, "distinct_texts": True}, "must be at least 2, so that there are in-batch negatives"),
        (
            {"balance": True, "distinct_texts": True},
            "balance and in-batch negatives each compose batches in their own way",
        ),
        ({"per_class": 2, "batch_tokens": 100}, r"batch_tokens does not go with texts of each class \(per_class\)"),
        ({"per_class": 0, "batch_tokens": 100}, "per_class"),
        ({"per_class": 1}, "per_class is 1; it must be at least 2"),
        ({"per_class": 5}, "batch_size is 32 with per_class 5; it must be a multiple"),
        ({"per_class": 32}, "at least 2 classes, such as 64"),
        ({"episode": (1, 1, 1)}, "at least 2 classes"),
        ({"episode": (2, 0, 1)}, "1 text each"),
        ({"episode": (2, 1, 1), "processes": 5}, "the number of texts of an episode is 4; it must be at least 5"),
    ],
    ids=str,
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        BatchOptions(**options)


def test_data_that_cannot_be_composed_so_are_refused():
    columns, labels, lengths = many_pairs(20)
    with pytest.raises(UsageError, match="balance needs pairs labelled 0 and 1; this training set has no labels"):
        plan(columns, None, lengths, BatchOptions(balance=True))
    with pytest.raises(UsageError, match="set has rows of 1 texts"):
        plan(columns[:, :1], labels, lengths, BatchOptions(balance=True))
    with pytest.raises(UsageError, match=r"the labels seen are 1$"):
        plan(columns, np.ones(20, dtype=np.float32), lengths, BatchOptions(balance=True))
    with pytest.raises(UsageError, match=r"per_class needs rows of one text .* set has rows of 2 texts"):
        plan(columns, labels, lengths, BatchOptions(per_class=2))
    with pytest.raises(UsageError, match=r"episode needs rows of one text .* set has no labels"):
        plan(columns[:, :1], None, lengths, BatchOptions(episode=(2, 1, 1)))
    with pytest.raises(UsageError, match="needs 8 classes; there are 3;"):
        plan(*class_rows([9, 9, 9]), BatchOptions(batch_size=32, per_class=4))
    with pytest.raises(UsageError, match="ways 4, shots 1, queries 2 need 4 classes of 3 texts or more; there are 3;"):
        plan(*class_rows([9, 9, 9, 2]), BatchOptions(episode=(4, 1, 2)))
    with pytest.raises(UsageError, match="there are 3 rows; a batch needs at least 4"):
        plan(columns[:3], labels[:3], lengths, BatchOptions(processes=4))
