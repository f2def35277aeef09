"""Listed pairs are checked and measured: copies are found where they stand, other pairs share nothing."""

import random

import pytest

from siamese_text.errors import NothingToDo
from siamese_text.plagiarism.pan.corpus import PanPair
from siamese_text.plagiarism.pan.measures import Reuse
from siamese_text.plagiarism.pan.run import detect, measure
from siamese_text.records import Document, Span


def prose(seed, sentences):
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(14 * sentences)]
    return " ".join(" ".join(words[at : at + 14]).capitalize() + "." for at in range(0, len(words), 14))


COPIED = prose(0, 5)
DOCUMENTS = [
    Document("a.txt", f"{prose(1, 9)} {COPIED} {prose(2, 9)}"),
    Document("b.txt", prose(3, 20)),
    Document("x.txt", f"{prose(4, 7)} {COPIED} {prose(5, 12)}"),
    Document("y.txt", prose(6, 20)),
]
PAIRS = [PanPair("a.txt", "x.txt", "02-copied"), PanPair("b.txt", "y.txt", "01-clean")]


def place(name):
    text = next(document.text for document in DOCUMENTS if document.name == name)
    return Span(text.index(COPIED), text.index(COPIED) + len(COPIED))


def test_a_copy_is_found_to_the_character_and_progress_counts_sentences_and_pairs(encoder):
    stages, calls = [], []
    found = detect(DOCUMENTS, PAIRS, encoder, stage=stages.append, progress=lambda *counts: calls.append(counts))
    assert found == [Reuse("a.txt", place("a.txt"), "x.txt", place("x.txt"))]
    assert stages == ["finding sentences", "embedding sentences", "comparing words", "comparing pairs"]
    assert calls[-1] == (3, 3)  # the two pairs, and one of the suspicious documents with each other


def test_only_listed_pairs_are_compared(encoder):
    assert detect(DOCUMENTS, [PanPair("b.txt", "x.txt"), PanPair("a.txt", "y.txt")], encoder) == []


def test_no_pairs_are_nothing_to_do(encoder):
    with pytest.raises(NothingToDo, match="lists no pairs"):
        detect([], [], encoder)


def test_measures_are_by_kind_and_for_all():
    case = Reuse("a.txt", Span(0, 100), "x.txt", Span(0, 100))
    rows = measure(PAIRS, [case], [Reuse("a.txt", Span(0, 50), "x.txt", Span(0, 50))])
    assert [(row.kind, row.pairs, row.cases, row.detections) for row in rows] == [
        ("01-clean", 1, 0, 0),
        ("02-copied", 1, 1, 1),
        ("all", 2, 1, 1),
    ]
    assert [row.macro.recall for row in rows] == [1.0, 0.5, 0.5]
    assert rows[0].macro.plagdet == 1.0
