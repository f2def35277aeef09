"""The sample documents and the list of passages planted in them."""

from __future__ import annotations

import difflib
import importlib.util
import io
import itertools
import json
import re
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from siamese_text.records import Document
from siamese_text.text import read_folder

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "data" / "documents"
TRUTH: dict[str, Any] = json.loads((ROOT / "data" / "truth.json").read_text(encoding="utf-8"))
QUERIES = (ROOT / "data" / "faq_queries.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.name: document for document in read_folder(DOCUMENTS)}


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_documents", ROOT / "recipes" / "build_documents.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def planted(documents: dict[str, Document], group: str, kind: str) -> list[tuple[str, str]]:
    """Both sides of every row of one kind, cut out of the texts by their offsets, white space folded."""

    def cut(side: dict[str, Any]) -> str:
        return " ".join(documents[side["document"]].text[side["start"] : side["end"]].split())

    return [(cut(row["left"]), cut(row["right"])) for row in TRUTH[group] if row["kind"] == kind]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def shared_in_order(left: str, right: str) -> float:
    return difflib.SequenceMatcher(None, words(left), words(right), autojunk=False).ratio()


def shared_vocabulary(left: str, right: str) -> float:
    ours, theirs = set(words(left)), set(words(right))
    return len(ours & theirs) / len(ours | theirs)


def test_every_document_can_be_read_and_has_the_length_of_a_short_essay(documents: dict[str, Document]) -> None:
    assert len(documents) >= 16
    assert [document.problem for document in documents.values() if document.problem] == []
    lengths = {name: len(document.text.split()) for name, document in documents.items()}
    assert {name: length for name, length in lengths.items() if not 250 <= length <= 600} == {}


def test_all_five_formats_are_there_at_least_twice(documents: dict[str, Document]) -> None:
    formats = Counter(document.format for document in documents.values())
    assert formats.keys() == {"txt", "md", "html", "docx", "pdf"}
    assert min(formats.values()) >= 2


def test_passages_of_all_three_kinds_cross_formats(documents: dict[str, Document]) -> None:
    assert TRUTH["format"] == 1
    assert Counter(row["kind"] for row in TRUTH["passages"]) == {"verbatim": 8, "edited": 7, "paraphrase": 7}
    formats = [
        (documents[row["left"]["document"]].format, documents[row["right"]["document"]].format)
        for row in TRUTH["passages"]
    ]
    assert all(left != right for left, right in formats)


@pytest.mark.parametrize("kind", ["verbatim", "edited", "paraphrase"])
def test_passages_are_whole_sentences_of_some_length(documents: dict[str, Document], kind: str) -> None:
    for text in itertools.chain.from_iterable(planted(documents, "passages", kind)):
        assert text[0].isupper() and text[-1] in ".?!"
        assert 2 <= len(re.findall(r"[.?!](?= |$)", text)) <= 5
        assert len(words(text)) >= 40


def test_verbatim_passages_differ_in_white_space_only(documents: dict[str, Document]) -> None:
    for left, right in planted(documents, "passages", "verbatim"):
        assert left == right


def test_edited_passages_share_most_words_but_not_all(documents: dict[str, Document]) -> None:
    for left, right in planted(documents, "passages", "edited"):
        assert 0.6 < shared_in_order(left, right) < 0.95


def test_paraphrased_passages_share_few_words(documents: dict[str, Document]) -> None:
    for left, right in planted(documents, "passages", "paraphrase"):
        assert shared_in_order(left, right) < 0.4
        assert shared_vocabulary(left, right) < 0.3


def test_the_shared_quotation_stands_in_quotation_marks_beside_its_author(documents: dict[str, Document]) -> None:
    (row,) = (row for row in TRUTH["quotations"] if row["kind"] == "quotation")
    for side in (row["left"], row["right"]):
        text = documents[side["document"]].text
        assert text[side["start"] - 1] in '"“' and text[side["end"]] in '"”'
        assert "Ottoline Farrowgate" in " ".join(text[: side["start"]].split())
    ((left, right),) = planted(documents, "quotations", "quotation")
    assert left == right


def test_shared_references_stand_below_the_heading_of_the_bibliography(documents: dict[str, Document]) -> None:
    rows = [row for row in TRUTH["quotations"] if row["kind"] == "reference"]
    assert len(rows) == 3
    for side in itertools.chain.from_iterable((row["left"], row["right"]) for row in rows):
        heading = re.search(r"^(## )?References$", documents[side["document"]].text, re.MULTILINE)
        assert heading is not None and heading.end() < side["start"]
    assert all(left == right for left, right in planted(documents, "quotations", "reference"))


def test_innocent_documents_stand_in_no_passage(documents: dict[str, Document]) -> None:
    guilty = {row[side]["document"] for row in TRUTH["passages"] for side in ("left", "right")}
    assert len(TRUTH["innocent"]) >= 6
    assert guilty.isdisjoint(TRUTH["innocent"])
    assert guilty | set(TRUTH["innocent"]) == documents.keys()


def test_no_run_of_seven_words_is_shared_outside_the_truth(documents: dict[str, Document]) -> None:
    holders: dict[tuple[str, ...], set[str]] = {}
    for name, document in documents.items():
        text = document.text
        sides = (row[side] for row in TRUTH["passages"] + TRUTH["quotations"] for side in ("left", "right"))
        # From the end, so that blanking one passage leaves the offsets of those before it.
        for side in sorted((s for s in sides if s["document"] == name), key=lambda s: -s["start"]):
            text = text[: side["start"]] + "\0" + text[side["end"] :]
        for piece in text.split("\0"):
            run = words(piece)
            for start in range(len(run) - 6):
                holders.setdefault(tuple(run[start : start + 7]), set()).add(name)
    assert {run: names for run, names in holders.items() if len(names) > 1} == {}


def test_rebuilding_gives_the_same_texts_and_the_same_truth(
    documents: dict[str, Document], builder: ModuleType, tmp_path: Path
) -> None:
    copy = tmp_path / "documents"
    shutil.copytree(DOCUMENTS, copy, ignore=shutil.ignore_patterns("*.docx", "*.pdf"))
    builder.build(copy, tmp_path / "truth.json")
    assert {document.name: document for document in read_folder(copy)} == documents
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == TRUTH


def test_built_files_hold_no_time_of_day(builder: ModuleType) -> None:
    content = [(1, "On kites"), (0, "A kite flies because it leans on the wind & the wind leans back.")]
    with zipfile.ZipFile(io.BytesIO(builder.write_docx(content))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {builder.WRITTEN.timetuple()[:6]}
    dates = re.findall(rb"Date \(D:(\d{14})", builder.write_pdf(content))
    assert dates and set(dates) == {b"20000101000000"}


@pytest.mark.parametrize("text", ["nothing of the kind", "twice over, and twice over"])
def test_a_passage_that_does_not_stand_exactly_once_is_refused(builder: ModuleType, text: str) -> None:
    with pytest.raises(builder.PassageNotFound, match=r"a\.md: found [02] times"):
        builder.find("twice over", text, "a.md")


def test_every_query_names_a_heading_that_stands_once_in_its_file() -> None:
    queries = [json.loads(line) for line in QUERIES]
    assert len({query["query"] for query in queries}) == 25
    for query in queries:
        headings = (ROOT / "data" / "faq" / query["document"]).read_text(encoding="utf-8").splitlines()
        assert headings.count(f"## {query['heading']}") == 1


def test_queries_are_not_worded_like_their_headings() -> None:
    for query in map(json.loads, QUERIES):
        assert shared_vocabulary(query["query"], query["heading"]) < 0.5, query
