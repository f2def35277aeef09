"""Placed lines become paragraphs: a PDF holds nothing else, and where a paragraph ends must be told from places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_ENDS_SENTENCE = re.compile(r"[.!?…:][\"'”’»)\]]*$")
# Shares of the usual gap, of the column's width and of a line's height that tell one paragraph from two.
_WIDE_GAP = 1.25
_SHORT_LINE, _VERY_SHORT_LINE = 0.1, 0.4
_INDENT = 0.8
_SAME_LINE = 0.5
_EDGE_LINES = 2  # at the top and at the bottom of a page, where running heads and page numbers stand
_SAME_PLACE = 4.0  # points
_APART = 2.0  # heights of a line
# What tells two columns that were painted row by row: lines on either side, how much of its column one fills and with
# how many words, how many may cross the gutter, and how often the painter goes from left to right.
_FEWEST_IN_COLUMN, _FILLED, _WORDS, _CROSSING, _ROW_BY_ROW = 5, 0.7, 4, 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, in points from the lower left corner; ``hyphen``: a word may go on in the next line."""

    text: str
    left: float
    right: float
    bottom: float
    height: float
    hyphen: bool


def without_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Drop running heads and page numbers: they would stand in the middle of sentences.

    Such a line stands at the edge of more than half of the pages, numbers aside: of two of them at the same height, or
    of three at any.

    Args:
        pages: The lines of each page.

    Returns:
        The same without them; all lines where nothing else would be left.
    """
    edges = [_edge_lines(lines) for lines in pages]
    texts = Counter(text for lines in edges for text in {_pattern(line) for line in lines})
    places = Counter(place for lines in edges for place in {(_pattern(line), _height(line)) for line in lines})

    def is_furniture(line: Line) -> bool:
        text, place = texts[_pattern(line)], places[_pattern(line), _height(line)]
        return max(text, place) > len(pages) / 2 and (text >= 3 or place >= 2)

    kept = [
        [line for line in lines if line not in edge or not is_furniture(line)]
        for lines, edge in zip(pages, edges, strict=True)
    ]
    return kept if any(kept) else list(pages)


def _edge_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page that stand apart at its top and bottom, and numbers that stand there."""
    ordered = sorted(lines, key=lambda line: -line.bottom)
    return _apart(ordered) + _apart(ordered[::-1])


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Return those of the outermost lines that a wide gap parts from the next one, or that hold no letters."""
    for place, (line, following) in enumerate(pairwise(lines[: _EDGE_LINES + 1]), start=1):
        if abs(_gap(line, following)) > _APART:
            return list(lines[:place])
    return [line for line in lines[:_EDGE_LINES] if not any(map(str.isalpha, line.text))]


def _pattern(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _height(line: Line) -> int:
    return round(line.bottom / _SAME_PLACE)


def in_reading_order(pieces: Sequence[Line]) -> list[Line]:
    """Order the pieces of a page's lines, of which a wide gap parts those of one line.

    Where two columns were painted row by row, the left one comes first, between lines that go across. Otherwise the
    order is the painter's, and the pieces of a line belong together, as cells of a table do.

    Args:
        pieces: The pieces in the painter's order.

    Returns:
        Whole lines.
    """
    gutter = _gutter(pieces)
    if gutter is None:
        return _joined(pieces)
    ordered: list[Line] = []
    columns: tuple[list[Line], list[Line]] = ([], [])
    for piece in sorted(pieces, key=lambda piece: -piece.bottom):
        if piece.left < gutter < piece.right:
            ordered += [*columns[0], *columns[1], piece]
            columns = ([], [])
        else:
            columns[piece.left > gutter].append(piece)
    return [*ordered, *columns[0], *columns[1]]


def _gutter(pieces: Sequence[Line]) -> float | None:
    """Find the middle between two columns of prose that were painted row by row; None where there are none."""
    starts = sorted(piece.left for piece in pieces)
    wide = [(right - left, right) for left, right in pairwise(starts)]
    if not wide:
        return None
    gutter = max(wide)[1] - 1.0  # just before the left edge that is farthest from its neighbour
    sides = [[p for p in pieces if p.right <= gutter], [p for p in pieces if p.left >= gutter]]
    if min(map(len, sides)) < _FEWEST_IN_COLUMN or sum(map(len, sides)) < (1 - _CROSSING) * len(pieces):
        return None
    for side in sides:
        width = max(p.right for p in side) - min(p.left for p in side)
        filled = median(p.right - p.left for p in side) >= _FILLED * width
        if not filled or median(len(p.text.split()) for p in side) < _WORDS:
            return None
    turns = sum(one.right <= gutter <= other.left for one, other in pairwise(pieces))
    return gutter if turns >= _ROW_BY_ROW * min(map(len, sides)) else None


def _joined(pieces: Sequence[Line]) -> list[Line]:
    """Join the pieces of one line again."""
    lines: list[Line] = []
    for piece in pieces:
        before = lines[-1] if lines else None
        if before and not before.hyphen and abs(_gap(before, piece)) < _SAME_LINE and piece.left >= before.right:
            text = f"{before.text} {piece.text}"
            lines[-1] = replace(before, text=text, right=piece.right, hyphen=piece.hyphen)
        else:
            lines.append(piece)
    return lines


def join_paragraphs(pages: Sequence[Sequence[Line]]) -> tuple[str, list[int]]:
    """Join the lines of all pages, each with the separator that its place asks for.

    Args:
        pages: The lines of each page in their order.

    Returns:
        The paragraphs, with blank lines between them, and where in this text each page begins.
    """
    columns = [(number, column) for number, lines in enumerate(pages) for column in _columns(lines)]
    gaps = sorted(gap for _, column in columns for gap in map(_gap, column, column[1:]) if gap > _SAME_LINE)
    # The lower quartile: where paragraphs are short, the gaps between them are as common as those inside.
    usual_gap = gaps[len(gaps) // 4] if gaps else 1.0
    pieces: list[str] = []
    starts: dict[int, int] = {}
    length = 0
    previous: Line | None = None
    for number, column in columns:
        edges = min(line.left for line in column), max(line.right for line in column)
        for place, line in enumerate(column):
            if previous is not None:
                inside = place > 0
                ends = _ends_paragraph(previous, line, edges, usual_gap) if inside else not _goes_on(previous, line)
                pieces.append("\n\n" if ends else _joint(previous, line))
                length += len(pieces[-1])
            starts.setdefault(number, length)
            pieces.append(line.text)
            length += len(line.text)
            previous = line
    for number in reversed(range(len(pages))):  # an empty page begins where the next one does
        starts.setdefault(number, starts.get(number + 1, length))
    return "".join(pieces), [starts[number] for number in range(len(pages))]


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Split the lines of a page where the text jumps upwards."""
    column: list[Line] = []
    for line in lines:
        if column and _gap(column[-1], line) < -_SAME_LINE:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _gap(upper: Line, lower: Line) -> float:
    """Measure how far a line stands below another one, in heights of that line."""
    return (upper.bottom - lower.bottom) / max(lower.height, 1.0)


def _ends_paragraph(line: Line, following: Line, edges: tuple[float, float], usual_gap: float) -> bool:
    """Tell whether a paragraph ends with ``line``, by the gap below it, the room right of it and the next indent."""
    left, right = edges
    gap, room = _gap(line, following), (right - line.right) / max(right - left, 1.0)
    if line.hyphen or gap < _SAME_LINE:
        return False
    if gap > _WIDE_GAP * usual_gap or room > _VERY_SHORT_LINE:
        return True
    indented = following.left - left > _INDENT * following.height
    return _ENDS_SENTENCE.search(line.text) is not None and (indented or room > _SHORT_LINE)


def _goes_on(line: Line, following: Line) -> bool:
    """Tell whether a sentence crosses from one page or column to the next."""
    return line.hyphen or (not _ENDS_SENTENCE.search(line.text) and following.text[0].islower())


def _joint(line: Line, following: Line) -> str:
    if not line.hyphen:
        return " "
    return "" if following.text[0].islower() else "-"
