"""What people said of passages, kept in a file from run to run: JSON lines, as the page of a report saves them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from siamese_text.errors import BadData, MissingInput
from siamese_text.plagiarism.findings import Match, Review

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_VERDICTS = ("confirmed", "dismissed")


def read_verdicts(path: Path) -> tuple[Review, ...]:
    """Read a file of verdicts; of several on one passage the last one holds, as in a file that was added to.

    Args:
        path: A file of JSON lines, each with ``fingerprint`` and ``verdict`` (``confirmed`` or ``dismissed``) and, if
            there is one, a ``note``; ``left`` and ``right`` name the documents for people.

    Returns:
        One review a passage, in the order of the file.

    Raises:
        MissingInput: The file is not there.
        BadData: A line says something else.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise MissingInput(f"{path} was not found; give a file of verdicts that a report saved") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} cannot be read ({error}); give a file of verdicts that a report saved") from error
    reviews: dict[str, Review] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            review = _review(line, f"{path}, line {number}")
            reviews.pop(review.fingerprint, None)
            reviews[review.fingerprint] = review
    return tuple(reviews.values())


def reviewed(matches: Iterable[Match], verdicts: Sequence[Review]) -> list[Match]:
    """Give each match what was said of its two passages, whichever documents they were found in.

    Args:
        matches: What was found.
        verdicts: What people said.

    Returns:
        The matches in their order.
    """
    if not verdicts:
        return list(matches)
    by_fingerprint = {review.fingerprint: review for review in verdicts}
    return [replace(match, review=by_fingerprint.get(match.fingerprint)) for match in matches]


def _review(line: str, place: str) -> Review:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadData(f"{place} is no JSON ({error}); give a file of verdicts that a report saved") from error
    values = row if isinstance(row, dict) else {}
    fingerprint, verdict = values.get("fingerprint"), values.get("verdict")
    if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
        raise BadData(f"{place}: the fingerprint is {fingerprint!r}; give the 16 digits that stand in passages.csv")
    if verdict not in _VERDICTS:
        raise BadData(f"{place}: the verdict is {verdict!r}; give {' or '.join(_VERDICTS)}")
    note, left, right = (str(values.get(name) or "") for name in ("note", "left", "right"))
    return Review(fingerprint, verdict, note, left, right)
