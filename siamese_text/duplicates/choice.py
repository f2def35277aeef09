"""Which of several duplicates is kept, and because of which kept one each of the others goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from siamese_text.errors import UsageError

Keep = Literal["first", "longest", "best"]
Kind = Literal["exact", "near", "meaning"]  # the strongest reason first
FoundPair = tuple[int, int, Kind, float, float | None]  # two texts: how, with what score and cosine they were found


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Why a text goes.

    Attributes:
        text: Its place.
        because_of: The place of the kept text that it duplicates; itself a pair that was found, never by way of others.
        kind: ``exact`` but for white space, case and forms of characters; ``near``, most runs of three words the same;
            ``meaning``, said to be the same by the decision.
        score: 1 for exact, the Jaccard index for near, the probability for meaning; in [0, 1].
        cosine: The cosine of both where it was computed.
    """

    text: int
    because_of: int
    kind: Kind
    score: float
    cosine: float | None = None


def choose(texts: Sequence[str], pairs: Sequence[FoundPair], known: int, keep: Keep) -> list[Duplicate]:
    """Choose which texts go, each because of a kept one that it is itself a duplicate of.

    A chain of duplicates joins no strangers: where A is found with B and B with C, but A not with C, and A is kept, B
    goes because of A, and C, which duplicates nothing that is kept, stays.

    Args:
        texts: N texts.
        pairs: The duplicates that were found: two places, how, with what score and cosine.
        known: How many of the first texts were kept earlier: they stay, whatever they are.
        keep: Which text is kept: the ``first``, the ``longest``, or the ``best``, which has most duplicates.

    Returns:
        The texts that go, by place.

    Raises:
        UsageError: ``keep`` is another word.

    Example:
        >>> chain = [(0, 1, "near", 0.9, None), (1, 2, "near", 0.9, None)]
        >>> [(each.text, each.because_of) for each in choose(["a", "b", "c"], chain, 0, "first")]
        [(1, 0)]
        >>> [(each.text, each.because_of) for each in choose(["a", "b", "c"], chain, 0, "best")]
        [(0, 1), (2, 1)]
    """
    if keep not in get_args(Keep):
        raise UsageError(f"keep is '{keep}'; choose from {', '.join(get_args(Keep))}")
    found = _by_text(pairs)

    def rank(place: int) -> tuple[bool, int, int]:
        worth = {"first": 0, "longest": len(texts[place]), "best": len(found[place])}[keep]
        return place >= known, -worth, place

    gone: dict[int, Duplicate] = {}
    for place in sorted(found, key=rank):
        if place not in gone:  # it is kept, and what it was found with goes, because of it or of a stronger one
            for other, duplicate in found[place].items():
                if other >= known:
                    gone[other] = min(gone.get(other, duplicate), duplicate, key=_weakness)
    return [gone[place] for place in sorted(gone)]


def _by_text(pairs: Sequence[FoundPair]) -> dict[int, dict[int, Duplicate]]:
    """Return for each text those that it was found with, each with the strongest reason for it to go."""
    found: dict[int, dict[int, Duplicate]] = {}
    for one, other, kind, score, cosine in pairs:
        for mine, theirs in ((one, other), (other, one)):
            duplicate = Duplicate(theirs, mine, kind, score, cosine)
            known = found.setdefault(mine, {})
            known[theirs] = min(known.get(theirs, duplicate), duplicate, key=_weakness)
    return found


def _weakness(duplicate: Duplicate) -> tuple[int, float]:
    return get_args(Kind).index(duplicate.kind), -duplicate.score
