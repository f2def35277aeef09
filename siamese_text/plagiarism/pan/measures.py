"""The measures of the PAN competitions for text alignment: precision, recall, granularity and plagdet.

Potthast, Stein, Barrón-Cedeño and Rosso, "An evaluation framework for plagiarism detection", 2010. A detection
finds a case where both sides name the same documents and overlap by at least one character; both sides count.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from siamese_text.plagiarism.spans import intersection, total_length
from siamese_text.records import Span

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Reuse:
    """A passage of a document and where it comes from: a planted case, or a detection."""

    document: str
    span: Span
    source: str
    source_span: Span

    def finds(self, other: Reuse) -> bool:
        """Tell whether both name the same documents and overlap on both sides."""
        same = self.document == other.document and self.source == other.source
        return same and self.span.overlap(other.span) > 0 and self.source_span.overlap(other.source_span) > 0


@dataclass(frozen=True, slots=True)
class PanMeasures:
    """How well detections meet the cases: precision, recall and plagdet in [0, 1], granularity from 1 up."""

    precision: float
    recall: float
    granularity: float

    @property
    def plagdet(self) -> float:
        """The harmonic mean of precision and recall, divided by log2(1 + granularity)."""
        if self.precision + self.recall == 0:
            return 0.0
        f1 = 2 * self.precision * self.recall / (self.precision + self.recall)
        return f1 / math.log2(1 + self.granularity)


@dataclass(frozen=True, slots=True)
class FoundMeasures:
    """How many of what was found is true, and how many of what was planted is found: both in [0, 1]."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def macro_measures(cases: Collection[Reuse], detections: Collection[Reuse]) -> PanMeasures:
    """Measure every case and every detection alike, whatever its length: the official score.

    Args:
        cases: What was planted; repeated ones count once.
        detections: What was found; repeated ones count once.

    Returns:
        Macro-averaged measures; 1 everywhere where there is neither a case nor a detection.

    Example:
        >>> case = Reuse("a.txt", Span(0, 100), "b.txt", Span(0, 100))
        >>> half = Reuse("a.txt", Span(50, 150), "b.txt", Span(50, 150))
        >>> macro_measures([case], [half]).plagdet
        0.5
    """
    truth, found = set(cases), set(detections)
    return PanMeasures(_mean_share(found, truth), _mean_share(truth, found), _granularity(truth, found))


def micro_measures(cases: Collection[Reuse], detections: Collection[Reuse]) -> PanMeasures:
    """Measure characters alike, each counted once in its document, however many cases or detections hold it.

    Args:
        cases: What was planted.
        detections: What was found.

    Returns:
        Micro-averaged measures; 1 everywhere where there is neither a case nor a detection.
    """
    truth, found = set(cases), set(detections)
    met = _area(_met(case, detection) for case, partners in _finders(truth, found) for detection in partners)
    if not truth or not found:
        nothing = float(not truth and not found)
        return PanMeasures(nothing, nothing, 1.0)
    return PanMeasures(met / _area(found), met / _area(truth), _granularity(truth, found))


def case_measures(cases: Collection[Reuse], detections: Collection[Reuse]) -> FoundMeasures:
    """Measure cases and detections as found or not, whatever their length.

    A case is found where detections meet half of it, of which one lies with half of itself in cases; a detection is
    true where half of it lies in cases, of which one is met by half. (The competition's code measures, for a case, what
    of a detection lies in that case alone, and so asks for next to nothing: here it is the whole detection.)

    Args:
        cases: What was planted; repeated ones count once.
        detections: What was found; repeated ones count once.

    Returns:
        The share of detections that are true, and of cases that are found; 1 where there is neither.

    Example:
        >>> case = Reuse("a.txt", Span(0, 100), "b.txt", Span(0, 100))
        >>> most = Reuse("a.txt", Span(0, 60), "b.txt", Span(0, 60))
        >>> case_measures([case], [most, Reuse("a.txt", Span(200, 300), "b.txt", Span(200, 300))])
        FoundMeasures(precision=0.5, recall=1.0)
    """
    found, true = _found(cases, detections), _found(detections, cases)
    return FoundMeasures(_share(true, set(detections), set(cases)), _share(found, set(cases), set(detections)))


def pair_measures(cases: Collection[Reuse], detections: Collection[Reuse]) -> FoundMeasures:
    """Measure pairs of documents: one is found where any of its cases is, as ``case_measures`` counts them.

    Args:
        cases: What was planted.
        detections: What was found.

    Returns:
        The share of pairs with a detection that have a true one, and of pairs with a case that have a found one.
    """
    found, true, planted, listed = map(
        _pairs, (_found(cases, detections), _found(detections, cases), cases, detections)
    )
    return FoundMeasures(_share(true, listed, planted), _share(found, planted, listed))


def _pairs(reuses: Iterable[Reuse]) -> set[tuple[str, str]]:
    return {(one.document, one.source) for one in reuses}


def _share(some: Collection[object], of: Collection[object], others: Collection[object]) -> float:
    return len(some) / len(of) if of else float(not others)


def _found(reuses: Collection[Reuse], others: Collection[Reuse]) -> set[Reuse]:
    """Return those of the first that the second meet by half, one of them lying in the first with half of itself."""
    firsts, seconds = set(reuses), set(others)
    met, lying = _shares(firsts, seconds), _shares(seconds, firsts)
    return {
        one
        for one, partners in _finders(firsts, seconds)
        if met[one] >= _HALF and any(lying[other] >= _HALF for other in partners)
    }


def _mean_share(reuses: Collection[Reuse], others: Collection[Reuse]) -> float:
    """Average what share of each of the first is met by the second."""
    if not reuses or not others:
        return float(not reuses and not others)
    shares = _shares(reuses, others)
    return sum(shares.values()) / len(shares)


def _shares(reuses: Collection[Reuse], others: Collection[Reuse]) -> dict[Reuse, float]:
    """Return what share of each of the first is met by the second."""
    return {
        one: _area(_met(one, other) for other in partners) / _area([one]) for one, partners in _finders(reuses, others)
    }


def _granularity(cases: Collection[Reuse], detections: Collection[Reuse]) -> float:
    """Count the detections of each case that was found at all, on average; 1 where none was."""
    counts = [len(partners) for _, partners in _finders(cases, detections) if partners]
    return sum(counts) / len(counts) if counts else 1.0


def _finders(reuses: Iterable[Reuse], others: Iterable[Reuse]) -> Iterator[tuple[Reuse, list[Reuse]]]:
    """Yield each of the first with those of the second that find it."""
    by_pair: dict[tuple[str, str], list[Reuse]] = defaultdict(list)
    for other in others:
        by_pair[other.document, other.source].append(other)
    for one in reuses:
        yield one, [other for other in by_pair[one.document, one.source] if other.finds(one)]


def _met(one: Reuse, other: Reuse) -> Reuse:
    """Cut two that find each other to what they share."""
    (span,) = intersection([one.span], [other.span])
    (source_span,) = intersection([one.source_span], [other.source_span])
    return Reuse(one.document, span, one.source, source_span)


def _area(reuses: Iterable[Reuse]) -> int:
    """Count the characters on both sides, each once in its document."""
    sides: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for reuse in reuses:
        sides["document", reuse.document].append(reuse.span)
        sides["source", reuse.source].append(reuse.source_span)
    return sum(map(total_length, sides.values()))
