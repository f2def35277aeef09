"""LaTeX becomes the text that it sets, by pylatexenc; formulas stay as they are written."""

from __future__ import annotations

import re

from siamese_text.text.decoding import decode, encoding_notes
from siamese_text.text.reading import Draft, Reading

_PREAMBLE = re.compile(r"\A.*?\\begin\s*\{document\}", re.DOTALL)
_END = re.compile(r"\\end\s*\{document\}.*\Z", re.DOTALL)
_HEADING = re.compile(
    r"\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|title)\*?\s*(?:\[[^\]]*\])?\s*"
    r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
)
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%")
_MARK = "\ue000"  # stands before a heading for as long as commands are taken off
_QUOTE = re.compile(r"\\begin\{(quote|quotation)\}(.*?)\\end\{\1\}", re.DOTALL)


def read_tex(data: bytes, encoding: str | None = None) -> Reading:
    """Read the text of a LaTeX file between the beginning and the end of its document.

    Comments and commands are left out, other files are not read, and quotations stand in quotation marks.

    Args:
        data: The whole file.
        encoding: What a person said that it is in.

    Returns:
        The paragraphs, with blank lines between them.

    Raises:
        Unreadable: No encoding gives text.
    """
    from pylatexenc.latex2text import LatexNodes2Text

    text, used = decode(data, given=encoding)
    source = _END.sub("", _PREAMBLE.sub("", text))
    source = _QUOTE.sub(lambda found: f"\n\n``{found[2].strip()}''\n\n", source)
    source = _HEADING.sub(_apart, source.replace(_MARK, ""))
    plain = LatexNodes2Text(math_mode="verbatim", keep_comments=False).latex_to_text(source, tolerant_parsing=True)
    draft = Draft()
    for part in re.split(r"\n\s*\n", plain):
        paragraph = " ".join(part.split())
        draft.add(paragraph.removeprefix(_MARK), heading=paragraph.startswith(_MARK))
    draft.notes += encoding_notes(text, used, given=encoding)
    return draft.reading()


def _apart(found: re.Match[str]) -> str:
    """Make a heading a paragraph of its own; one in a comment stays there."""
    line = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    return found[0] if _COMMENT.search(line) else f"\n\n{_MARK}{found[1].strip()}\n\n"
