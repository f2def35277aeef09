"""LaTeX becomes the text that it sets, by pylatexenc; formulas stay as they are written."""

from __future__ import annotations

import re

from siamese_text.text.decoding import decode, encoding_notes
from siamese_text.text.reading import Reading

_PREAMBLE = re.compile(r"\A.*?\\begin\s*\{document\}", re.DOTALL)
_END = re.compile(r"\\end\s*\{document\}.*\Z", re.DOTALL)
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
    plain = LatexNodes2Text(math_mode="verbatim", keep_comments=False).latex_to_text(source, tolerant_parsing=True)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", plain))
    joined = "\n\n".join(filter(None, paragraphs))
    return Reading(joined, notes=tuple(encoding_notes(text, used, given=encoding)))
