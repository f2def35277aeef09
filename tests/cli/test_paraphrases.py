"""``paraphrases``: all pairs that two plain loops find, groups around their centres, and bad input."""

import csv
import json
from itertools import pairwise

import numpy as np
import pytest

from siamese_text import Scorer, cluster_texts, find_paraphrases
from siamese_text.errors import UsageError

WORDS = ["ship", "train", "noon", "harbour", "leaves", "waits", "rain", "film"]
TEXTS = [f"The {one} {other} at noon." for one in WORDS for other in WORDS[:4]]


@pytest.fixture
def scorer(trained):
    return Scorer.load(trained)


@pytest.fixture
def table(tmp_path):
    rows = "".join(f"t{number},{text}\n" for number, text in enumerate(TEXTS))
    (tmp_path / "texts.csv").write_text(f"id,text\n{rows}")
    return "texts.csv"


def by_hand(scorer, least):
    vectors = scorer.encoder.encode(TEXTS).astype(float)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = {(one, other): units[one] @ units[other] for other in range(len(TEXTS)) for one in range(other)}
    return {pair: cosine for pair, cosine in cosines.items() if cosine >= least}


def test_the_pairs_are_those_of_two_plain_loops_with_the_decision_of_each(scorer):
    least = 0.99
    expected = by_hand(scorer, least)
    assert 5 < len(expected) < 400
    found = find_paraphrases(TEXTS, cosine=least, model=scorer)
    assert {(pair.one, pair.other): pair.cosine for pair in found} == pytest.approx(expected, abs=1e-5)
    assert all(later.cosine <= earlier.cosine for earlier, later in pairwise(found))
    said = scorer.predict([(TEXTS[pair.one], TEXTS[pair.other]) for pair in found])
    assert [pair.verdict for pair in found] == said.verdicts
    assert [pair.probability for pair in found] == pytest.approx(said.probability.tolist(), abs=1e-4)


def test_every_text_of_a_group_is_near_to_its_centre(scorer):
    least = 0.99
    near = by_hand(scorer, least)
    centres = cluster_texts(TEXTS, cosine=least, model=scorer)
    assert len(set(centres)) < len(TEXTS)
    for place, centre in enumerate(centres):
        assert centres[centre] == centre
        assert place == centre or (min(place, centre), max(place, centre)) in near
    joined = set(centres)
    assert not [pair for pair in near if set(pair) <= joined]  # no two centres could have been one group


def test_pairs_and_groups_are_written(good_command, table, trained, tmp_path, scorer):
    expected = by_hand(scorer, 0.99)
    options = ("--cosine", "0.99", "--model", trained, "--no-cache")
    out, said = good_command("paraphrases", table, "-o", "pairs.csv", *options, "--json")
    assert json.loads(out)["pairs"] == len(expected)
    assert said.startswith(f"wrote pairs.csv: {len(expected)} pairs of {len(TEXTS)} texts; the decision says yes to ")
    with (tmp_path / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(int(row["id1"][1:]), int(row["id2"][1:])) for row in rows} == set(expected)
    assert {row["text1"] for row in rows} <= set(TEXTS)
    assert {row["verdict"] for row in rows} <= {"yes", "no", "unsure"}
    _, said = good_command("paraphrases", table, "-o", "groups.jsonl", "--groups", *options)
    groups = [json.loads(line) for line in (tmp_path / "groups.jsonl").read_text().splitlines()]
    assert [row["id"] for row in groups] == [f"t{number}" for number in range(len(TEXTS))]
    assert f"{len(TEXTS)} texts, " in said
    assert all(row["cosine"] >= 0.99 for row in groups)


def test_without_a_pair_and_without_a_decision_it_is_said(good_command, table, tiny_sentence_model, tmp_path):
    options = ("--model", tiny_sentence_model, "--no-cache")
    _, said = good_command("paraphrases", table, "-o", "none.csv", "--cosine", "1", *options)
    assert said.startswith("wrote none.csv: 0 pairs")
    assert (tmp_path / "none.csv").read_text().startswith("id1,id2,text1,text2,cosine")
    good_command("paraphrases", table, "-o", "some.jsonl", "--cosine", "0.9", *options)
    assert json.loads((tmp_path / "some.jsonl").read_text().splitlines()[0])["verdict"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("texts.csv", "-o", "out.txt"), 2, "ending '.txt'; texts are written as .jsonl, .csv, .tsv"),
        (("texts.csv", "-o", "texts.csv"), 2, "texts.csv exists"),
        (("texts.csv", "-o", "out.csv", "--cosine", "0"), 2, "cosine is 0; give a number above 0"),
        (("texts.csv", "-o", "out.csv", "--column", "year"), 2, "has no column 'year'"),
        (("gone.csv", "-o", "out.csv"), 2, "gone.csv does not exist"),
        (("empty.txt", "-o", "out.csv"), 4, "empty.txt holds no text"),
    ],
)
def test_bad_input_is_one_line(command, table, tiny_sentence_model, tmp_path, arguments, code, words):
    (tmp_path / "empty.txt").write_text("\n\n")
    done, out, lines = command("paraphrases", *arguments, "--model", tiny_sentence_model)
    assert (done, out, len(lines)) == (code, "", 1), lines
    assert words in lines[0]


def test_what_cannot_be_compared_is_refused(scorer, monkeypatch):
    assert find_paraphrases([], model=scorer) == []
    assert find_paraphrases(["One."], model=scorer) == []
    with pytest.raises(UsageError, match="text 1 is empty"):
        find_paraphrases(["One.", " "], model=scorer)
    monkeypatch.setattr("siamese_text.api.paraphrases.MOST", 3)
    with pytest.raises(UsageError, match=r"more than 3 pairs have a cosine of 0\.5 or more; give a larger one"):
        find_paraphrases(TEXTS, cosine=0.5, model=scorer)
