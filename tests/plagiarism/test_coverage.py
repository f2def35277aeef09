"""Coverage, counted by hand in characters that are no white space."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text import text
from siamese_text.plagiarism.coverage import coverage, document_findings, pair_findings
from siamese_text.plagiarism.finding.document_words import DocumentWords, Vocabulary
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.findings import Evidence, Match
from siamese_text.records import Document, Passage, Span


def prepared(name, whole, *excluded):
    vectors = np.zeros((0, 2), dtype=np.float32)
    windows = np.zeros((0, 2), dtype=np.int64)
    words = DocumentWords(Vocabulary(), text.words(whole))
    rows = np.zeros(0, dtype=np.int64)
    return Prepared(Document(name, whole), words, (0,), tuple(excluded), (), vectors, rows, windows)


def match(left, right, evidence=Evidence.IDENTICAL):
    """A match of the whole first words of two documents: (document, number of characters) each."""
    passages = (Passage(one.document.name, 0, end, one.document.text[:end]) for one, end in (left, right))
    return Match(*passages, evidence, 1.0, 1.0)


def test_white_space_and_excluded_spans_do_not_count():
    document = prepared("a", "ab cd \n ef gh", Span(8, 10))  # "ef" is excluded: six characters are left
    assert coverage(document, [Span(0, 5)]) == pytest.approx(4 / 6)
    assert coverage(document, [Span(8, 13)]) == pytest.approx(2 / 6)
    assert coverage(document, [Span(0, 4), Span(3, 5)]) == pytest.approx(4 / 6)
    assert coverage(prepared("b", " \n "), [Span(0, 3)]) == 0


@given(st.text("ab \n", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_a_share_is_never_below_nothing_or_above_all(whole, ends):
    spans = [Span(*sorted((min(one, len(whole)), min(other, len(whole))))) for one, other in ends]
    spans = [span for span in spans if len(span)]
    assert 0 <= coverage(prepared("a", whole), spans) <= 1
    assert coverage(prepared("a", whole), [*spans, Span(0, len(whole))]) == bool(whole.strip())


def test_pairs_are_ranked_by_coverage_and_then_by_their_longest_match():
    long, short, other = prepared("long", "abcd efgh"), prepared("short", "abcd"), prepared("other", "abcd ef")
    documents = {one.document.name: one for one in (long, short, other)}
    matches = [match((long, 4), (other, 4)), match((long, 4), (short, 4)), match((other, 7), (short, 4))]
    pairs = pair_findings(matches, documents)
    assert [(pair.left, pair.right) for pair in pairs] == [("other", "short"), ("long", "short"), ("long", "other")]
    assert (pairs[2].left_coverage, pairs[2].right_coverage) == (pytest.approx(4 / 8), pytest.approx(4 / 6))


def test_what_several_matches_cover_counts_once_and_as_its_surest_evidence():
    one, two, three = prepared("one", "abcd efgh"), prepared("two", "abcd"), prepared("three", "abcd efgh")
    documents = {each.document.name: each for each in (one, two, three)}
    matches = [match((one, 4), (two, 4), Evidence.EDITED), match((one, 9), (three, 9), Evidence.PARAPHRASE)]
    findings = {each.name: each for each in document_findings(pair_findings(matches, documents), documents.values())}
    found = findings["one"]
    assert found.coverage == 1
    assert found.coverage_by_evidence == {
        Evidence.IDENTICAL: 0,
        Evidence.EDITED: pytest.approx(0.5),
        Evidence.PARAPHRASE: pytest.approx(0.5),
    }
    assert (found.longest, found.partner, found.words) == (2, "three", 2)
