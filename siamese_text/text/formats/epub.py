"""Books (epub) become their chapters, in the order in which they are to be read."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.formats.archive import Archive
from siamese_text.text.formats.html import read_html
from siamese_text.text.reading import Draft, Reading, counted

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")


def read_epub(data: bytes) -> Reading:
    """Read the chapters of a book in the order of its spine.

    Args:
        data: The whole file.

    Returns:
        The text, with the chapters as its places.

    Raises:
        Unreadable: It is no epub, expands beyond all measure, or names no chapters.
    """
    archive = Archive(data, "epub")
    container = archive.xml(_CONTAINER)
    roots = [] if container is None else [one.get("full-path") for one in container.iter("{*}rootfile")]
    package = archive.xml(roots[0]) if roots and roots[0] else None
    if package is None:
        raise Unreadable("broken epub (no list of chapters); open it and save it anew")
    folder = posixpath.dirname(roots[0])
    items = {item.get("id"): item for item in package.iter("{*}item")}
    chapters = [items[one.get("idref")] for one in package.iter("{*}itemref") if one.get("idref") in items]
    draft, missing = Draft(), 0
    for number, chapter in enumerate(chapters, start=1):
        name = posixpath.normpath(posixpath.join(folder, unquote(chapter.get("href") or "")))
        page = archive.read(name) if chapter.get("media-type") in _PAGES else None
        if page is None:
            missing += 1
        else:
            draft.insert(read_html(page), place=f"chapter {number}")
    if missing:
        draft.notes.append(Note("unread", f"{counted(missing, 'chapter')} could not be read; read them yourself"))
    return draft.reading()
