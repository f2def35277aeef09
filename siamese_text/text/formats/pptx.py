"""Slides (pptx) become the paragraphs of their boxes and tables, each slide followed by its speaker's notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.formats.archive import Archive
from siamese_text.text.formats.pieces import collapse
from siamese_text.text.reading import Draft, Reading, counted, shown

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FURNITURE = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})
_TITLES = frozenset({"title", "ctrTitle"})


def read_pptx(data: bytes) -> Reading:
    """Read the text of slides: titles, boxes, tables and diagrams, then the speaker's notes of each.

    Args:
        data: The whole file.

    Returns:
        The paragraphs, with the slides as places; cells of a table row are separated by `` | ``. Comments are told in
        a note.

    Raises:
        Unreadable: It is no pptx, has a password, or expands beyond all measure.
    """
    archive = Archive(data, "pptx")
    main = next(iter(archive.parts("", "officeDocument")), "ppt/presentation.xml")
    presentation = archive.xml(main)
    if presentation is None:
        raise Unreadable("broken pptx (no slides inside); open it and save it anew")
    parts = {identifier: name for identifier, _, name in archive.related(main)}
    order = [slide.get(_RELATION) for slide in presentation.iter(_P + "sldId")]
    draft, comments = Draft(), list[str]()
    for number, slide in enumerate((parts[one] for one in order if one in parts), start=1):
        draft.place(f"slide {number}")
        _add_shapes(draft, archive.xml(slide))
        for diagram in archive.parts(slide, "diagramData"):
            for paragraph in archive.xml(diagram).iter(_A + "p"):
                draft.add(_paragraph(paragraph))
        for notes in archive.parts(slide, "notesSlide"):
            draft.place(f"notes of slide {number}")
            _add_shapes(draft, archive.xml(notes))
        for part in archive.parts(slide, "comments"):
            comments += ["".join(one.itertext()) for one in archive.xml(part).iter("{*}text", _A + "t")]
    if comments:
        what = counted(len(comments), "comment")
        draft.notes.append(Note("review", f"{what}, not part of the text", text=shown(comments)))
    return draft.reading()


def _add_shapes(draft: Draft, root: Any) -> None:
    for element in root.iter(_P + "sp", _A + "tr"):
        if element.tag == _A + "tr":
            cells = [" ".join(filter(None, map(_paragraph, cell.iter(_A + "p")))) for cell in element.iter(_A + "tc")]
            draft.add(" | ".join(filter(None, cells)))
            continue
        kinds = {holder.get("type") for holder in element.iter(_P + "ph")}
        if not kinds & _FURNITURE:
            for paragraph in element.iter(_A + "p"):
                draft.add(_paragraph(paragraph), heading=bool(kinds & _TITLES))


def _paragraph(paragraph: Any) -> str:
    return collapse(_pieces(paragraph))


def _pieces(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter(_A + "t", _A + "br"):
        yield "\n" if element.tag == _A + "br" else " ".join((element.text or "").split("\n"))
