"""Folders whose writers knew nothing of the check: what its defaults find there, and what they invent."""

import json
from collections import Counter
from pathlib import Path

import pytest

from siamese_text import check_folder
from siamese_text.bundled import bundled
from siamese_text.records import Span
from siamese_text.text import read_file

HERE = Path(__file__).parent


def place(side, folder):
    """The document and characters of one side of a planted passage; the truth gives its offsets or its words."""
    if "start" in side:
        return side["document"], Span(side["start"], side["end"])
    text = read_file(folder / side["document"]).text
    assert text.count(side["text"]) == 1
    start = text.index(side["text"])
    return side["document"], Span(start, start + len(side["text"]))


def found(passage, folder, findings):
    """Whether one match covers at least half of both sides."""
    planted = dict([place(passage["left"], folder), place(passage["right"], folder)])
    return any(
        {match.left.document, match.right.document} == set(planted)
        and all(
            each.span.overlap(planted[each.document]) >= len(planted[each.document]) / 2
            for each in (match.left, match.right)
        )
        for pair in findings.pairs
        for match in pair.matches
    )


def check(folder, truth):
    """Check a folder; returns how many passages of each kind were found and planted, and the false matches."""
    truth = json.loads(truth.read_text(encoding="utf-8"))
    findings = check_folder(folder)
    planted = Counter(passage["kind"] for passage in truth["passages"])
    hits = Counter(passage["kind"] for passage in truth["passages"] if found(passage, folder, findings))
    pairs = {frozenset((p["left"]["document"], p["right"]["document"])) for p in truth["passages"]}
    false = [pair for pair in findings.pairs if frozenset((pair.left, pair.right)) not in pairs]
    innocent = [pair for pair in findings.pairs if {pair.left, pair.right} & set(truth["innocent"])]
    assert not innocent
    assert len(findings.quotations) >= len(truth["quotations"])
    return hits, planted, false


@pytest.mark.weights
def test_every_passage_of_the_bundled_folder_is_found_and_no_other():
    hits, planted, false = check(bundled("data", "documents"), bundled("data", "truth.json"))
    assert hits == planted
    assert false == []


@pytest.mark.weights
def test_a_folder_written_blind_gives_19_of_its_20_passages_and_no_other():
    hits, planted, false = check(HERE / "blind", HERE / "blind.json")
    assert hits.total() >= 0.95 * planted.total()
    assert false == []


@pytest.mark.weights
def test_heavy_retelling_is_found_less_often_but_copies_always():
    """Passages retold with hardly a word in common are near what two essays on one topic have by chance."""
    hits, planted, false = check(HERE / "retold", HERE / "retold.json")
    assert hits["verbatim"] == planted["verbatim"]
    assert hits["edited"] == planted["edited"]
    assert false == []
