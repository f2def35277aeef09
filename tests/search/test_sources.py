"""Sources: which documents they give, what is known of each, and what tells a change."""

import gzip
import json
import os

import pytest

from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.search.sources import PLACES, known_at, text_sources


def read(path, **options):
    """The name, text and metadata of each document of a path."""
    [source] = text_sources([path], **options)
    found = [item.read() for item in source.items()]
    return [(document.name, document.text, dict(known)) for document, known in found]


def digests(path, **options):
    [source] = text_sources([path], **options)
    return {item.name: item.digest for item in source.items()}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "notes" / "old").mkdir(parents=True)
    (tmp_path / "notes" / "a.md").write_text("# Bees and *birds*\n\nThey fly.")
    (tmp_path / "notes" / "old" / "b.txt").write_text("It rained all day long and nobody went out.")
    for path in (tmp_path / "notes" / "a.md", tmp_path / "notes" / "old" / "b.txt"):
        os.utime(path, (86400 * 365, 86400 * 365))  # 1971
    return tmp_path / "notes"


def test_files_tell_their_path_kind_day_and_title(folder):
    (first, _, known), (second, _, other) = read(folder, metadata={"course": "biology"})
    assert (first, second) == ("a.md", "old/b.txt")
    assert known.pop("title").startswith("Bees and")
    assert known == {"path": "a.md", "kind": "md", "date": "1971-01-01", "course": "biology"}
    assert "title" not in other


def test_a_passage_knows_the_page_in_which_it_begins(tmp_path):
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    page = canvas.Canvas(str(tmp_path / "report.pdf"))
    for name in ("bees", "herons", "pears"):
        page.drawString(72, 700, f"All that is known of {name} stands on this page and on no other one.")
        page.showPage()
    page.save()
    [(_, text, known)] = read(tmp_path / "report.pdf")
    for number, name in enumerate(("bees", "herons", "pears"), start=1):
        found = known_at(known, text.index(f"All that is known of {name}"))
        assert (found["kind"], found["place"], found["page"]) == ("pdf", f"page {number}", number)
        assert PLACES not in found
    assert known_at({"page": "mine", PLACES: [[0, "page 1"]]}, 5)["page"] == "mine"
    assert known_at({PLACES: [[0, "fields of page 1"]]}, 5) == {"place": "fields of page 1"}
    assert known_at({"year": 1}, 5) == {"year": 1}


def test_what_a_format_marks_as_a_heading_is_the_title(tmp_path):
    (tmp_path / "a.html").write_text("<p>By nobody.</p><h1>Bees  and birds</h1><p>They fly all day long.</p>")
    assert read(tmp_path / "a.html")[0][2]["title"] == "Bees and birds"


def test_names_tell_sources_apart_where_there_are_several(folder, tmp_path):
    sources = text_sources([folder, folder / "a.md"])
    assert [item.name for source in sources for item in source.items()] == [
        f"{folder.as_posix()}/a.md",
        f"{folder.as_posix()}/old/b.txt",
        (folder / "a.md").as_posix(),
    ]
    assert [item.name for item in text_sources([folder / "a.md"])[0].items()] == ["a.md"]


def test_a_digest_tells_content_suffix_and_metadata_but_no_times(folder):
    before = digests(folder)
    os.utime(folder / "a.md")
    assert digests(folder) == before
    assert digests(folder, metadata={"year": 2020})["a.md"] != before["a.md"]
    (folder / "a.md").write_text("They swim.")
    assert {name for name, digest in digests(folder).items() if digest != before[name]} == {"a.md"}


def test_an_index_in_its_own_folder_is_no_document(folder):
    (folder / "idx").mkdir()
    (folder / "idx" / "index.json").touch()
    assert "idx/index.json" in digests(folder)
    (folder / "idx" / "passages.sqlite").touch()
    assert digests(folder).keys() == {"a.md", "old/b.txt"}


def test_what_cannot_be_hashed_is_read_each_time(folder):
    (folder / "link.txt").symlink_to(folder / "a.md")
    assert digests(folder)["link.txt"] is None
    [problem] = [
        document for document, _ in (item.read() for item in text_sources([folder])[0].items()) if document.problem
    ]
    assert "symbolic link" in problem.problem


def test_each_line_is_a_text_of_its_own_if_asked(tmp_path):
    (tmp_path / "faq.txt").write_bytes("\ufeffTea or milk?\r\n\n  Both.\n".encode())
    assert read(tmp_path / "faq.txt", lines=True) == [
        ("faq.txt:1", "Tea or milk?", {"line": 1}),
        ("faq.txt:3", "Both.", {"line": 3}),
    ]
    assert len(read(tmp_path / "faq.txt")) == 1
    (tmp_path / "faq.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadData, match=r"line 1 of .*faq\.txt is not UTF-8"):
        read(tmp_path / "faq.txt", lines=True)


def test_rows_of_csv_have_names_and_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("id,text,year,code\nx,It rained.,2020,007\ny,It snowed.,,1.5\n")
    assert read(tmp_path / "a.csv") == [
        ("x", "It rained.", {"row": 1, "year": 2020, "code": "007"}),
        ("y", "It snowed.", {"row": 2, "code": 1.5}),
    ]
    assert [name for name, *_ in read(tmp_path / "a.csv", id_column="code")] == ["007", "1.5"]
    assert [text for _, text, _ in read(tmp_path / "a.csv", column="code")] == ["007", "1.5"]


def test_rows_of_json_lines_and_parquet_keep_their_types(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    rows = [{"body": "It rained.", "n": 1, "tags": ["a"]}, {"body": "It snowed.", "n": None, "tags": ["b", "c"]}]
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    write_table(pa.Table.from_pylist(rows), tmp_path / "b.parquet")
    for name in ("a.jsonl.gz", "b.parquet"):
        assert read(tmp_path / name) == [
            (f"{name}:1", "It rained.", {"row": 1, "n": 1, "tags": ["a"]}),
            (f"{name}:2", "It snowed.", {"row": 2, "tags": ["b", "c"]}),
        ]


def test_what_cannot_be_a_source_is_refused(folder, tmp_path):
    (tmp_path / "a.csv").write_text("left,right\nIt rained.,It snowed.\n")
    (tmp_path / "b.csv").write_text("id,text\n,It rained.\n")
    for path, options, error, words in (
        (tmp_path / "gone", {}, MissingInput, "does not exist; give files or folders"),
        (folder, {"lines": True}, UsageError, "is a folder and has no lines"),
        (folder, {"column": "text"}, UsageError, "has no columns to take 'text' from"),
        (tmp_path / "a.csv", {}, BadData, "the columns left, right; say which one holds the texts: --column NAME"),
        (tmp_path / "a.csv", {"id_column": "key"}, BadData, "has no column 'key'; its columns: left, right"),
        (tmp_path / "b.csv", {}, BadData, "row 1 of .* has no id; give each row one"),
    ):
        with pytest.raises(error, match=words):
            read(path, **options)
