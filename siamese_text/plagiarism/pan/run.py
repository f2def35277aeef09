"""The pairs of a PAN corpus are checked with the thresholds of a folder, and measured as the competition does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from siamese_text.errors import NothingToDo
from siamese_text.plagiarism.finding.chance import (
    FEWEST_DOCUMENTS,
    Chance,
    largest_listed,
    learned_chance,
    usual_chance,
)
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.passages import Found, find_passages
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.plagiarism.pan.cases import PieceOfCase, joined
from siamese_text.plagiarism.pan.corpus import PanPair
from siamese_text.plagiarism.pan.measures import (
    FoundMeasures,
    PanMeasures,
    Reuse,
    case_measures,
    macro_measures,
    micro_measures,
    pair_measures,
)
from siamese_text.plagiarism.steps import Steps
from siamese_text.protocols import Encodes, Progress, Stage
from siamese_text.records import Document

_BACKGROUND = 60  # suspicious documents whose pairs show what chance does

Places = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PanRow:
    """The measures of the pairs of one kind: each case alike (``macro``, the official score), and each character.

    ``found_cases`` and ``found_pairs`` count cases, and pairs of documents, as found or not.
    """

    kind: str
    pairs: int
    cases: int
    detections: int
    macro: PanMeasures
    micro: PanMeasures
    found_cases: FoundMeasures
    found_pairs: FoundMeasures


def detect(
    documents: Sequence[Document],
    pairs: Sequence[PanPair],
    encoder: Encodes,
    *,
    options: CheckOptions | None = None,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> list[Reuse]:
    """Find the passages that listed pairs of documents share.

    All documents make one folder: they show what words and sentences are common, pairs of the suspicious ones what
    evidence chance gives, and a passage counts as in a check that compares every document with every source.

    Args:
        documents: The documents that the pairs name.
        pairs: Which to compare.
        encoder: Embeds sentences.
        options: The thresholds of a check.
        stage: Called with what begins, in words.
        progress: Called with the number of documents, sentences or pairs that are done, and of all.

    Returns:
        Detections in the order of the pairs.

    Raises:
        NothingToDo: There are no pairs.
    """
    if not pairs:
        raise NothingToDo("the corpus lists no pairs; add lines to its file pairs")
    options = options or CheckOptions()
    common = options.common(len(documents))
    suspicious = {pair.document for pair in pairs}
    ordered = sorted(documents, key=lambda document: document.name not in suspicious)
    steps = Steps(stage, progress)
    prepared = prepare(ordered, encoder, common=common, steps=steps)
    places = {document.name: place for place, document in enumerate(ordered)}
    listed = [(places[pair.document], places[pair.source]) for pair in pairs]
    sample = range(0, len(suspicious), max(1, len(suspicious) // _BACKGROUND))[:_BACKGROUND]
    wanted = [*dict.fromkeys([*listed, *combinations(sample, 2)])]
    found: dict[Places, list[Found]] = defaultdict(list)
    for one in find_passages(prepared, 0, common, options, pairs=wanted, steps=steps):
        longest = max(one.alignment.left_words, one.alignment.right_words)
        if not one.quotation and longest >= options.min_run_words:
            found[places[one.names[0]], places[one.names[1]]].append(one)
    tests = len(suspicious) * (len(documents) - len(suspicious))
    least = _least(found, listed, _chance(found, sample, options), tests, options)
    return [reuse for pair, at in zip(pairs, listed, strict=True) for reuse in _detections(pair, found[at], least)]


def measure(pairs: Sequence[PanPair], truth: Sequence[Reuse], detections: Sequence[Reuse]) -> list[PanRow]:
    """Measure detections against what was planted.

    Args:
        pairs: The pairs that were compared; those without a kind are left out.
        truth: What was planted.
        detections: What was found.

    Returns:
        One row for each kind in increasing order, then one for ``all``.
    """
    kinds = {(pair.document, pair.source): pair.kind for pair in pairs if pair.kind}
    rows = []
    for kind in [*sorted(set(kinds.values())), "all"]:
        chosen = {pair for pair, own in kinds.items() if kind in (own, "all")}
        cases, found = (
            [one for one in reuses if (one.document, one.source) in chosen] for reuses in (truth, detections)
        )
        measures = macro_measures(cases, found), micro_measures(cases, found)
        counts = case_measures(cases, found), pair_measures(cases, found)
        rows.append(PanRow(kind, len(chosen), len(set(cases)), len(set(found)), *measures, *counts))
    return rows


def _chance(found: Mapping[Places, Sequence[Found]], sample: Sequence[int], options: CheckOptions) -> Chance:
    """Learn what chance does among a sample of documents."""
    pairs = {(i, j): (sample[i], sample[j]) for i, j in combinations(range(len(sample)), 2)}
    strongest = {numbers: _strongest(found[pair]) for numbers, pair in pairs.items() if found.get(pair)}
    if len(sample) < FEWEST_DOCUMENTS:
        return usual_chance(len(sample), len(strongest) / max(1, len(pairs)))
    return learned_chance(strongest, len(sample), p=options.false_share / len(pairs))


def _least(
    found: Mapping[Places, Sequence[Found]],
    listed: Sequence[Places],
    chance: Chance,
    tests: int,
    options: CheckOptions,
) -> float:
    """Return the evidence at which the list of pairs ends, if every document had been compared with every source."""
    strongest = [_strongest(found[pair]) for pair in listed if found.get(pair)]
    limit = largest_listed(chance.p_values(strongest).tolist(), tests, options.false_share)
    return chance.needed(limit)


def _strongest(found: Sequence[Found]) -> float:
    return max(one.evidence for one in found)


def _detections(pair: PanPair, found: Sequence[Found], least: float) -> list[Reuse]:
    pieces = [PieceOfCase(one.alignment.left, one.alignment.right, one.evidence) for one in found]
    return [Reuse(pair.document, case.span, pair.source, case.source_span) for case in joined(pieces, least)]
