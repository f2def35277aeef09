from collections import Counter

import numpy as np
import pytest
import torch

from siamese_text.encoder.encoder import Encoder
from siamese_text.errors import UsageError
from siamese_text.records import Pair
from siamese_text.training.batches import POOL, LengthBuckets, TokenisedPairs, pair_loader

WORDS = ["bees", "garden", "train", "one", "old", "stone", "under", "winter", "a", "library", "slow", "fast", "we"]


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return Encoder.load(tiny_model, device="cpu", max_length=24).tokenizer


@pytest.fixture(scope="module")
def make_pairs(tokenizer):
    """Return a function that makes pairs of 1 to 18 words, a share of them labelled 1."""

    def make(count, *, positives=0.5, seed=0):
        random = np.random.default_rng(seed)
        texts = [" ".join(random.choice(WORDS, random.integers(1, 19))) for _ in range(2 * count)]
        labels = (np.arange(count) < round(positives * count)).astype(float)
        pairs = [Pair(*sides) for sides in zip(texts[::2], texts[1::2], labels, strict=True)]
        return pairs, TokenisedPairs(pairs, tokenizer)

    return make


def rows(batches):
    return [row for batch in batches for row in batch]


def decode(tokenizer, batch, side):
    """The texts of one side of a batch, read back from its token ids."""
    sentences = [
        tokenizer.tokenizer.decode(ids[mask.bool()], skip_special_tokens=True)
        for ids, mask in zip(batch.tokens.input_ids, batch.tokens.attention_mask, strict=True)
    ]
    return [sentences[index] for index in batch.columns[side]]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 64, 1000])
@pytest.mark.parametrize("epoch", [0, 3])
def test_an_epoch_shows_every_row_exactly_once(make_pairs, count, epoch):
    sampler = LengthBuckets(make_pairs(count)[1], 8, seed=5)
    sampler.epoch = epoch
    assert sorted(rows(sampler)) == list(range(count))


def test_batches_are_full_but_for_the_last_of_an_epoch(make_pairs):
    batches = list(LengthBuckets(make_pairs(1001)[1], 8))
    assert Counter(map(len, batches)) == {8: 125, 1: 1}


@pytest.mark.parametrize("count", [3, 31, 32, 33, 63, 400])
@pytest.mark.parametrize("batch_size", [1, 4, 32])
@pytest.mark.parametrize("balance", [False, True])
def test_length_is_the_number_of_batches(make_pairs, count, batch_size, balance):
    sampler = LengthBuckets(make_pairs(count, positives=0.2)[1], batch_size, balance=balance)
    assert len(list(sampler)) == len(sampler)


def test_the_order_is_decided_by_seed_and_epoch(make_pairs):
    pairs = make_pairs(300)[1]

    def order(seed, epoch):
        sampler = LengthBuckets(pairs, 8, seed=seed, balance=True)
        sampler.epoch = epoch
        return list(sampler)

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)
    assert order(1, 2) != order(2, 1)


def test_another_epoch_mixes_the_rows_into_other_batches(make_pairs):
    sampler = LengthBuckets(make_pairs(300)[1], 8)
    first = {frozenset(batch) for batch in sampler}
    sampler.epoch = 1
    assert len(first & {frozenset(batch) for batch in sampler}) <= 3


@pytest.mark.parametrize("positives", [0.1, 0.5, 0.85])
def test_balance_shows_both_classes_equally_often_and_repeats_only_the_rarer(make_pairs, positives):
    pairs, tokenised = make_pairs(200, positives=positives)
    shown = Counter(rows(LengthBuckets(tokenised, 16, balance=True)))
    rarer = 1.0 if positives < 0.5 else 0.0
    assert set(shown) == set(range(200))  # nothing is left out for it
    assert {pairs[row].label for row, times in shown.items() if times > 1} <= {rarer}
    by_label = Counter()
    for row, times in shown.items():
        by_label[pairs[row].label] += times
    assert by_label[0.0] == by_label[1.0] == max(positives, 1 - positives) * 200


def test_balance_repeats_other_rows_in_another_epoch(make_pairs):
    sampler = LengthBuckets(make_pairs(200, positives=0.3)[1], 16, balance=True)
    first = Counter(rows(sampler))
    sampler.epoch = 1
    assert first != Counter(rows(sampler))


def test_padding_is_far_below_that_of_random_batches(make_pairs):
    tokenised = make_pairs(800)[1]

    def padded_share(batches):
        """The share of token places that hold padding, were each side of each row padded to its batch's longest."""
        longest = [max(tokenised.lengths[row] for row in batch) for batch in batches]
        places = sum(length * len(batch) for length, batch in zip(longest, batches, strict=True))
        return 1 - sum(tokenised.lengths[row] for row in rows(batches)) / places

    at_random = np.random.default_rng(0).permutation(800).reshape(-1, 16).tolist()
    assert padded_share(list(LengthBuckets(tokenised, 16))) < 0.25 * padded_share(at_random)


def test_lengths_are_sorted_within_a_pool_only_so_that_batches_stay_random(make_pairs):
    tokenised = make_pairs(6 * POOL)[1]
    means = [np.mean(tokenised.lengths[batch]) for batch in LengthBuckets(tokenised, 2)]
    assert len(means) == 3 * POOL
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.25  # neither rising nor falling over an epoch
    assert len(set(means)) > 6


@pytest.mark.parametrize("count", [16, 17, 24, 33, 400, 1001])
@pytest.mark.parametrize("processes", [2, 3])
def test_each_of_several_processes_gets_as_many_batches(make_pairs, count, processes):
    sampler = LengthBuckets(make_pairs(count)[1], 5, processes=processes)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert len(batches) % processes == 0
    assert len(set(rows(batches))) == len(rows(batches))
    assert count - len(rows(batches)) < 5 * processes  # fewer than a round of batches is left out


@pytest.mark.parametrize("count", [54, 56, 61])
def test_accelerate_deals_every_batch_to_one_process_wherever_the_smaller_one_stands(make_pairs, count):
    from accelerate.data_loader import BatchSamplerShard

    sampler = LengthBuckets(make_pairs(count)[1], 4, processes=2)
    for sampler.epoch in range(20):
        dealt = [list(BatchSamplerShard(sampler, 2, process, even_batches=False)) for process in range(2)]
        assert len(dealt[0]) == len(dealt[1]) == len(sampler) / 2
        assert sorted(dealt[0] + dealt[1]) == sorted(sampler)


def test_fewer_batches_than_processes_are_refused(make_pairs):
    tokenised = make_pairs(10)[1]
    assert len(list(LengthBuckets(tokenised, 5, processes=2))) == 2
    with pytest.raises(UsageError, match=r"batch_size is 6, .* 10 pairs among 3 processes; lower batch_size"):
        LengthBuckets(tokenised, 6, processes=3)


def test_a_batch_holds_each_distinct_sentence_once_and_columns_point_at_it(tokenizer):
    texts = ["a black cat", "the white bird flies", "two bees", "a black cat", "the lake"]
    pairs = [Pair(texts[i], texts[j], float(i < j)) for i, j in [(0, 1), (1, 3), (2, 0), (4, 2), (3, 0), (1, 1)]]
    loader, _ = pair_loader(TokenisedPairs(pairs, tokenizer), 6)
    [batch] = loader
    assert len(batch) == 6
    assert len(batch.tokens) == 4
    assert len({tuple(ids) for ids in batch.tokens.input_ids.tolist()}) == 4
    read = zip(decode(tokenizer, batch, 0), decode(tokenizer, batch, 1), batch.labels.tolist(), strict=True)
    assert Counter(read) == Counter((pair.sentence1, pair.sentence2, pair.label) for pair in pairs)


def test_batches_of_a_loader_hold_the_pairs_of_their_rows_in_order(make_pairs, tokenizer):
    pairs, tokenised = make_pairs(100)
    loader, sampler = pair_loader(tokenised, 8, seed=4)
    for wanted, batch in zip(list(sampler), loader, strict=True):
        assert decode(tokenizer, batch, 0) == [pairs[row].sentence1 for row in wanted]
        assert decode(tokenizer, batch, 1) == [pairs[row].sentence2 for row in wanted]
        assert batch.labels.tolist() == [pairs[row].label for row in wanted]
        assert batch.labels.dtype == torch.float32
        assert [column.dtype for column in batch.columns] == [torch.int64, torch.int64]
        assert batch.tokens.attention_mask.sum(dim=1).max() == batch.tokens.input_ids.shape[1]  # no needless padding


def test_the_loader_follows_the_epoch_of_its_sampler(make_pairs):
    tokenised = make_pairs(64)[1]
    loader, sampler = pair_loader(tokenised, 8)
    sampler.epoch = 1
    wanted = [tokenised.labels[batch].tolist() for batch in sampler]
    assert [batch.labels.tolist() for batch in loader] == wanted
    sampler.epoch = 2
    assert [batch.labels.tolist() for batch in loader] != wanted


def test_distinct_sentences_are_tokenised_once_and_cuts_counted_once(tokenizer):
    long = "the old stone by the canal " * 6
    pairs = [Pair(long, "a cat", 1.0), Pair("a cat", long, 1.0), Pair("a bird", "a cat", 0.0)]
    tokenised = TokenisedPairs(pairs, tokenizer)
    assert len(tokenised.ids) == 3
    assert tokenised.truncated == 1
    assert tokenised.sides.tolist() == [[0, 1], [1, 0], [2, 1]]
    assert tokenised.lengths.tolist() == [24, 24, 4]  # the longer side, start and end token included


def test_moving_a_batch_keeps_all_of_it(make_pairs):
    loader, _ = pair_loader(make_pairs(8)[1], 8)
    [batch] = loader
    moved = batch.to(torch.device("cpu"))
    assert torch.equal(moved.tokens.input_ids, batch.tokens.input_ids)
    assert torch.equal(moved.tokens.attention_mask, batch.tokens.attention_mask)
    assert all(torch.equal(a, b) for a, b in zip(moved.columns, batch.columns, strict=True))
    assert torch.equal(moved.labels, batch.labels)
