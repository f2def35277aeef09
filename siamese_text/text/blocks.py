"""The layout of a text: where one paragraph, list item or heading ends and the next begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from siamese_text.records import Span

_MARKED_HEADING = re.compile(r" {0,3}#{1,6}\s")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)]|[a-z]\))\s")
_HARD_BREAK = re.compile(r"\S(?: {2,}|\\)\n$")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*\s*$")
_LONGEST_HEADING_WORDS = 10
_LONGEST_HEADING = 80


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of whole lines that no sentence leaves; blank lines belong to the block before them."""

    span: Span
    heading: bool


def blocks(text: str) -> list[Block]:
    r"""Split a text at blank lines, headings, list items and hard breaks.

    A heading is marked as one in markdown, or it is a short line that does not end like a sentence and stands
    between blank lines or, after a finished sentence, above a line at least twice as long.

    Args:
        text: Any text.

    Returns:
        Blocks that tile the text; none for an empty one.

    Example:
        >>> [(block.span.end, block.heading) for block in blocks("# Amber\nIt floats.\n\nIt burns.")]
        [(8, True), (20, False), (29, False)]
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    headings = [
        _is_heading(line, before=before, after=after)
        for line, before, after in zip(lines, ["", *lines], [*lines[1:], ""], strict=False)
    ]
    found: list[Block] = []
    start = end = 0
    heading = shown = False  # of the block that began at start: whether it is a heading, whether it has any words
    for place, line in enumerate(lines):
        if shown and _is_border(lines, headings, place):
            found.append(Block(Span(start, end), heading))
            start, heading = end, False
        heading = heading or headings[place]
        shown = shown or not line.isspace()
        end += len(line)
    if lines:
        found.append(Block(Span(start, end), heading))
    return found


def _is_border(lines: list[str], headings: list[bool], place: int) -> bool:
    """Tell whether a line starts a block, where something stands above it."""
    line, above = lines[place], lines[place - 1]
    if not line.strip():
        return False
    if headings[place - 1] and _UNDERLINE.match(line):
        return False
    broken = not above.strip() or _HARD_BREAK.search(above) or _UNDERLINE.match(above)
    return bool(broken or headings[place - 1] or headings[place] or _ITEM.match(line))


def _is_heading(line: str, *, before: str, after: str) -> bool:
    if _MARKED_HEADING.match(line):
        return True
    shown = line.strip()
    if not shown[:1].isalnum() or shown[0].islower() or " | " in shown or _ENDS_SENTENCE.search(shown):
        return False
    if len(shown) > _LONGEST_HEADING or len(shown.split()) > _LONGEST_HEADING_WORDS:
        return False
    opens = not before.strip() or _ENDS_SENTENCE.search(before) or _MARKED_HEADING.match(before)
    closes = not after.strip() or _UNDERLINE.match(after) or len(after) > 2 * len(line)
    return bool(opens and closes)
