"""Texts to their duplicates: the same first, then nearly the same, then what says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from siamese_text.duplicates.choice import Duplicate, FoundPair, Keep, choose
from siamese_text.duplicates.meaning import Compared, meaning_pairs
from siamese_text.duplicates.near import LONG_WORDS, near_pairs, plain
from siamese_text.errors import UsageError
from siamese_text.protocols import PredictsPairs, Progress
from siamese_text.records import FloatArray


@dataclass(frozen=True, slots=True)
class Found:
    """The duplicates among texts.

    Attributes:
        duplicates: The texts that go, each because of one that is kept.
        pairs: Pairs that were compared by their meaning.
        unsure: Those of them that may be the same, but not surely enough; they are no duplicates.
        long: Texts too long to be compared by meaning.
        crowded: Texts with more near neighbours than were compared.
    """

    duplicates: tuple[Duplicate, ...]
    pairs: int = 0
    unsure: int = 0
    long: int = 0
    crowded: int = 0


def find_duplicates(
    texts: Sequence[str],
    *,
    known: int = 0,
    keep: Keep = "first",
    near: float = 0.7,
    at_least: float = 0.9,
    encode: Callable[[Sequence[str]], FloatArray] | None = None,
    classifier: PredictsPairs | None = None,
    progress: Progress | None = None,
) -> Found:
    """Find which texts go because of which.

    Args:
        texts: N texts, none of them empty.
        known: How many of the first were kept earlier and stay.
        keep: Which of several is kept; see ``choose``.
        near: The Jaccard index, of runs of three words, from which on two texts are nearly the same.
        at_least: The probability from which on two texts that are called the same say the same.
        encode: Returns the (N, D) embeddings of N texts; without it no text is compared by its meaning.
        classifier: Decides about pairs by these embeddings.
        progress: Called with the number of texts compared by meaning and of all.

    Returns:
        The duplicates, by place, and what was looked at.

    Raises:
        UsageError: ``near`` or ``at_least`` is not in (0, 1].
        BadModel: The classifier has no fitted decision.
    """
    for name, share in (("near", near), ("at_least", at_least)):
        if not 0 < share <= 1:
            raise UsageError(f"{name} is {share:g}; give a share above 0 and at most 1")
    first: dict[str, int] = {}
    same = [first.setdefault(plain(text), place) for place, text in enumerate(texts)]
    places = [place for place, one in enumerate(same) if place == one]  # of texts that differ
    distinct = [texts[place] for place in places]
    known_distinct = sum(place < known for place in places)
    pairs: list[FoundPair] = [(one, other, "near", jaccard, None) for one, other, jaccard in near_pairs(distinct, near)]
    compared, long = Compared(), 0
    if encode is not None and classifier is not None:
        # of longer texts a model reads the beginning
        short = [place for place, text in enumerate(distinct) if len(text.split()) <= LONG_WORDS]
        long = len(distinct) - len(short)
        read = [distinct[place] for place in short]
        if read:
            begin = sum(place < known_distinct for place in short)
            said = meaning_pairs(read, encode(read), begin, classifier, at_least, compared, progress)
            pairs += [
                (short[one], short[other], "meaning", probability, cosine) for one, other, probability, cosine in said
            ]
    gone = {
        places[each.text]: replace(each, text=places[each.text], because_of=places[each.because_of])
        for each in choose(distinct, pairs, known_distinct, keep)
    }
    for place in range(known, len(texts)):
        if same[place] != place:  # it goes as the first of its kind does, or because of that one
            model = gone.get(same[place])
            gone[place] = replace(model, text=place) if model else Duplicate(place, same[place], "exact", 1.0)
    return Found(tuple(gone[place] for place in sorted(gone)), compared.pairs, compared.unsure, long, compared.crowded)
