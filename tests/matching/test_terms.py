"""Term vectors, beside the same worked out by hand."""

import math

import numpy as np
import pytest

from siamese_text.matching.terms import folded, letters_in, term_vectors, words_in


def test_rare_words_count_more():
    texts = [["red pen", "red cup"], ["red pen"]]
    (left, right), weights = term_vectors(texts, words_in)
    red, pen, cup = math.log(4 / 3), math.log(4 / 2), math.log(4 / 1)
    assert sorted(weights.tolist()) == pytest.approx(sorted([red, pen, cup]))
    product = (left @ right.T).toarray()[:, 0]
    assert product == pytest.approx([1, red * red / (math.hypot(red, cup) * math.hypot(red, pen))])


def test_a_text_without_words_is_like_nothing():
    [vectors], _ = term_vectors([["", "tea"]], words_in)
    assert np.asarray(vectors.sum(axis=1)).tolist()[0] == 0


def test_a_code_is_one_word_however_it_is_written():
    assert "dscw120" in words_in("Sony DSC-W120") and "dscw120" in words_in("sony dscw120")
    assert "wellknown" not in words_in("well-known")


def test_accents_and_capitals_are_folded():
    assert folded("ÅSA Müller-Straße") == "asa muller strasse"
    assert letters_in("Ab") == {" ab", "ab "} and letters_in("") == set()
