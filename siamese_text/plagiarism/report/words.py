"""Numbers, names and options as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from siamese_text.plagiarism.findings import Match, Reason


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Say how many there are of something.

    Example:
        >>> counted(1, "pair"), counted(2000, "match", "matches")
        ('1 pair', '2,000 matches')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def whole_percent(share: float) -> str:
    """Round to whole percents, but never something to nothing or a part to all.

    Example:
        >>> whole_percent(0.004), whole_percent(0.5), whole_percent(0.999)
        ('<1%', '50%', '>99%')
    """
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def printable(name: str) -> str:
    r"""Escape what cannot be seen in a name, such as a line break or a reversal of the writing direction.

    Example:
        >>> printable("a\u202eb")
        'a\\u202eb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def option_value(value: object) -> str:
    """Write the value of an option as a person would.

    Example:
        >>> option_value({"exclude": (), "strict": True, "share": 0.05})
        'exclude: none, strict: yes, share: 0.05'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {option_value(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(option_value(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


REASONS = {
    Reason.QUOTATION: "in quotation marks",
    Reason.REFERENCES: "in a list of references",
    Reason.HEADING: "in a heading",
    Reason.GIVEN: "given to everyone",
    Reason.COMMON: "in many documents",
    Reason.SOURCE: "from one named source",
}


def why_not_counted(match: Match, reasons: list[Reason]) -> str:
    """Say why a passage does not count, as the person put it who dismissed it, or by what it stands in."""
    if reasons == [Reason.COMMON]:
        return f"in {match.shared_by} documents"
    if reasons:
        return ", ".join(REASONS[reason] for reason in reasons)
    note = match.review.note if match.review else ""
    return f"dismissed: {note}" if note else "dismissed"


OPTIONS = {  # what each option of a check is called on the page
    "model": "model",
    "candidates_model": "model that proposes candidates",
    "min_document_words": "least words of a document that is checked",
    "min_run_words": "words in a row that are always found",
    "ngram_words": "words in a row by which copies are looked up",
    "false_share": "share of the listed pairs that may be chance",
    "paraphrase_strength": "strength of a passage in other words, in a folder of fewer than 20 documents",
    "borderline": "share of the evidence that may be missing where the model agrees",
    "seed_excess": "likeness of two sentences, beyond that of their topic, at which a passage begins (cosine)",
    "promising_cosine": "likeness of two passages from which their documents are compared in detail (cosine)",
    "max_gap": "sentences within a passage that may have no partner",
    "common_documents": "most documents that may share a sentence that is no template",
    "common_share": "the same, as a share of a large folder",
    "references": "named sources",
    "least_evidence": "evidence that two documents need (natural logarithm of how improbable it is by chance)",
    "most_partners": "most documents that one is compared with in detail (none: with all)",
    "pairs_left_out": "pairs that were left out for it, at least",
    "counted_again": "counted though there is a reason not to",
    "template_sentences": "sentences left out because so many documents have them",
    "anonymous": "numbers in place of names",
}


def option_name(key: str) -> str:
    """Name an option in words that need no manual."""
    return OPTIONS.get(key, key.replace("_", " "))
