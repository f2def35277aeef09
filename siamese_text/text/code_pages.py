"""The code page of a text in Latin letters: the one in which its marked letters are those of some language."""

from __future__ import annotations

# The letters beyond a to z of languages, by the code pages that they are written in; where several fit, the first.
_LANGUAGES = {
    ("cp1252",): [
        "äöüß",  # German
        "àâæçéèêëîïôœùûüÿ",  # French
        "áéíñóúüªº",  # Spanish
        "áâãàçéêíóôõúüªº",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "áèéëïóöü",  # Dutch
        "åäæöøé",  # Danish, Norwegian, Swedish, Finnish
        "áæéíðóöúýþ",  # Icelandic
        "àçèéíïòóúü",  # Catalan
    ],
    ("cp1250", "iso8859_2"): [
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "čćđšž",  # Croatian, Slovene
        "ăâîşţ",  # Romanian
    ],
    ("cp1254",): ["âçğıîöşüûİ"],  # Turkish
    ("cp1257",): ["ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"],  # Lithuanian, Latvian, Estonian
}
_ANYWHERE = frozenset("“”„‘’‚–—…«»‹›°§€£·•©®™½¼²³´¡¿†‰×\u00a0\u00ad")
_MOST_MARKED = 0.4  # of the letters: another script has hardly any of a to z
_FEWEST_KNOWN = 0.9  # of what is not ASCII


def latin_code_page(data: bytes) -> str | None:
    """Guess the code page of a text in Latin letters.

    Args:
        data: Bytes that are not UTF-8.

    Returns:
        Python's name of it; None where the letters of no language come out, or the script is another one.

    Example:
        >>> latin_code_page("Příliš žluťoučký kůň úpěl ďábelské ódy.".encode("cp1250"))
        'cp1250'
    """
    marked = sum(byte > 0xA0 for byte in data)  # below stand quotation marks and dashes
    plain = sum(0x41 <= byte & 0xDF <= 0x5A for byte in data if byte < 0x80)
    if marked > _MOST_MARKED * (marked + plain):
        return None
    for joined in (False, True):  # first one language, then several that write in one page
        found = [
            (_share(data, page, frozenset(letters)), page)
            for pages, languages in _LANGUAGES.items()
            for page in pages
            for letters in (["".join(languages)] if joined else languages)
        ]
        share, page = max(found, key=lambda one: one[0])  # the first of equals
        if share >= _FEWEST_KNOWN:
            return page
    return None


def _share(data: bytes, page: str, letters: frozenset[str]) -> float:
    """Return the share of a language's letters, and of signs that all write, in what is not ASCII."""
    text = bytes(byte for byte in data if byte > 0x7F).decode(page, "replace")
    known = sum(sign in _ANYWHERE or sign in letters or sign.lower() in letters for sign in text)
    return known / max(1, len(text))
