"""What people said of passages, read again by the next run."""

import json

import pytest

from siamese_text.errors import BadData, MissingInput
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import Review
from siamese_text.plagiarism.verdicts import read_verdicts
from siamese_text.records import Document
from tests.plagiarism.test_check import COPIED, document

ONE = "0123456789abcdef"


def test_of_several_verdicts_on_a_passage_the_last_one_holds(tmp_path):
    file = tmp_path / "verdicts.jsonl"
    rows = [
        {"fingerprint": ONE, "verdict": "confirmed"},
        {"fingerprint": ONE[::-1], "verdict": "dismissed", "note": "the task", "left": "a.txt", "right": "b.txt"},
        {"fingerprint": ONE, "verdict": "dismissed"},
    ]
    file.write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert read_verdicts(file) == (
        Review(ONE[::-1], "dismissed", "the task", "a.txt", "b.txt"),
        Review(ONE, "dismissed"),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("confirmed", "line 1 is no JSON"),
        ("[]", "the fingerprint is None"),
        (json.dumps({"fingerprint": "12", "verdict": "confirmed"}), "the fingerprint is '12'"),
        (json.dumps({"fingerprint": ONE, "verdict": "guilty"}), "'guilty'; give confirmed or dismissed"),
    ],
)
def test_a_line_that_says_something_else_is_named(tmp_path, line, said):
    (tmp_path / "verdicts.jsonl").write_text(line)
    with pytest.raises(BadData, match=said):
        read_verdicts(tmp_path / "verdicts.jsonl")
    with pytest.raises(MissingInput, match="was not found"):
        read_verdicts(tmp_path / "none.jsonl")


def test_what_was_dismissed_is_listed_and_does_not_count_whatever_the_files_are_called_now(encoder):
    (pair,) = check_documents([document("a.txt", COPIED), document("b.txt", COPIED)], encoder).pairs
    (match,) = pair.matches
    again = [Document("z.txt", document("a.txt", COPIED).text), Document("b.txt", document("b.txt", COPIED).text)]
    dismissed = Review(match.fingerprint, "dismissed", "set by me")
    findings = check_documents(again, encoder, verdicts=[dismissed])
    assert findings.pairs == ()
    assert [one.coverage for one in findings.documents] == [0, 0]
    (listed,) = findings.dismissed
    assert (listed.review, listed.counts) == (dismissed, False)
    assert findings.verdicts == (dismissed,)


def test_what_was_confirmed_counts_and_is_marked(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", COPIED)]
    (pair,) = check_documents(documents, encoder).pairs
    confirmed = Review(pair.matches[0].fingerprint, "confirmed")
    findings = check_documents(documents, encoder, verdicts=[confirmed])
    assert findings.pairs[0].matches[0].review == confirmed
    assert findings.pairs[0].left_coverage == pair.left_coverage
    assert findings.dismissed == ()
