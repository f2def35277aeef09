"""What of a PDF page its reader cannot see: white, tiny, unpainted or covered letters, and those off the page."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from siamese_text.text.formats.pieces import SMALLEST, is_white

_Box = tuple[float, float, float, float]
_Matrix = tuple[float, float, float, float, float, float]
_WHITE, _TINY = "in white letters", "in letters too small to read"
_OUTSIDE, _UNPAINTED = "outside of the page", "in letters that are not painted"
_COVERED = "below what is painted over them"
_MOST_NESTED = 8  # forms within forms
_IN_PLACE: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_STRAIGHT = 1e-6  # of a matrix that turns by quarters at most, what is nothing
_MOST_OF_LETTER = 0.8  # of its box: a line through it covers less


@dataclass(frozen=True, slots=True)
class _Painted:
    """An object of a page, in the order of painting.

    Attributes:
        item: pdfium's own.
        kind: Likewise.
        box: Where it is on the page; None for nothing to see.
        matrix: From the form that it stands in to the page.
        faint: Whether that form lets through what lies below.
    """

    item: Any
    kind: int
    box: _Box | None
    matrix: _Matrix
    faint: bool

    @property
    def address(self) -> int:
        """What names it among the objects of its page."""
        return ctypes.addressof(self.item.contents)


def hidden_objects(page: Any, textpage: Any) -> Iterator[tuple[str, list[int]]]:
    """Find what of a page's text is kept from who looks at it.

    White letters count where nothing is painted below them; letters that are not painted do where no picture is, since
    the text layer of a scan is made of such; and letters over which a filled rectangle is painted later.

    Args:
        page: A page of pypdfium2.
        textpage: Its text page.

    Yields:
        How the characters are hidden, and their places in the text page.
    """
    from pypdfium2 import raw

    count = raw.FPDFPage_CountObjects(page)
    objects = list(_flat([raw.FPDFPage_GetObject(page, at) for at in range(count)], _IN_PLACE))
    painted = [
        one.box
        for one in objects
        if one.kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}
        or (one.kind == raw.FPDF_PAGEOBJ_PATH and not is_white(_color(one.item)))
    ]
    pictured = any(one.kind == raw.FPDF_PAGEOBJ_IMAGE for one in objects)
    paper = page.get_bbox()
    suspects: dict[int, str | list[_Box]] = {}
    covers: list[_Box] = []  # painted later than the object at hand
    for one in reversed(objects):
        if one.kind == raw.FPDF_PAGEOBJ_TEXT:
            over = [cover for cover in covers if one.box and _touches(one.box, cover)]
            if how := _how_hidden(one, paper, painted, pictured=pictured) or over:
                suspects[one.address] = how
        elif cover := _cover(one):
            covers.append(cover)
    if not suspects:
        return
    found: dict[str, list[int]] = defaultdict(list)
    for index in range(textpage.count_chars()):
        item = raw.FPDFText_GetTextObject(textpage, index)
        reason = suspects.get(ctypes.addressof(item.contents)) if item else None
        if isinstance(reason, list):
            reason = _COVERED if _is_below(textpage.get_charbox(index), reason) else None
        if reason:
            found[reason].append(index)
    yield from found.items()


def _flat(items: Sequence[Any], matrix: _Matrix, *, faint: bool = False, depth: int = 0) -> Iterator[_Painted]:
    """Yield objects in the order of painting, those of a form in its place."""
    from pypdfium2 import raw

    for item in items:
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MOST_NESTED:
            inner = [raw.FPDFFormObj_GetObject(item, at) for at in range(raw.FPDFFormObj_CountObjects(item))]
            seen_through = faint or bool(raw.FPDFPageObj_HasTransparency(item))
            yield from _flat(inner, _product(_own_matrix(item), matrix), faint=seen_through, depth=depth + 1)
        else:
            yield _Painted(item, kind, _bounds(item, matrix), matrix, faint)


def _how_hidden(one: _Painted, paper: _Box, painted: list[_Box | None], *, pictured: bool) -> str | None:
    from pypdfium2 import raw

    if one.box is None:
        return None
    if not _touches(one.box, paper):
        return _OUTSIDE
    mode = raw.FPDFTextObj_GetTextRenderMode(one.item)
    if mode in {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP}:
        return None if pictured else _UNPAINTED
    if 0 < _size(one) < SMALLEST:
        return _TINY
    filled = mode in {raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP}
    below = any(_touches(one.box, other) for other in painted if other)
    return _WHITE if filled and is_white(_color(one.item)) and not below else None


def _cover(one: _Painted) -> _Box | None:
    """Return the part of the page that an object hides: a filled rectangle lets nothing through.

    A picture is no cover: scans lie over the text that was recognised in them.
    """
    from pypdfium2 import raw

    if one.kind != raw.FPDF_PAGEOBJ_PATH or one.box is None or one.faint or raw.FPDFPageObj_HasTransparency(one.item):
        return None
    fill, stroke, opacity = ctypes.c_int(), ctypes.c_int(), ctypes.c_uint()
    raw.FPDFPath_GetDrawMode(one.item, fill, stroke)
    known = raw.FPDFPageObj_GetFillColor(one.item, ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(), opacity)
    path = [raw.FPDFPath_GetPathSegment(one.item, at) for at in range(raw.FPDFPath_CountSegments(one.item))]
    a, b, c, d, _, _ = (abs(number) < _STRAIGHT for number in _product(_own_matrix(one.item), one.matrix))
    straight = (b and c) or (a and d)
    if not fill.value or not known or opacity.value < 0xFF or not straight or not _rectangle(path):
        return None
    clip = raw.FPDFPageObj_GetClipPath(one.item)
    return one.box if not clip or raw.FPDFClipPath_CountPaths(clip) <= 0 else _clipped(one, clip)


def _clipped(one: _Painted, clip: Any) -> _Box | None:
    """Return what rectangular clips leave of an object; None where one is of another shape."""
    from pypdfium2 import raw

    left, bottom, right, top = one.box or (0.0, 0.0, 0.0, 0.0)
    for path in range(raw.FPDFClipPath_CountPaths(clip)):
        count = raw.FPDFClipPath_CountPathSegments(clip, path)
        edges = _rectangle([raw.FPDFClipPath_GetPathSegment(clip, path, at) for at in range(count)])
        if edges is None:
            return None
        edges = _moved(edges, one.matrix)
        left, bottom = max(left, edges[0]), max(bottom, edges[1])
        right, top = min(right, edges[2]), min(top, edges[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def _rectangle(segments: Sequence[Any]) -> _Box | None:
    """Return the edges of a path of four straight sides at right angles to the axes; None for any other."""
    from pypdfium2 import raw

    corners = set()
    for segment in segments:
        x, y = ctypes.c_float(), ctypes.c_float()
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_BEZIERTO:
            return None
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        corners.add((round(x.value, 2), round(y.value, 2)))
    columns, rows = {x for x, _ in corners}, {y for _, y in corners}
    if len(corners) != 4 or len(columns) != 2 or len(rows) != 2:
        return None
    return min(columns), min(rows), max(columns), max(rows)


def _is_below(letter: _Box, covers: Sequence[_Box]) -> bool:
    area = (letter[2] - letter[0]) * (letter[3] - letter[1])
    return any(_shared(letter, cover) >= _MOST_OF_LETTER * area > 0 for cover in covers)


def _size(one: _Painted) -> float:
    """Return the size of the letters on the page in points."""
    from pypdfium2 import raw

    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(one.item, size)
    _, b, _, d, _, _ = _product(_own_matrix(one.item), one.matrix)
    return float(size.value * max(abs(d), abs(b)))


def _bounds(item: Any, matrix: _Matrix) -> _Box | None:
    from pypdfium2 import raw

    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *edges):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    return _moved((left, bottom, right, top), matrix)


def _own_matrix(item: Any) -> _Matrix:
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, matrix):
        return _IN_PLACE
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _product(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _moved(box: _Box, matrix: _Matrix) -> _Box:
    """Return the edges of a box after a change of coordinates."""
    a, b, c, d, e, f = matrix
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    return *map(min, zip(*corners, strict=True)), *map(max, zip(*corners, strict=True))


def _color(item: Any) -> str:
    """Return the color that an object has on white paper, as six hexadecimal digits."""
    from pypdfium2 import raw

    channels = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(item, *channels):
        return "000000"
    *colors, opacity = (channel.value for channel in channels)
    return "".join(f"{round(0xFF - (0xFF - color) * opacity / 0xFF):02x}" for color in colors)


def _touches(one: _Box, other: _Box) -> bool:
    """Tell whether two boxes meet; that of letters without an embedded font has no height."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _shared(one: _Box, other: _Box) -> float:
    """Return the area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0
