"""Which passages count: each is weighed against what chance does, and the list ends where too much would be false."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from siamese_text.plagiarism.finding.chance import (
    FEWEST_DOCUMENTS,
    Chance,
    largest_listed,
    learned_chance,
    source_chance,
    usual_chance,
)
from siamese_text.plagiarism.finding.exclusions import lies_inside
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.passages import Found
from siamese_text.plagiarism.findings import Background, ChanceFindings
from siamese_text.plagiarism.spans import union
from siamese_text.records import Span


@dataclass(frozen=True, slots=True)
class Weighed:
    """A passage with its p-value, and its evidence as a multiple of what it needs in order to count."""

    found: Found
    share: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """All passages weighed; the least evidence that two documents of the folder need; what chance alone would list."""

    weighed: list[Weighed]
    least: float
    chance: ChanceFindings


def weigh(
    found: Sequence[Found],
    checked: Sequence[str],
    innocent: Sequence[str],
    references: Sequence[str],
    *,
    options: CheckOptions,
    sample: Sequence[str] | None = None,
    copies: Collection[str] = (),
    explained: bool = True,
) -> Weighing:
    """Weigh what was found: what one shares with a named source, and apart from it what two documents share.

    Where two documents have it from one source, it is listed with the source alone.

    Args:
        found: Passages and quotations.
        checked: The names of the documents that are checked.
        innocent: Those of documents of which none was copied from another.
        references: Those of named sources.
        options: The false share, and when a small folder needs more.
        sample: Names of those that chance is learned from; None for all innocent ones, or all checked ones.
        copies: Names of documents whose whole text another one has: of one text only one says something of chance.
        explained: Whether what two documents have from one source is listed with the source alone.

    Returns:
        What was found between two checked documents, and between one and a source.
    """
    known = set(copies)
    learned_from = [name for name in sample or innocent or checked if name not in known]
    background = _background(len(learned_from), len(innocent))

    def nats(one: Found) -> float:
        return one.evidence / one.caution(options) if background is Background.SHIPPED else one.evidence

    to_sources = _between(found, checked, references)
    with_sources = _against(source_chance(), to_sources, len(checked) * len(references), nats, options.false_share)
    if explained:
        sure = [one.found for one in with_sources.weighed if one.share >= 1 and not one.found.quotation]
        found = _explained(found, sure)
    chance = _chance(_strongest(found, learned_from, nats), background, learned_from, options)
    own = len(checked) * (len(checked) - 1) // 2
    among = _against(chance, _between(found, checked, checked), own, nats, options.false_share)
    by_chance = None if background is Background.SHIPPED else among.by_chance + with_sources.by_chance
    said = ChanceFindings(options.false_share, background, len(learned_from), by_chance)
    return Weighing([*among.weighed, *with_sources.weighed], among.least, said)


@dataclass(frozen=True, slots=True)
class _Group:
    """Passages between two groups of documents, what evidence they need, and how many of the listed are chance."""

    weighed: list[Weighed]
    least: float
    by_chance: float


def _against(
    chance: Chance, found: Sequence[Found], tests: int, nats: Callable[[Found], float], false_share: float
) -> _Group:
    """Weigh passages against chance, as so many pairs of documents were compared."""
    evidence = [nats(one) for one in found]
    p_values = chance.p_values(evidence).tolist()
    of_pair: dict[tuple[str, str], float] = {}
    for one, p in zip(found, p_values, strict=True):
        if not one.quotation:
            of_pair[one.names] = min(p, of_pair.get(one.names, 1.0))
    limit = largest_listed(list(of_pair.values()), tests, false_share)
    least = chance.needed(limit)
    weighed = [Weighed(one, amount / least, p) for one, amount, p in zip(found, evidence, p_values, strict=True)]
    return _Group(weighed, least, tests * max((p for p in of_pair.values() if p <= limit), default=0.0))


def _explained(found: Sequence[Found], from_sources: Sequence[Found]) -> list[Found]:
    """List, and do not count, what two documents share because both have it from one source that somebody named."""
    taken: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for one in from_sources:
        document, source = one.names
        taken[document][source].append(one.alignment.left)

    def has_one_source(one: Found) -> bool:
        ours, theirs = (taken[name] for name in one.names)
        return any(
            lies_inside(one.alignment.left, union(ours[source]))
            and lies_inside(one.alignment.right, union(theirs[source]))
            for source in ours.keys() & theirs.keys()
        )

    return [replace(one, quotation=True) if has_one_source(one) else one for one in found]


def _background(checked: int, innocent: int) -> Background:
    if innocent:
        return Background.INNOCENT
    return Background.FOLDER if checked >= FEWEST_DOCUMENTS else Background.SHIPPED


def _chance(
    strongest: Mapping[tuple[int, int], float], background: Background, names: Sequence[str], options: CheckOptions
) -> Chance:
    """Learn what chance does among some documents, or take it from the shipped background."""
    pairs = max(1, len(names) * (len(names) - 1) // 2)
    if background is Background.SHIPPED:
        return usual_chance(len(names), len(strongest) / pairs)
    known = background is Background.INNOCENT
    return learned_chance(strongest, len(names), p=options.false_share / pairs, known_innocent=known)


def _strongest(
    found: Sequence[Found], names: Sequence[str], nats: Callable[[Found], float]
) -> dict[tuple[int, int], float]:
    """Return the evidence of the strongest passage of each pair of documents, by their numbers, that has any."""
    numbers = {name: number for number, name in enumerate(names)}
    strongest: dict[tuple[int, int], float] = {}
    for one in _between(found, names, names):
        if not one.quotation and one.evidence > 0:
            pair = numbers[one.names[0]], numbers[one.names[1]]
            strongest[pair] = max(strongest.get(pair, 0.0), nats(one))
    return strongest


def _between(found: Sequence[Found], lefts: Sequence[str], rights: Sequence[str]) -> list[Found]:
    """Choose what stands between documents of two groups."""
    first, second = set(lefts), set(rights)
    return [one for one in found if one.names[0] in first and one.names[1] in second]
