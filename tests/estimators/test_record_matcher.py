"""`RecordMatcher`: tables in memory, what is learned for other tables, and on disk."""

import numpy as np
import pytest
from sklearn.base import clone

from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.estimators.record_matcher import RecordMatcher

pytestmark = pytest.mark.filterwarnings("ignore:[0-9,]+ candidates are few")
LEFT = {
    "id": ["a", "b", "c"],
    "title": ["a card that was lost on the way", "the weather in the rain today", "send money"],
}
RIGHT = {"id": ["x", "y"], "title": ["the rain and weather today, in the north", "on the way a card was lost"]}


def test_no_model_is_loaded_where_no_column_holds_texts(words):
    matcher = RecordMatcher(words, on="name:short")
    found = matcher.fit_predict(({"name": ["anna berg", "tom ford"]}, {"name": ["tom fort", "anna borg"]}))
    assert words.asked == [] and set(found.matched_ids()) <= {("1", "2"), ("2", "1")}


def test_a_few_candidates_are_not_believed_and_said_to_be_few(words):
    """Two short names that only begin alike are no sure match in a table of two rows."""
    with pytest.warns(UserWarning, match="1 candidates are few to learn from without labels"):
        found = RecordMatcher(words, on="name:short").fit_predict([{"name": "tea"}, {"name": "tea pot"}])
    assert found.matched_ids() == [] and found.probability[0] < 0.3


def test_texts_are_encoded_once_unless_words_are_enough(words):
    found = RecordMatcher(words, on="title:text").fit_predict((LEFT, RIGHT))
    assert sorted(words.asked) == sorted(LEFT["title"] + RIGHT["title"])
    assert found.matched_ids() == [("a", "y"), ("b", "x")]
    RecordMatcher(words, on="title:text", by_words=True).fit((LEFT, RIGHT))
    assert len(words.asked) == 5


def test_one_table_is_compared_with_itself(words):
    rows = [{"name": name} for name in ("anna berg", "anna bergh", "tom ford", "carl xaver")]
    assert RecordMatcher(words).fit_predict(rows).matched_ids() == [("1", "2")]


@pytest.mark.parametrize("labels", [None, [("a", "y"), ("b", "y", 0)]], ids=["mixture", "regression"])
def test_what_was_learned_is_saved_and_serves_other_tables(words, tmp_path, labels):
    matcher = RecordMatcher(words, on="title:text").fit((LEFT, RIGHT), labels)
    first = matcher.predict((LEFT, RIGHT))
    matcher.save(tmp_path / "matcher")
    again = RecordMatcher.open(tmp_path / "matcher", model=words).predict((LEFT, RIGHT))
    assert np.array_equal(first.log_odds, again.log_odds)
    assert first.matched_ids() == [("a", "y"), ("b", "x")]
    assert (matcher.regression_ is None) == (labels is None)


def test_a_matcher_saved_before_there_was_a_threshold_has_none(words):
    matcher = RecordMatcher(words, on="title:text").fit((LEFT, RIGHT))
    del matcher.mixture_["threshold"]
    assert matcher.predict((LEFT, RIGHT)).mixture.threshold == 0


def test_what_two_tables_call_differently_is_compared(words):
    other = {"id": RIGHT["id"], "name": RIGHT["title"]}
    found = RecordMatcher(words, on="title=name:text").fit((LEFT, RIGHT | other)).predict((LEFT, other))
    assert found.matched_ids() == [("a", "y"), ("b", "x")]
    assert found.left.cells["title=name"] == LEFT["title"] and found.right.cells["title=name"] == RIGHT["title"]
    with pytest.raises(BadData, match="the second table has no column 'body'"):
        RecordMatcher(words, on="title=body").fit((LEFT, other))
    with pytest.raises(UsageError, match="names a column of either of two tables"):
        RecordMatcher(words, on="title=name").fit(LEFT)


def test_parameters_are_scikit_learns(words):
    matcher = RecordMatcher(words, on="title", one_to_one=True, neighbours=3)
    copied = clone(matcher)
    assert copied.get_params()["neighbours"] == 3 and copied.on == "title"


@pytest.mark.parametrize("wanted", [True, False])
def test_whether_rows_have_one_partner_may_be_said(words, wanted):
    found = RecordMatcher(words, one_to_one=wanted, by_words=True).fit_predict((LEFT, RIGHT))
    assert found.mixture.sides == (wanted, wanted)


@pytest.mark.parametrize(
    ("tables", "error", "message"),
    [
        ((["one text"],), UsageError, "first table is"),
        ((LEFT, RIGHT, LEFT), UsageError, "holds 3 tables"),
        ((LEFT, {"id": ["x"], "name": ["y"]}), BadData, "no column in common"),
        (({"title": ["one"]},), NothingToDo, "has one row"),
    ],
)
def test_what_is_no_pair_of_tables_is_refused(words, tables, error, message):
    with pytest.raises(error, match=message):
        RecordMatcher(words).fit(tables)


def test_neighbours_are_one_at_least(words):
    with pytest.raises(UsageError, match="neighbours is 0"):
        RecordMatcher(words, neighbours=0).fit((LEFT, RIGHT))


def test_one_to_one_is_of_two_tables(words):
    with pytest.raises(UsageError, match="one_to_one is of two tables"):
        RecordMatcher(words, one_to_one=True).fit(LEFT)
