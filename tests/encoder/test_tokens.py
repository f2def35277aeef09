import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from siamese_text.encoder.tokens import TextTokenizer, batches_by_tokens


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return AutoTokenizer.from_pretrained(tiny_model)


@settings(max_examples=200, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), max_size=60), budget=st.integers(1, 200))
def test_batches_hold_each_text_once_longest_first_and_within_the_budget(lengths, budget):
    batches = list(batches_by_tokens(lengths, budget))
    order = [position for batch in batches for position in batch]
    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[position] for position in order] == sorted(lengths, reverse=True)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= budget


@settings(max_examples=100, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), min_size=2, max_size=60), budget=st.integers(1, 200))
def test_no_batch_is_closed_while_the_next_text_still_fits(lengths, budget):
    batches = list(batches_by_tokens(lengths, budget))
    for batch in batches[:-1]:
        assert lengths[batch[0]] * (len(batch) + 1) > budget


@settings(max_examples=100, deadline=None)
@given(lengths=st.lists(st.integers(1, 6), max_size=60), budget=st.integers(1, 40))
def test_without_padding_a_batch_holds_one_length_and_is_full_or_the_last_of_it(lengths, budget):
    batches = list(batches_by_tokens(lengths, budget, padded=False))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    of_batches = [{lengths[position] for position in batch} for batch in batches]
    assert all(len(each) == 1 for each in of_batches)
    for batch, [length], following in zip(batches, of_batches, of_batches[1:], strict=False):
        assert following != {length} or length * (len(batch) + 1) > budget


def test_padding_stands_on_the_right_and_is_masked(tokenizer):
    batch = TextTokenizer(tokenizer, max_length=128).pad([[5, 6, 7], [8]])
    pad = tokenizer.pad_token_id
    assert batch.input_ids.tolist() == [[5, 6, 7], [8, pad, pad]]
    assert batch.attention_mask.tolist() == batch.pooling_mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch.input_ids.dtype == batch.attention_mask.dtype == torch.int64
    assert len(batch) == 2


def test_an_excluded_prompt_is_attended_to_but_not_pooled(tokenizer):
    batch = TextTokenizer(tokenizer, max_length=128).padded([[5, 6, 7, 8], [5, 6, 9]], skip=2)
    assert batch.attention_mask.tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.pooling_mask.tolist() == [[0, 0, 1, 1], [0, 0, 1, 0]]


@pytest.mark.parametrize(("words", "cut"), [(5, False), (6, False), (7, True), (50, True)])
def test_a_text_counts_as_cut_only_past_the_longest_length(tokenizer, words, cut):
    tokenised = TextTokenizer(tokenizer, max_length=8)(["cat " * words, "dog"])
    assert tokenised.truncated == int(cut)
    assert [len(ids) for ids in tokenised.ids] == [min(words + 2, 8), 3]  # [CLS] and [SEP] count


@pytest.mark.parametrize(("side", "prompt"), [("right", ""), ("right", "query: "), ("left", "")])
def test_what_is_not_read_of_a_text_is_told(tokenizer, side, prompt):
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.truncation_side = side
    around = len(TextTokenizer(tokenizer, max_length=128)([prompt]).ids[0])
    reader = TextTokenizer(tokenizer, max_length=around + 3, prompt=prompt)
    texts = ["cat dog cat", "cat dog red cat", "Cat  dog é red big cat", "", "a" * 200]
    unread = reader.unread(texts)
    assert [bool(text) for text in unread] == [bool(reader([prompt + text]).truncated) for text in texts]
    ends = {"right": [" cat", " red big cat"], "left": ["cat ", "Cat  dog é "]}[side]
    assert unread[1:3] == ends


def test_texts_of_unknown_tokens_are_counted(tokenizer):
    texts = ["🦊", "🦊 🐻", "cat 🦊", "cat dog 🦊", "cat", ""]  # 1 of 1, 2 of 2, 1 of 2, 1 of 3, none, nothing
    reader = TextTokenizer(tokenizer, max_length=128)
    assert [reader([text]).unknown for text in texts] == [1, 1, 1, 0, 0, 0]
    assert reader(texts).unknown == 3


def test_a_tokenizer_without_a_token_for_the_unknown_counts_none(tokenizer):
    reader = TextTokenizer(tokenizer, max_length=128)
    reader.unknown_id = None
    assert reader(["🦊"]).unknown == 0


def test_a_prompt_is_as_long_as_its_tokens_and_the_start_token(tokenizer):
    assert TextTokenizer(tokenizer, max_length=128).prompt_length("read the book ") == 4


@pytest.mark.parametrize("words", [0, 5, 6, 7, 50])
def test_tokens_are_those_of_hugging_faces_own_call_and_its_tokenizer_is_left_alone(tokenizer, words):
    tokenizer.backend_tokenizer.no_truncation()
    before = tokenizer.backend_tokenizer.to_str()
    texts = ["cat " * words, "unbelievable [SEP] 🦊", ""]
    read = TextTokenizer(tokenizer, max_length=8)(texts).ids
    assert tokenizer.backend_tokenizer.to_str() == before
    assert read == tokenizer(texts, truncation=True, max_length=8)["input_ids"]


def test_a_tokenizer_written_in_python_cuts_and_counts_alike(tokenizer):
    class Slow:
        is_fast = False
        pad_token_id, sep_token_id, eos_token_id, unk_token_id = 1, 2, None, 3

        def __call__(self, texts, **options):
            return tokenizer(texts, **options)

    texts = ["cat " * words for words in (5, 6, 7, 50)]
    slow, fast = (TextTokenizer(each, max_length=8)(texts) for each in (Slow(), tokenizer))
    assert (slow.ids, slow.truncated) == (fast.ids, fast.truncated)


@settings(max_examples=100, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), max_size=60), budget=st.integers(1, 200), most=st.integers(1, 9))
def test_no_batch_holds_more_texts_than_it_may(lengths, budget, most):
    batches = list(batches_by_tokens(lengths, budget, most=most))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    assert all(len(batch) <= most for batch in batches)
    for batch in batches[:-1]:
        assert len(batch) == most or lengths[batch[0]] * (len(batch) + 1) > budget
