"""Pairs from anywhere to what a model says of them."""

import io
import json
import sys

import numpy as np
import pytest

from siamese_text import MissingInput, NothingToDo, Pair, UsageError, score_pairs

PAIRS = [("a cat", "a dog"), ("a bird", "a bird")]


def test_pairs_files_and_standard_input_give_the_same(scorer, tmp_path, monkeypatch):
    given = score_pairs(PAIRS, model=scorer)
    (tmp_path / "pairs.csv").write_text("left,sentence2\na cat,a dog\na bird,a bird\n,empty\n")
    from_file = score_pairs(tmp_path / "pairs.csv", model=scorer, columns={"left": "sentence1"})
    monkeypatch.setattr(sys, "stdin", io.StringIO("a cat\ta dog\na bird\ta bird\n"))
    from_stdin = score_pairs("-", model=scorer)
    assert [given.dropped, from_file.dropped, from_stdin.dropped] == [0, 1, 0]
    for other in (from_file, from_stdin):
        np.testing.assert_array_equal(other.predictions.similarity, given.predictions.similarity)


def test_rows_hold_none_where_a_model_gives_none(scorer, model):
    [(pair, similarity, probability, same), _] = score_pairs(PAIRS, model=scorer).rows
    assert (pair, probability, same) == (Pair("a cat", "a dog"), None, None)
    assert isinstance(similarity, float)
    [(_, _, probability, same), _] = score_pairs(PAIRS, model=model).rows
    assert 0 < probability < 1 and isinstance(same, bool)


def test_the_threshold_says_where_it_comes_from_or_why_there_is_none(scorer, model):
    assert "has no fitted decision" in score_pairs(PAIRS, model=scorer).threshold
    assert "fitted on sample/validation" in score_pairs(PAIRS, model=model).threshold


def test_a_page_includes_the_explanations(scorer, tmp_path):
    scored = score_pairs(PAIRS[:1], model=scorer, page=tmp_path / "why.html")
    [explanation] = scored.explanations
    assert explanation.sides == PAIRS[0]
    assert scored.model in (tmp_path / "why.html").read_text(encoding="utf-8")
    [row] = scored.to_json()["pairs"]
    assert row["explanation"] == explanation.to_json()


def test_what_cannot_be_scored_is_refused(scorer, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="a text is empty"):
        score_pairs([("a cat", " ")], model=scorer)
    with pytest.raises(NothingToDo, match="no pairs"):
        score_pairs([], model=scorer)
    with pytest.raises(MissingInput):
        score_pairs(tmp_path / "missing.csv", model=scorer)
    monkeypatch.setattr(sys, "stdin", io.StringIO("one text alone\n"))
    with pytest.raises(NothingToDo, match="none of the 1 lines"):
        score_pairs("-", model=scorer)


def test_rows_and_ids_come_back_as_values_that_json_takes(scorer, model, tmp_path):
    (tmp_path / "pairs.csv").write_text("id,sentence1,sentence2\nk1,a cat,a dog\nk2,,empty\nk3,a bird,a bird\n")
    for name in (scorer, model):
        scored = score_pairs(tmp_path / "pairs.csv", model=name)
        rows = json.loads(json.dumps(scored.to_json()))["pairs"]
        assert [(row["row"], row["id"]) for row in rows] == [(1, "k1"), (3, "k3")]
    assert isinstance(rows[0]["same"], bool)
    assert json.loads(json.dumps(scored.predictions.to_dicts()))[0] == scored.predictions.to_dicts()[0]
    assert "id" not in score_pairs(PAIRS, model=scorer).to_json()["pairs"][0]


def test_tables_in_memory_are_scored_as_files_are(scorer):
    import pandas as pd

    frame = pd.DataFrame([*PAIRS, (None, "left out")], columns=["sentence1", "sentence2"])
    scored = score_pairs(frame, model=scorer)
    assert ([pair.sides for pair in scored.pairs], scored.dropped, scored.row_numbers) == (PAIRS, 1, (1, 2))
    assert score_pairs((pair for pair in PAIRS), model=scorer).pairs == scored.pairs
