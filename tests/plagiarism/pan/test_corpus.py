"""A corpus of the competition's format is read as it stands, and detections are written in it."""

import pytest

from siamese_text.errors import BadData, MissingInput
from siamese_text.plagiarism.pan.corpus import (
    PanPair,
    halves,
    read_documents,
    read_pairs,
    read_truth,
    write_detections,
)
from siamese_text.plagiarism.pan.measures import Reuse
from siamese_text.records import Span

TRUTH = """<document  reference="a.txt">
<feature name="about" authors="somebody" language="en" />
<feature name="plagiarism" obfuscation="none" this_offset="20" this_length="100" type="artificial"
  source_reference="x.txt" source_offset="10" source_length="90" />
<feature name="plagiarism" this_offset="0" this_length="5" />
</document>"""


@pytest.fixture
def corpus(tmp_path):
    for folder in ("susp", "src", "01-no-plagiarism", "02-no-obfuscation"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pairs").write_text("a.txt x.txt\nb.txt y.txt\n\n")
    (tmp_path / "01-no-plagiarism" / "pairs").write_text("b.txt y.txt\n")
    (tmp_path / "01-no-plagiarism" / "b-y.xml").write_text('<document reference="b.txt" />')
    (tmp_path / "02-no-obfuscation" / "pairs").write_text("a.txt x.txt\n")
    (tmp_path / "02-no-obfuscation" / "a-x.xml").write_text(TRUTH)
    for name in ("susp/a", "susp/b", "src/x", "src/y"):
        (tmp_path / f"{name}.txt").write_bytes(f"Où est {name}?\r\n".encode())
    return tmp_path


def test_pairs_have_the_kind_of_the_folder_that_lists_them(corpus):
    pairs = read_pairs(corpus)
    assert pairs == [PanPair("a.txt", "x.txt", "02-no-obfuscation"), PanPair("b.txt", "y.txt", "01-no-plagiarism")]


def test_documents_are_read_to_the_code_point(corpus):
    texts = {document.name: document.text for document in read_documents(corpus, read_pairs(corpus))}
    assert list(texts) == ["a.txt", "b.txt", "x.txt", "y.txt"]
    assert texts["a.txt"] == "Où est susp/a?\r\n"


def test_only_planted_passages_with_a_source_are_cases(corpus):
    assert read_truth(corpus, read_pairs(corpus)) == [Reuse("a.txt", Span(20, 120), "x.txt", Span(10, 100))]


def test_what_is_written_can_be_read_as_truth(corpus):
    pairs = read_pairs(corpus)
    reuse = Reuse("b.txt", Span(3, 9), "y.txt", Span(0, 7))
    write_detections(corpus / "01-no-plagiarism", pairs[1:], [reuse])
    assert 'name="detected-plagiarism"' in (corpus / "01-no-plagiarism" / "b-y.xml").read_text(encoding="utf-8")
    assert read_truth(corpus, pairs[1:]) == [reuse]
    write_detections(corpus / "found", pairs, [])
    assert sorted(file.name for file in (corpus / "found").iterdir()) == ["a-x.xml", "b-y.xml"]


def test_what_is_missing_or_broken_is_named(corpus):
    with pytest.raises(MissingInput, match="pairs was not found"):
        read_pairs(corpus / "susp")
    (corpus / "02-no-obfuscation" / "a-x.xml").write_text("<document")
    with pytest.raises(BadData, match=r"a-x\.xml is not in the competition's format"):
        read_truth(corpus, read_pairs(corpus))
    (corpus / "src" / "x.txt").write_bytes(b"\xff")
    with pytest.raises(BadData, match=r"x\.txt is not UTF-8"):
        read_documents(corpus, read_pairs(corpus))
    (corpus / "pairs").write_text("a.txt\n")
    with pytest.raises(BadData, match=r"line 'a\.txt'"):
        read_pairs(corpus)


def test_no_document_is_in_both_halves_and_both_have_all_kinds():
    pairs = [PanPair(f"a{i // 3}", f"x{i}", f"0{i % 2}-kind") for i in range(60)]
    pairs += [PanPair("a0", "x59", "00-kind"), PanPair("b", "y", "00-kind")]
    first, second = halves(pairs)
    assert sorted([*first, *second], key=pairs.index) == pairs
    for side in ("document", "source"):
        assert not {getattr(pair, side) for pair in first} & {getattr(pair, side) for pair in second}
    assert abs(len(first) - len(second)) <= 3
    assert {pair.kind for pair in first} == {pair.kind for pair in second}
