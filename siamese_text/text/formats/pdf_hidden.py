"""Which characters of a PDF page its reader cannot see: white ones, tiny ones, those that are not painted or off it."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from siamese_text.text.formats.pieces import SMALLEST, is_white

_Box = tuple[float, float, float, float]
_WHITE, _TINY = "in white letters", "in letters too small to read"
_OUTSIDE, _UNPAINTED = "outside of the page", "in letters that are not painted"


def hidden_objects(page: Any, textpage: Any) -> Iterator[tuple[str, list[int]]]:
    """Find what of a page's text is kept from who looks at it.

    White letters count where nothing is painted below them; letters that are not painted do where no picture is, since
    the text layer of a scan is made of such.

    Args:
        page: A page of pypdfium2.
        textpage: Its text page.

    Yields:
        How the characters are hidden, and their places in the text page.
    """
    from pypdfium2 import raw

    objects = [raw.FPDFPage_GetObject(page, at) for at in range(raw.FPDFPage_CountObjects(page))]
    kinds = [raw.FPDFPageObj_GetType(one) for one in objects]
    painted = [
        _bounds(one)
        for one, kind in zip(objects, kinds, strict=True)
        if kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_FORM}
        or (kind == raw.FPDF_PAGEOBJ_PATH and not is_white(_color(one)))
    ]
    pictured = raw.FPDF_PAGEOBJ_IMAGE in kinds or raw.FPDF_PAGEOBJ_FORM in kinds
    paper, suspects = page.get_bbox(), {}
    for one, kind in zip(objects, kinds, strict=True):
        if kind == raw.FPDF_PAGEOBJ_TEXT and (how := _how_hidden(one, paper, painted, pictured=pictured)):
            suspects[ctypes.addressof(one.contents)] = how
    if not suspects:
        return
    found: dict[str, list[int]] = defaultdict(list)
    for index in range(textpage.count_chars()):
        one = raw.FPDFText_GetTextObject(textpage, index)
        if one and (how := suspects.get(ctypes.addressof(one.contents))):
            found[how].append(index)
    yield from found.items()


def _how_hidden(one: Any, paper: _Box, painted: list[_Box | None], *, pictured: bool) -> str | None:
    from pypdfium2 import raw

    box = _bounds(one)
    if box is None:
        return None
    if not _touches(box, paper):
        return _OUTSIDE
    mode = raw.FPDFTextObj_GetTextRenderMode(one)
    if mode in {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP}:
        return None if pictured else _UNPAINTED
    if 0 < _size(one) < SMALLEST:
        return _TINY
    filled = mode in {raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP}
    if filled and is_white(_color(one)) and not any(_touches(box, other) for other in painted if other):
        return _WHITE
    return None


def _size(one: Any) -> float:
    """Return the size of the letters on the page in points."""
    from pypdfium2 import raw

    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    raw.FPDFTextObj_GetFontSize(one, size)
    raw.FPDFPageObj_GetMatrix(one, matrix)
    return float(size.value * max(abs(matrix.d), abs(matrix.b)))


def _bounds(one: Any) -> _Box | None:
    from pypdfium2 import raw

    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(one, *edges):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top


def _color(one: Any) -> str:
    """Return the color that an object is filled with, as six hexadecimal digits; white where it is not painted."""
    from pypdfium2 import raw

    channels = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(one, *channels):
        return "000000"
    red, green, blue, opacity = (channel.value for channel in channels)
    return f"{red:02x}{green:02x}{blue:02x}" if opacity else "ffffff"


def _touches(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
