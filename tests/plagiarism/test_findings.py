"""What findings say of themselves."""

import hashlib

from siamese_text.plagiarism.findings import Evidence, Match, PairFinding
from siamese_text.records import Passage


def match(left, right):
    sides = (Passage(name, 0, len(words), words) for name, words in (("a", left), ("b", right)))
    return Match(*sides, Evidence.EDITED, 0.5, 0.9)


def test_evidence_is_listed_from_the_surest_to_the_weakest():
    assert list(Evidence) == ["identical", "edited", "paraphrase"]


def test_a_match_is_as_long_as_its_longer_side():
    assert match("one two\nthree", "one two").words == match("one two", "one  two three").words == 3


def test_a_pair_is_as_severe_as_its_more_covered_side():
    pair = PairFinding("a", "b", (match("one", "one two"), match("one two three", "one")), 0.2, 0.7)
    assert (pair.coverage, pair.longest) == (0.7, 3)
    assert PairFinding("a", "b", (), 0.2, 0.1).longest == 0


def test_a_fingerprint_names_two_passages_whatever_the_documents_the_sides_and_the_spelling():
    expected = hashlib.sha256(b"the kite flew\nwind carried it").hexdigest()[:16]
    assert match("The kite flew!", "Wind  carried\nit").fingerprint == expected
    assert match("wind carried it", "the KITE flew").fingerprint == expected
    assert match("the kite flew", "wind carried him").fingerprint != expected
