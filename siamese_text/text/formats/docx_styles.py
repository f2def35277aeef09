"""How a run of a Word document looks, by its style and its own properties, so far as it can hide words."""

from __future__ import annotations

from functools import cache
from typing import Any

from siamese_text.text.formats.pieces import SMALLEST, is_white

WHITE, TINY, VANISHED = "in white letters", "in letters too small to read", "in hidden letters"
_WORDPROCESSING = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def w(name: str) -> str:
    """Return the full name of an element or attribute of WordprocessingML."""
    return _WORDPROCESSING + name


class Styles:
    """The styles of a document.

    Args:
        root: The root of its part ``styles``, or None.
        painted: Whether its pages have a background, on which white letters are seen.
    """

    def __init__(self, root: Any, *, painted: bool) -> None:
        styles = [] if root is None else list(root.iter(w("style")))
        self._styles = {style.get(w("styleId")): style for style in styles}
        self._painted = painted
        self._of_style = cache(self._inherited)

    def name_of(self, paragraph: Any) -> str:
        """Return the name of a paragraph's style in lower case, such as ``heading 1`` or ``intense quote``."""
        identifier = _value(paragraph, "pPr/pStyle")
        name = _value(self._styles.get(identifier), "name") if identifier in self._styles else identifier
        return (name or "").lower()

    def how_hidden(self, run: Any, paragraph: Any) -> str | None:
        """Tell how a run is kept from who looks at the page; None where it is not."""
        look = self._of_style(_value(paragraph, "pPr/pStyle")) | self._of_style(_value(run, "rPr/rStyle"))
        look |= _look(run.find(w("rPr")))
        if look.get("vanish") not in {None, "0", "false", "off"}:
            return VANISHED
        if look.get("sz", "").isdigit() and int(look["sz"]) / 2 < SMALLEST:
            return TINY
        if is_white(look.get("color", "")) and not self._is_painted(look, paragraph):
            return WHITE
        return None

    def _inherited(self, identifier: str | None) -> dict[str, str]:
        """Gather what a style says of its letters, those that it is based on first."""
        chain, seen = [], set[str]()
        while identifier and identifier in self._styles and identifier not in seen:
            seen.add(identifier)
            chain.append(self._styles[identifier])
            identifier = _value(chain[-1], "basedOn")
        look: dict[str, str] = {}
        for style in reversed(chain):
            look |= _look(style.find(w("rPr")))
            if _is_shaded(style.find(w("pPr"))):
                look["shd"] = "1"
        return look

    def _is_painted(self, look: dict[str, str], paragraph: Any) -> bool:
        """Tell whether something behind white letters shows them: a shade, or a box or table, which has its own."""
        if self._painted or {"shd", "highlight"} & look.keys() or _is_shaded(paragraph.find(w("pPr"))):
            return True
        return any(True for _ in paragraph.iterancestors(w("tbl"), w("txbxContent")))


def _look(properties: Any) -> dict[str, str]:
    """Read what can hide a run, or show it all the same."""
    look: dict[str, str] = {}
    for name in ("vanish", "color", "sz", "highlight"):
        element = None if properties is None else properties.find(w(name))
        if element is not None and element.get(w("val")) != "none":
            look[name] = element.get(w("val")) or "1"
    return look | ({"shd": "1"} if _is_shaded(properties) else {})


def _is_shaded(properties: Any) -> bool:
    """Tell whether letters stand on a color other than that of paper."""
    shade = None if properties is None else properties.find(w("shd"))
    if shade is None:
        return False
    fill = shade.get(w("fill")) or "auto"
    return shade.get(w("val")) not in {"clear", "nil", None} or not (fill == "auto" or is_white(fill))


def _value(element: Any, path: str) -> str | None:
    """Return the attribute ``val`` of what stands at a path below an element; None where nothing does."""
    found = None if element is None else element.find("/".join(map(w, path.split("/"))))
    return None if found is None else found.get(w("val"))
