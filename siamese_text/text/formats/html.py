"""HTML becomes paragraphs: what a browser shows, one block a paragraph.

Quoted text is put in typographic quotation marks, because without its markup nothing else shows that somebody
else is speaking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from siamese_text.errors import Unreadable
from siamese_text.records import Note
from siamese_text.text.decoding import decode, encoding_notes
from siamese_text.text.formats.pieces import SMALLEST, Hidden, collapse, is_white, quote
from siamese_text.text.reading import Draft, Reading, counted, shown

# Not the head as a whole: the parser puts the first sections of a page without a body tag there.
_NO_TEXT = frozenset({"title", "script", "style", "noscript", "template", "iframe", "object", "svg"})
_FURNITURE = frozenset({"nav", "footer"})
_MARGINS = frozenset({"header", "footer"})  # titles by which office programs mark what they repeat on each page
_FEWEST_TOLD = 20  # words of furniture: a menu or an imprint of fewer is not worth a note
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Everything else is taken for a block: a word boundary too many does less harm than two words run together.
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "label", "mark", "noscript", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike",
    "strong", "style", "sub", "sup", "td", "template", "th", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_NOTE_MARK = re.compile(r"\s*[\[(]?(?:\d{1,3}|[ivxlc]{1,6}|[*†‡]{1,3})[\])]?\s*")
_DECLARED = re.compile(rb"(?:charset|encoding)=[\"']?([\w-]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_AT_BLOCK = re.compile(r"@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.DOTALL)
_SIMPLE_SELECTOR = re.compile(r"(?:[a-zA-Z][\w-]*)?(?:[.#][\w-]+)?")
_POINTS = {"pt": 1.0, "px": 0.75, "em": 12.0, "rem": 12.0, "%": 0.12}
_NOT_DISPLAYED, _WHITE, _TINY = "that a browser does not show", "in white letters", "in letters too small to read"
_DELETED = "deleted under review"


def read_html(data: bytes, encoding: str | None = None) -> Reading:
    """Read what a browser shows of a page, one block a paragraph, white space collapsed as a browser does it.

    Menus and footers are left out, and a long one is told, as hidden and deleted text is.

    Args:
        data: The whole file.
        encoding: What a person said that it is in.

    Returns:
        The blocks, with blank lines between them; cells of a table row are separated by `` | ``.

    Raises:
        Unreadable: No encoding gives text, or its elements are nested too deeply.
    """
    from lxml import etree, html

    declared = _DECLARED.search(data[:2048])
    name = declared[1].decode() if declared else None
    text, used = decode(data, given=encoding, declared=name)
    # The declaration was obeyed, and would now be a lie.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser) if text.strip() else None
    if parser.error_log.filter_from_fatals():  # the parser stops there without a word
        raise Unreadable("html nested too deeply to be read to its end; save it as txt")
    draft = Draft()
    if root is not None:
        page = _Page(root)
        for block, heading in page.blocks():
            draft.add(block, heading=heading)
        draft.notes += page.notes()
    draft.notes += encoding_notes(text, used, given=encoding, declared=name)
    return draft.reading()


class _Page:
    """One pass over the elements of a page."""

    def __init__(self, root: Any) -> None:
        from lxml import etree

        self._walk = etree.iterwalk(root, events=("start", "end"))
        self._rules = _style_rules(" ".join(style.text or "" for style in root.iter("style")))
        self._hidden, self._furniture = Hidden(), list[str]()
        self._painted = [False]  # for each open element whether it has a background, so that white letters are seen
        self._blocks = 0

    def blocks(self) -> Iterator[tuple[str, bool]]:
        """Yield the blocks and whether each is a heading."""
        pieces: list[str] = []
        quotes = 0
        for event, element in self._walk:
            tag, starts = element.tag, event == "start"
            if tag not in _INLINE:
                if block := collapse(pieces):
                    self._blocks += 1
                    yield quote(block) if quotes else block, not starts and tag in _HEADINGS
                pieces.clear()
            if tag == "blockquote":
                quotes += 1 if starts else -1
            elif tag == "q":
                pieces.append("“" if starts else "”")
            elif tag == "br" and starts:
                pieces.append("\n")
            elif tag in {"td", "th"} and starts and any(piece.strip() for piece in pieces):
                pieces.append(" | ")
            text = (self._opened(element) if starts else self._closed(element)) or ""
            pieces.append(re.sub(r"\s+", " ", text))

    def notes(self) -> list[Note]:
        """Say what was hidden and which long furniture was left out."""
        found = self._hidden.notes()
        words = len(" ".join(self._furniture).split())
        if words >= _FEWEST_TOLD:
            what = f"menus and footers of {counted(words, 'word')} were not read"
            found.append(Note("unread", f"{what}; read them yourself", text=shown(self._furniture)))
        return found

    def _opened(self, element: Any) -> str | None:
        """Return the text before the first child; all of a hidden element is put aside."""
        style = self._style(element)
        if _is_note_mark(element):  # it would become a part of the word before it, and is no word of the text
            self._painted.append(False)
            self._walk.skip_subtree()
            return ""
        self._painted.append(self._painted[-1] or _is_painted(style))
        how = _how_hidden(element, style, painted=self._painted[-1])
        furniture = element.tag in _FURNITURE or (element.tag == "div" and element.get("title") in _MARGINS)
        if element.tag in _NO_TEXT or furniture or how:
            self._walk.skip_subtree()
            inner = " ".join(element.itertext())
            if how and element.tag not in _NO_TEXT:
                # Pages hide whole blocks for their own reasons; words in the midst of others deceive.
                block = how == _NOT_DISPLAYED and element.tag not in _INLINE
                where = f"paragraph {self._blocks + 1}"
                self._hidden.add(how, inner, where, kind="review" if block or how == _DELETED else "hidden")
            elif furniture:
                self._furniture.append(inner)
            return " " if how == _WHITE else ""  # white letters leave a gap, as a blank does
        return str(element.text or "")

    def _closed(self, element: Any) -> str | None:
        self._painted.pop()
        return str(element.tail or "")

    def _style(self, element: Any) -> dict[str, str]:
        """Gather what rules of simple selectors and the element itself declare."""
        tag, style = str(element.tag), dict[str, str]()
        marks = [f".{name}" for name in (element.get("class") or "").split()] + [f"#{element.get('id')}"]
        for selector in (tag, *marks, *(tag + mark for mark in marks)):
            style |= self._rules.get(selector, {})
        if element.get("bgcolor"):
            style["background"] = element.get("bgcolor")
        if tag == "font" and element.get("color"):
            style["color"] = element.get("color")
        return style | _declarations(element.get("style") or "")


def _style_rules(sheet: str) -> dict[str, dict[str, str]]:
    """Read the rules whose selectors are a tag, a class or an id; those for some media are left out."""
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in _RULE.findall(_AT_BLOCK.sub("", sheet)):
        for selector in map(str.strip, selectors.split(",")):
            if selector and _SIMPLE_SELECTOR.fullmatch(selector):
                rules[selector] = rules.get(selector, {}) | _declarations(body)
    return rules


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in body.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


def _is_note_mark(element: Any) -> bool:
    """Tell whether an element is the number that leads to a note of the page, or from it back to the text."""
    if element.tag != "a" or not (element.get("href") or "").startswith("#"):
        return False
    raised = element.getparent().tag == "sup" or element.find("sup") is not None
    named = f"{element.get('class')} {element.get('epub:type')}"
    return (raised or "note" in named) and _NOTE_MARK.fullmatch("".join(element.itertext())) is not None


def _how_hidden(element: Any, style: Mapping[str, str], *, painted: bool) -> str | None:
    """Tell how an element is kept from who looks at the page; None where it is not."""
    undisplayed = style.get("display") == "none" or style.get("visibility") in {"hidden", "collapse"}
    if undisplayed or element.get("hidden") is not None or re.fullmatch(r"0?\.?0*", style.get("opacity") or "1"):
        return _NOT_DISPLAYED
    plain = "none" in (style.get("text-decoration") or style.get("text-decoration-line") or "")
    if element.tag == "del" and not plain:  # what is not struck through looks like any other text
        return _DELETED
    size = re.fullmatch(r"([\d.]+)(pt|px|em|rem|%)?", style.get("font-size", ""))
    if size and float(size[1] or 1) * _POINTS[size[2] or "px"] < SMALLEST:
        return _TINY
    color = _hexadecimal(style.get("color", ""))
    return _WHITE if not painted and is_white(color) else None


def _is_painted(style: Mapping[str, str]) -> bool:
    color = style.get("background") or style.get("background-color") or ""
    if style.get("background-image") or "url(" in color or "gradient" in color:
        return True
    return color not in {"", "none", "inherit", "initial", "transparent"} and not is_white(_hexadecimal(color))


def _hexadecimal(color: str) -> str:
    """Write a color as six digits; what cannot be seen at all is white, and a name that is not white is black."""
    if color in {"white", "snow", "ivory", "transparent", "ghostwhite", "whitesmoke"}:
        return "ffffff"
    if digits := re.fullmatch("#([0-9a-f]{3}|[0-9a-f]{6})", color):
        return digits[1] if len(digits[1]) == 6 else "".join(2 * digit for digit in digits[1])
    if channels := re.match(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+))?", color):
        unseen = channels[4] is not None and float(channels[4]) == 0
        return "ffffff" if unseen else "".join(f"{min(255, int(one)):02x}" for one in channels.groups()[:3])
    return "000000"
