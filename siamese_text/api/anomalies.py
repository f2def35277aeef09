"""The texts of a file or a folder that are unlike the known ones, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.api.estimators import AnomalyDetector
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import NothingToDo
from siamese_text.records import Document
from siamese_text.vectors.sources import open_source


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text and how unlike the known ones it is.

    Attributes:
        place: Its row, from 1, or its document and the place in it.
        text: The text.
        strangeness: The mean distance, 1 − cosine, to the nearest known texts, in [0, 2].
        p_value: How probable so strange a text is among usual ones; None where nothing says what is usual.
        anomaly: Whether the p-value is at most the share of false alarms; None where there is none.
        nearest: The known text nearest to it; of the others in the source where none are known.
    """

    place: str
    text: str
    strangeness: float
    p_value: float | None
    anomaly: bool | None
    nearest: str


@dataclass(frozen=True, slots=True)
class Anomalies:
    """All texts of a source, the strangest first.

    Attributes:
        texts: The scored texts.
        known: How many known texts they were compared with.
        false_alarms: The share of usual texts that may be called anomalies; None where none are known.
        empty: How many rows hold no text.
        skipped: The documents that could not be read.
    """

    texts: Sequence[ScoredText]
    known: int
    false_alarms: float | None
    empty: int
    skipped: Sequence[Document]


def find_anomalies(
    source: str | Path,
    known: str | Path | None = None,
    *,
    model: str | Path = DEFAULT_MODEL,
    false_alarms: float = 0.05,
    neighbours: int = 3,
    column: str | None = None,
) -> Anomalies:
    """Score each text of a source by how unlike the known texts it is.

    Args:
        source: Lines, a table, a document or a folder of documents, which are read passage by passage.
        known: The same, of usual texts. Without it each text is compared with the others, and only the order says
            something: of the strangest texts of a source nobody knows whether they are too strange.
        model: A name or a folder.
        false_alarms: The share of usual texts that may be called anomalies.
        neighbours: How many of the nearest known texts a text is compared with.
        column: The column of a table with the texts; by default ``text``, or the only one with texts.

    Returns:
        The texts, the strangest first.

    Raises:
        MissingInput: A file or the model was not found.
        BadData: A column cannot be told, or fewer than two texts are known.
        NothingToDo: There is no text.

    Example:
        >>> find_anomalies("new.csv", "usual.csv").texts[0].nearest  # doctest: +SKIP
        'where is my card'
    """
    places, texts, empty, skipped = _read(source, column)
    if not texts:
        raise NothingToDo(f"{source} holds no text to compare; give one or more")
    detector = AnomalyDetector(str(model), false_alarms=false_alarms, neighbours=neighbours)
    if known is None:
        strange, nearest = detector.among_themselves(texts)
        scored = [
            ScoredText(place, text, value, None, None, texts[row])
            for place, text, value, row in zip(places, texts, strange.tolist(), nearest.tolist(), strict=True)
        ]
        return Anomalies(_strangest_first(scored), len(texts), None, empty, skipped)
    _, usual, _, unread = _read(known, column)
    if not usual:
        raise NothingToDo(f"{known} holds no known text; give two or more")
    found = detector.fit(usual).scores(texts)
    rows: Any = zip(places, texts, found.strangeness, found.p_values, found.nearest, strict=True)
    scored = [
        ScoredText(place, text, float(value), float(p), bool(p <= false_alarms), usual[row])
        for place, text, value, p, row in rows
    ]
    return Anomalies(_strangest_first(scored), len(usual), false_alarms, empty, [*skipped, *unread])


def _strangest_first(scored: Sequence[ScoredText]) -> list[ScoredText]:
    order = np.argsort([-text.strangeness for text in scored], kind="stable")
    return [scored[place] for place in order]


def _read(source: str | Path, column: str | None) -> tuple[list[str], list[str], int, list[Document]]:
    """Return the places and texts of a source, how many rows are empty, and what could not be read."""
    opened = open_source(str(source), column=column)
    places, texts, rows = [], [], 0
    for rows, (text, passage) in enumerate(opened.rows(), start=1):
        if text.strip():
            places.append(f"{passage.document}:{passage.start}" if passage else str(rows))
            texts.append(text)
    return places, texts, rows - len(texts), list(opened.skipped)
