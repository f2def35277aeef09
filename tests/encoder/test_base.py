from contextlib import contextmanager

import numpy as np
import pytest
import torch

from siamese_text.encoder.base import ReportingEncoder, SteadyEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.records import EncodeReport

TEXTS = [f"the {'old ' * old} cat {'sleeps in the house ' * more}" for old in range(6) for more in range(10)]


@pytest.fixture(scope="module")
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu")


@contextmanager
def counted_rows(encoder):
    """Give a list that gets the shape (B, T) of each batch that is embedded."""
    shapes = []
    with pytest.MonkeyPatch.context() as patch:
        embed = encoder.embed
        patch.setattr(encoder, "embed", lambda texts: (shapes.append(texts.input_ids.shape), embed(texts))[1])
        yield shapes


def test_vectors_are_float32_of_unit_length_and_the_promised_width(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.embedding_dimension) == (60, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=0, atol=1e-6)


def test_vectors_come_in_the_order_of_the_texts(encoder):
    one_by_one = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), one_by_one, rtol=0, atol=1e-6)
    assert len(np.unique(one_by_one.round(4), axis=0)) == len(TEXTS)  # no two texts are mistaken for each other


def test_a_text_that_comes_again_is_encoded_once(encoder):
    texts = ["a dog", "a cat", "a dog", "a dog", "a bird", "a cat"]
    with counted_rows(encoder) as shapes:
        vectors = encoder.encode(texts)
    assert sum(rows for rows, _ in shapes) == 3
    np.testing.assert_array_equal(vectors[[0, 1, 4]], encoder.encode(["a dog", "a cat", "a bird"]))
    np.testing.assert_array_equal(vectors[[2, 3, 5]], vectors[[0, 0, 1]])


@pytest.mark.parametrize("batch_tokens", [32, 100, 512, 4096])
def test_the_other_texts_of_a_batch_move_no_vector(encoder, batch_tokens):
    with counted_rows(encoder) as shapes:
        vectors = encoder.encode(TEXTS, batch_tokens=batch_tokens)
    np.testing.assert_allclose(vectors, encoder.encode(TEXTS, batch_tokens=1), rtol=0, atol=1e-6)
    assert all(rows == 1 or rows * length <= batch_tokens for rows, length in shapes)


def test_a_steady_vector_has_the_same_bits_in_any_company(encoder):
    with counted_rows(encoder) as shapes:
        whole = encoder.encode(TEXTS, steady=True)
        few = encoder.encode(TEXTS[7::9], steady=True)
        alone = encoder.encode(TEXTS[:1], steady=True)
    np.testing.assert_array_equal(few, whole[7::9])
    np.testing.assert_array_equal(alone, whole[:1])
    np.testing.assert_allclose(whole, encoder.encode(TEXTS), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(SteadyEncoder(encoder).encode(TEXTS), whole)
    assert min(rows for rows, _ in shapes) == 2  # one that is alone in its length stands there twice
    lengths = {text: len(ids) for text, ids in zip(TEXTS, encoder.tokenizer(TEXTS).ids, strict=True)}
    assert {length for _, length in shapes} == set(lengths.values())  # nothing is padded


def test_steady_is_alone_where_even_equal_lengths_depend_on_one_another(encoder, monkeypatch):
    monkeypatch.setattr(type(encoder), "pads", False)
    with counted_rows(encoder) as shapes:
        encoder.encode(TEXTS, steady=True)
    assert [rows for rows, _ in shapes] == [1] * len(TEXTS)


def test_no_texts_give_no_vectors(encoder):
    vectors = encoder.encode([])
    assert vectors.shape == (0, 32)
    assert vectors.dtype == np.float32


def test_an_empty_text_has_a_vector(encoder):
    assert np.isfinite(encoder.encode([""])).all()


def test_a_single_string_is_refused_because_it_would_be_read_letter_by_letter(encoder):
    with pytest.raises(UsageError, match=r"write \[text\]"):
        encoder.encode("a dog")


def test_an_unknown_prompt_is_refused_with_the_known_ones(encoder):
    with pytest.raises(UsageError, match=r"no prompt 'title'; it has query, document"):
        encoder.encode(["a dog"], prompt_name="title")


def test_the_warning_counts_the_texts_that_were_cut(tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu", max_seq_length=8)
    fits, too_long = "cat " * 6, "cat " * 7
    with pytest.warns(UserWarning, match=r"^2 of 4 texts were longer than 8 tokens"):
        vectors = encoder.encode([fits, too_long, "cat", too_long + "dog"])
    np.testing.assert_allclose(vectors[1], vectors[0], rtol=0, atol=1e-6)  # what is left of it is the first text


@pytest.mark.filterwarnings("error")
def test_texts_that_fit_exactly_give_no_warning(tiny_sentence_model):
    TorchEncoder.load(tiny_sentence_model, device="cpu", max_seq_length=8).encode(["cat " * 6])


@pytest.mark.parametrize("training", [True, False])
def test_encoding_drops_nothing_and_gives_the_mode_of_training_back(tiny_sentence_model, encoder, training):
    ours = TorchEncoder.load(tiny_sentence_model, device="cpu").train(training)
    np.testing.assert_array_equal(ours.encode(TEXTS), encoder.encode(TEXTS))
    assert {module.training for module in ours.modules()} == {training}


def test_the_mode_comes_back_after_an_error_too(tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu").train()

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode(TEXTS, progress=interrupt)
    assert encoder.training


def test_progress_rises_to_the_number_of_distinct_texts(encoder):
    calls = []
    encoder.encode([*TEXTS, *TEXTS], batch_tokens=256, progress=lambda done, total: calls.append((done, total)))
    done = [done for done, _ in calls]
    assert {total for _, total in calls} == {len(TEXTS)}
    assert done == sorted(set(done))
    assert done[-1] == len(TEXTS)
    assert len(calls) > 1


def test_a_half_precision_checkpoint_is_computed_in_float32(make_tiny_model):
    encoder = TorchEncoder.load(make_tiny_model("bert", dtype=torch.float16), device="cpu")
    assert {weight.dtype for weight in encoder.parameters()} == {torch.float32}
    assert encoder.encode(["a dog"]).dtype == np.float32


def test_a_new_projection_depends_on_its_seed_alone(tiny_model):
    def projected(seed):
        encoder = TorchEncoder.load(tiny_model, device="cpu")
        encoder.add_projection(8, seed=seed)
        return encoder.encode(TEXTS)

    state = torch.get_rng_state()
    first = projected(1)
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(projected(1), first)
    assert np.abs(projected(2) - first).max() > 0.01


def test_the_pooler_that_no_embedding_uses_is_not_trained(tiny_model):
    encoder = TorchEncoder.load(tiny_model, device="cpu")
    encoder(encoder.tokenizer.pad(encoder.tokenizer(["a dog"]).ids)).sum().backward()
    trained = {name for name, weight in encoder.named_parameters() if weight.requires_grad}
    assert trained == {name for name, weight in encoder.named_parameters() if weight.grad is not None}
    assert not any("pooler" in name for name in trained)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({"pooling": "median"}, "'median'"),
        ({"similarity": "jaccard"}, "'jaccard'"),
        ({"max_seq_length": 129}, "129"),
    ],
)
def test_an_option_that_does_not_exist_is_refused_in_one_line(tiny_model, options, seen):
    with pytest.raises(UsageError, match=seen) as caught:
        TorchEncoder.load(tiny_model, device="cpu", **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_a_batch_holds_as_many_texts_as_are_asked_for(encoder, batch_size):
    with counted_rows(encoder) as shapes:
        vectors = encoder.encode(TEXTS, batch_size=batch_size, batch_tokens=10**6)
    assert max(rows for rows, _ in shapes) == batch_size
    np.testing.assert_allclose(vectors, encoder.encode(TEXTS), rtol=0, atol=1e-6)


def test_a_batch_of_no_texts_is_refused(encoder):
    with pytest.raises(UsageError, match="batch_size is 0"):
        encoder.encode(TEXTS, batch_size=0)


@pytest.mark.filterwarnings("error")
def test_counts_travel_in_a_report_and_nothing_is_warned_of(tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu", max_seq_length=8)
    report = EncodeReport()
    encoder.encode(["cat " * 9, "🦊", "cat"], report=report)
    encoder.encode_tokens(["cat " * 9], lambda tokens: tokens, report=report)
    assert (report.truncated, report.unknown) == (2, 1)
    counting = EncodeReport()
    reading = ReportingEncoder(encoder, counting, "query")
    np.testing.assert_array_equal(reading.encode(["cat " * 9]), encoder.encode_query(["cat " * 6]))
    reading.encode_tokens(["🦊"], lambda tokens: tokens)
    assert (counting.truncated, counting.unknown) == (1, 1)


def test_texts_come_in_any_form_and_what_is_no_text_is_said(tiny_sentence_model):
    import pandas as pd

    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    expected = encoder.encode(["a cat", "a dog"])
    for given in (iter(["a cat", "a dog"]), pd.Series(["a cat", "a dog"]), np.array(["a cat", "a dog"])):
        np.testing.assert_array_equal(encoder.encode(given), expected)
    assert encoder.encode([]).shape == (0, encoder.embedding_dimension)
    for wrong, words in (
        (None, "texts are None"),
        (7, "texts are 7"),
        (["a", None], "text 2 is None"),
        ([float("nan")], "text 1 is nan"),
        (["a \ud800"], "text 1 holds half a character"),
    ):
        with pytest.raises(UsageError, match=words):
            encoder.encode(wrong)
