"""Explanations against removals made by hand: contributions, the words that decide, and alignment."""

import json
import math
import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text import text
from siamese_text.explain.occlusion import Link, align, deciding_limit, explain_pair, leave_out, without
from siamese_text.explain.page import as_html
from siamese_text.records import Predictions, Span
from tests.explain.shared_words import PAIR, TEXTS, SharedWords, log_odds


def similarity_alone(pairs):
    return Predictions(np.float32([log_odds(pair) for pair in pairs]))


def removals(pair):
    """Every word of a pair as (side, span), found without the code under test."""
    return [(side, Span(*m.span())) for side in (0, 1) for m in re.finditer(r"\w+", pair[side])]


def removed(pair, words):
    """A pair less some words, cut by hand; the spaces that stay behind do not matter to the model."""
    sides = list(pair)
    for side, span in sorted(words, key=lambda word: -word[1].start):
        sides[side] = sides[side][: span.start] + sides[side][span.end :]
    return tuple(sides)


def test_a_contribution_is_what_the_log_odds_lose_without_the_word():
    explained = explain_pair(PAIR, SharedWords())
    words = [*explained.words[0], *explained.words[1]]
    assert [(word.side, word.span) for word in words] == removals(PAIR)
    for word in words:
        rest = removed(PAIR, [(word.side, word.span)])
        assert word.contribution == pytest.approx(log_odds(PAIR) - log_odds(rest))
        p, q = (1 / (1 + math.exp(-log_odds(pair))) for pair in (PAIR, rest))
        assert word.change == pytest.approx(p - q)
    assert explained.unit == "log-odds"
    assert {explained.surface(word) for word in words if word.contribution < 0} == {"charts", "letters"}


def test_what_decides_is_taken_from_one_side_where_copies_cancel_out():
    pair = ("one two three four five", "one two three four five")
    explained = explain_pair(pair, SharedWords())
    words = [explained.surface(step.word) for step in explained.deciding]
    assert len(words) == len(set(words)) == deciding_limit(10) == 2
    best = min(log_odds(removed(pair, some)) for some in combinations(removals(pair), 2))
    taken = leave_out(pair, [step.word for step in explained.deciding])
    assert log_odds(taken) == pytest.approx(best)


def test_what_decides_is_said_by_the_model_and_not_by_the_sum():
    explained = explain_pair(PAIR, SharedWords())
    for count, step in enumerate(explained.deciding, start=1):
        rest = removed(PAIR, [(each.word.side, each.word.span) for each in explained.deciding[:count]])
        assert step.probability == pytest.approx(1 / (1 + math.exp(-log_odds(rest))))
        assert step.same == (log_odds(rest) >= 0)
    assert explained.deciding[-1].probability < explained.probability


def test_words_whose_loss_raises_decide_that_a_pair_is_different():
    explained = explain_pair(("bees make honey", "bees on roads sleep"), SharedWords())
    assert explained.same is False
    assert explained.deciding[-1].probability > explained.probability
    assert all(explained.surface(step.word) != "bees" for step in explained.deciding)


def test_an_unsure_pair_is_explained_as_one_that_is_not_yet_the_same():
    def predict(pairs):
        said = SharedWords()(pairs)
        return Predictions(said.similarity, said.probability, said.probability >= 0.999, said.probability >= 0.001)

    explained = explain_pair(PAIR, predict)
    assert (explained.same, explained.verdict) == (False, "unsure")
    assert explained.deciding[-1].probability >= explained.probability
    assert {step["verdict"] for step in explained.to_json()["deciding"]} <= {"yes", "no", "unsure"}


@pytest.mark.parametrize(("scale", "carried"), [(1, True), (-1, False)])
def test_it_is_said_where_no_few_words_carry_the_decision(scale, carried):
    def predict(pairs):
        # Two texts that share no word differ; without any of its words the left one differs more, or less.
        z = np.array([scale * (3.0 - len(a.split())) - 1.0 for a, _ in pairs])
        return Predictions(z.astype(np.float32), 1 / (1 + np.exp(-z)), z >= 0)

    explained = explain_pair(("one two three", "four"), predict)
    assert explained.same is False and explained.carried is carried
    assert explained.to_json()["carried"] is carried
    assert ("no few words carry this decision" in as_html(explained)) is not carried


def test_steps_that_lead_back_are_not_kept():
    def predict(pairs):
        # Without one word the sides are further apart, without two they are level again: no two words could tell.
        z = np.array([{5: 2.0, 4: 0.5}.get(len(a.split()), 2.0) for a, _ in pairs])
        return Predictions(z.astype(np.float32), 1 / (1 + np.exp(-z)), z >= 0)

    explained = explain_pair(("a b c d e", "f g h i j"), predict)
    assert len(explained.deciding) == 1


def test_no_more_words_are_shown_than_nearly_all_of_the_move_needs():
    def predict(pairs):
        worth = {"key": 5.0, "some": 1.0, "faint": 0.2}
        z = np.array([sum(worth.get(word, 0) for word in left.split()) - 3 for left, _ in pairs])
        return Predictions(z.astype(np.float32), 1 / (1 + np.exp(-z)), z >= 0)

    pair = ("key some faint " + "a " * 20, "b")
    # The probability falls from 0.961 to 0.142, 0.057, 0.047: with "some" 0.904 of the 0.914 are done.
    assert [step.word.span for step in explain_pair(pair, predict).deciding] == [Span(0, 3), Span(4, 8)]


def test_all_variants_are_scored_in_one_call_and_made_of_few_texts():
    predict = SharedWords()
    explain_pair(PAIR, predict)
    grid, steps = predict.calls
    assert grid[0] == PAIR
    assert len(grid) == 7 * 7
    assert len({side for pair in grid for side in pair}) == 6 + 6 + 2
    assert len(steps) <= deciding_limit(12)


def test_near_certainty_the_log_odds_still_tell_words_apart():
    explained = explain_pair(PAIR, SharedWords(scale=20))
    assert explained.probability > 0.9999
    shared = [word.contribution for word in explained.words[0] if word.contribution > 0]
    assert min(shared) > 5
    assert max(word.change for word in explained.words[0]) < 0.2


def test_without_a_probability_the_similarity_is_explained():
    explained = explain_pair(PAIR, similarity_alone)
    assert explained.unit == "similarity"
    assert explained.probability is None and explained.same is None
    assert all(word.change is None for word in explained.strongest)
    assert explained.deciding[-1].similarity < explained.similarity
    assert "similarity" in as_html(explained)


@pytest.mark.parametrize("pair", [("...", "!?"), ("...", "one word"), ("", "\N{SLIGHTLY SMILING FACE}")])
def test_texts_without_words_have_nothing_to_leave_out(pair):
    explained = explain_pair(pair, SharedWords(), word_vectors=lambda _, spans: np.ones((len(spans), 2), np.float32))
    assert len(explained.strongest) == sum(len(text.words(side)) for side in pair)
    assert explained.links == ()
    assert as_html(explained)


def test_long_texts_are_left_out_in_runs_of_words():
    words = [f"word{number}" for number in range(150)]
    predict = SharedWords()
    explained = explain_pair((" ".join(words), "word1 word2"), predict)
    assert explained.run == (3, 1)
    assert [explained.surface(word).split() for word in explained.words[0]] == [
        words[at : at + 3] for at in range(0, 150, 3)
    ]
    assert len(predict.calls[0]) == 51 * 3


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_spans_are_the_words_of_the_texts(left, right):
    explained = explain_pair((left, right), SharedWords())
    for side, whole in enumerate((left, right)):
        assert [word.span for word in explained.words[side]] == [word.span for word in text.words(whole)]
        assert [text.words(explained.surface(word))[0].form for word in explained.words[side]] == [
            word.form for word in text.words(whole)
        ]


@settings(deadline=None)
@given(TEXTS, st.data())
def test_what_is_left_is_all_but_the_spans_and_white_space(whole, data):
    spans = [word.span for word in text.words(whole)]
    gone = data.draw(st.lists(st.sampled_from(spans), unique=True)) if spans else []
    inside = {place for span in gone for place in range(span.start, span.end)}
    kept = "".join(letter for place, letter in enumerate(whole) if place not in inside)
    assert "".join(without(whole, gone).split()) == "".join(kept.split())
    assert without(whole, []) == whole


def test_links_join_words_that_are_each_others_nearest():
    rng = np.random.default_rng(0)
    for _ in range(20):
        cosines = rng.uniform(-1, 1, size=(4, 5)).astype(np.float32)
        by_hand = [
            (i, j)
            for i in range(4)
            for j in range(5)
            if cosines[i, j] == cosines[i].max() == cosines[:, j].max() and cosines[i, j] >= 0.3
        ]
        assert [(link.left, link.right) for link in align(cosines, least=0.3)] == by_hand
    assert align(np.zeros((0, 3), np.float32)) == ()


def test_words_align_by_the_vectors_that_they_get():
    asked = []

    def word_vectors(whole, spans):
        asked.append((whole, list(spans)))
        return np.float32([[1, 0] if whole[span.start : span.end] == "cat" else [-1, 5] for span in spans])

    explained = explain_pair(("the cat", "cat sleeps"), SharedWords(), word_vectors=word_vectors)
    assert asked == [("the cat", [Span(0, 3), Span(4, 7)]), ("cat sleeps", [Span(0, 3), Span(4, 10)])]
    assert explained.links == (Link(0, 1, 1.0), Link(1, 0, 1.0))
    assert explained.cosines.shape == (2, 2)


def test_everything_is_in_the_json():
    explained = explain_pair(PAIR, SharedWords(), word_vectors=lambda _, spans: np.eye(len(spans), 6, dtype=np.float32))
    values = json.loads(json.dumps(explained.to_json()))
    assert len(values["words"]) == 12 and len(values["links"]) == 6 and np.shape(values["cosines"]) == (6, 6)
    for word in (
        *values["words"],
        *values["deciding"],
        *(link[end] for link in values["links"] for end in link if end != "cosine"),
    ):
        assert PAIR[word["side"] - 1][word["start"] : word["end"]] == word["text"]
