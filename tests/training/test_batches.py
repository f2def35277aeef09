from dataclasses import replace

import numpy as np
import pytest
import torch

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.records import Example
from siamese_text.training.batches import TokenisedExamples

WORDS = ["bees", "garden", "train", "one", "old", "stone", "under", "winter", "a", "library", "slow", "fast", "we"]


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return TorchEncoder.load(tiny_model, device="cpu", max_seq_length=24).tokenizer


def make_examples(count, columns, *, labelled=True, seed=0):
    random = np.random.default_rng(seed)
    texts = [
        tuple(" ".join(random.choice(WORDS, random.integers(1, 19))) for _ in range(columns)) for _ in range(count)
    ]
    return [Example(row, float(number % 2) if labelled else None) for number, row in enumerate(texts)]


def decode(tokenizer, batch, column):
    """The texts of one column of a batch, read back from its token ids."""
    texts = [
        tokenizer.tokenizer.decode(ids[mask.bool()], skip_special_tokens=True)
        for ids, mask in zip(batch.tokens.input_ids, batch.tokens.attention_mask, strict=True)
    ]
    return [texts[index] for index in batch.columns[column]]


@pytest.mark.parametrize("pools_prompt", [True, False])
@pytest.mark.parametrize("chosen", [None, "title", ""])
def test_training_reads_the_tokens_that_encoding_reads(tiny_model, pools_prompt, chosen, monkeypatch):
    loaded = TorchEncoder.load(tiny_model, device="cpu")
    prompts = {"query": "we read ", "title": "a library of bees "}
    layout = replace(loaded.layout, prompts=prompts, default_prompt="query", include_prompt=pools_prompt)
    if chosen is not None:
        layout = replace(layout, default_prompt=chosen or None)
    encoder = TorchEncoder(loaded.transformer, loaded.tokenizer.tokenizer, layout)
    batch = TokenisedExamples([Example(("slow train", "one old garden"), 1.0)], encoder.tokenizer).collate([0])
    read, embed = [], encoder.embed
    monkeypatch.setattr(encoder, "embed", lambda texts: read.append(texts) or embed(texts))
    encoder.encode(["slow train", "one old garden"])
    [texts] = read
    for name in ("input_ids", "attention_mask", "pooling_mask"):
        ours = getattr(batch.tokens, name).tolist()
        assert sorted(ours) == sorted(getattr(texts, name).tolist())
    left_out = {None: 3, "title": 5, "": 0}[chosen]  # with the token that begins a text
    cut = (batch.tokens.attention_mask - batch.tokens.pooling_mask).sum(dim=1)
    assert cut.tolist() == [0 if pools_prompt or chosen == "" else left_out] * 2


def test_a_batch_holds_each_distinct_text_once_and_columns_point_at_it(tokenizer):
    texts = ["a black cat", "the white bird flies", "two bees", "a black cat", "the lake"]
    rows = [Example((texts[i], texts[j]), float(i < j)) for i, j in [(0, 1), (1, 3), (2, 0), (4, 2), (3, 0), (1, 1)]]
    batch = TokenisedExamples(rows, tokenizer).collate(range(6))
    assert len(batch) == 6
    assert len({tuple(ids) for ids in batch.tokens.input_ids.tolist()}) == len(batch.tokens) == 4
    read = zip(decode(tokenizer, batch, 0), decode(tokenizer, batch, 1), strict=True)
    assert list(read) == [row.texts for row in rows]
    assert batch.targets.tolist() == [row.label for row in rows]


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
@pytest.mark.parametrize("labelled", [True, False])
def test_a_batch_holds_the_texts_of_its_rows_in_their_order(tokenizer, columns, labelled):
    examples = make_examples(40, columns, labelled=labelled)
    wanted = [31, 2, 17, 17, 8]
    batch = TokenisedExamples(examples, tokenizer).collate(wanted)
    assert len(batch.columns) == columns
    for column in range(columns):
        assert decode(tokenizer, batch, column) == [examples[row].texts[column] for row in wanted]
        assert batch.columns[column].dtype == torch.int64
    assert batch.tokens.attention_mask.sum(dim=1).max() == batch.tokens.input_ids.shape[1]  # no needless padding
    if labelled:
        assert batch.targets.dtype == torch.float32
        assert batch.targets.tolist() == [examples[row].label for row in wanted]
    else:
        assert batch.targets is None


def test_distinct_texts_are_tokenised_once_and_cuts_counted_once(tokenizer):
    long = "the old stone by the canal " * 6
    rows = [Example((long, "a cat"), 1.0), Example(("a cat", long), 1.0), Example(("a bird", "a cat"), 0.0)]
    tokenised = TokenisedExamples(rows, tokenizer)
    assert len(tokenised) == len(tokenised.ids) == 3
    assert tokenised.truncated == 1
    assert tokenised.columns.tolist() == [[0, 1], [1, 0], [2, 1]]
    assert tokenised.text_lengths.tolist() == [24, 4, 4]  # start and end token included


def test_moving_a_batch_keeps_all_of_it(tokenizer):
    for labelled in (True, False):
        batch = TokenisedExamples(make_examples(8, 3, labelled=labelled), tokenizer).collate(range(8))
        moved = batch.to(torch.device("cpu"))
        assert torch.equal(moved.tokens.input_ids, batch.tokens.input_ids)
        assert torch.equal(moved.tokens.attention_mask, batch.tokens.attention_mask)
        assert all(torch.equal(a, b) for a, b in zip(moved.columns, batch.columns, strict=True))
        assert (moved.targets is None) == (not labelled)
