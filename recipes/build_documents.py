"""Build the sample documents that no editor writes directly, and the list of passages planted in all of them.

    python recipes/build_documents.py

Reads recipes/documents_source: ``NAME.docx.md`` and ``NAME.pdf.md`` are the texts of data/documents/NAME.docx and
NAME.pdf; passages.json holds the exact words of both sides of every planted passage. Writes those documents and
data/truth.json, where each side has become offsets into the text that siamese-text reads from the file.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from siamese_text.atomic import atomic_file
from siamese_text.text import read_file

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "recipes" / "documents_source"
DOCUMENTS = ROOT / "data" / "documents"
TRUTH = ROOT / "data" / "truth.json"
# Whoever builds gets the same bytes: neither format may take up the time of day.
WRITTEN = datetime.datetime(2025, 1, 1)

Block = tuple[int, str]  # the level of a heading, or 0 for a paragraph; its text


class PassageNotFound(ValueError):
    """A side of a planted passage does not stand exactly once in its document."""


def build(documents: Path = DOCUMENTS, truth: Path = TRUTH) -> None:
    """Write the docx and pdf documents, then locate every planted passage in the folder.

    Args:
        documents: The folder that holds the documents in the other formats.
        truth: The JSON file to write.

    Raises:
        PassageNotFound: passages.json and a document no longer agree.
    """
    for source in sorted(SOURCE.glob("*.md")):
        target = documents / source.stem
        write = {".docx": write_docx, ".pdf": write_pdf}[target.suffix]
        with atomic_file(target) as draft:
            draft.write_bytes(write(list(blocks(source.read_text(encoding="utf-8")))))
    planted = json.loads((SOURCE / "passages.json").read_text(encoding="utf-8"))
    with atomic_file(truth) as draft:
        draft.write_text(json.dumps(locate(planted, documents), indent=2) + "\n", encoding="utf-8")


def blocks(source: str) -> Iterator[Block]:
    """Split Markdown that holds nothing but headings and paragraphs."""
    for block in re.split(r"\n\s*\n", source.strip()):
        mark = re.match(r"#*", block)
        level = len(mark[0]) if mark else 0
        yield level, " ".join(block[level:].split())


def write_docx(content: Sequence[Block]) -> bytes:
    """Return the bytes of a Word document."""
    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.comments = ""
    properties.created = properties.modified = WRITTEN
    for level, text in content:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return _without_clock(stream)


def _without_clock(archive: io.BytesIO) -> bytes:
    """Copy a zip archive with one fixed date in place of each entry's own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_pdf(content: Sequence[Block]) -> bytes:
    """Return the bytes of a PDF on A4 paper, which is reportlab's own choice."""
    styles = getSampleStyleSheet()
    body = styles["BodyText"].clone("Body", fontName="Times-Roman", fontSize=12, leading=17, spaceAfter=8)
    flow: list[Flowable] = [
        Paragraph(escape(text), styles[f"Heading{level}"] if level else body) for level, text in content
    ]
    stream = io.BytesIO()
    template = SimpleDocTemplate(stream, title=content[0][1], invariant=1)
    template.build(flow)
    return stream.getvalue()


def locate(planted: dict[str, list[dict[str, Any]]], documents: Path) -> dict[str, Any]:
    """Turn the words of every side into offsets.

    Args:
        planted: ``passages`` and ``quotations``, each a list of kind, left and right; a side is document and text.
        documents: The folder to read.

    Returns:
        What truth.json holds; ``innocent`` are the documents that share no counted passage with any other one.
    """
    texts = {path.name: read_file(path).text for path in sorted(documents.iterdir())}

    def located(side: dict[str, str]) -> dict[str, str | int]:
        name = side["document"]
        start, end = find(side["text"], texts[name], name)
        return {"document": name, "start": start, "end": end}

    rows = {
        group: [
            {"kind": row["kind"], "left": located(row["left"]), "right": located(row["right"])}
            for row in planted[group]
        ]
        for group in ("passages", "quotations")
    }
    involved = {row[side]["document"] for row in planted["passages"] for side in ("left", "right")}
    return {"format": 1, **rows, "innocent": [name for name in texts if name not in involved]}


def find(passage: str, text: str, name: str) -> tuple[int, int]:
    """Find the one place where a passage stands in a text, whatever white space lies between its words.

    Returns:
        Start and end in code points.

    Raises:
        PassageNotFound: It stands there never or more than once.
    """
    places = list(re.finditer(r"\s+".join(map(re.escape, passage.split())), text))
    if len(places) != 1:
        raise PassageNotFound(f"{name}: found {len(places)} times, must be once: {passage[:60]!r}...")
    return places[0].span()


if __name__ == "__main__":
    build()
    print(f"wrote {DOCUMENTS} and {TRUTH}")
