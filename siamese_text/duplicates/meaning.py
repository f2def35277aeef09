"""Texts that say the same in other words, as a fitted decision says of each pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from siamese_text.duplicates.all_pairs import nearest_pairs
from siamese_text.errors import BadModel
from siamese_text.protocols import PredictsPairs, Progress
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

LEAST_COSINE = 0.6  # of a pair that is compared
NEIGHBOURS = 50  # of a text among those before it are compared at most, the nearest ones


@dataclass(slots=True)
class Compared:
    """Counts: pairs that were compared, those that may be the same, texts with more neighbours than were compared."""

    pairs: int = 0
    unsure: int = 0
    crowded: int = 0


def meaning_pairs(
    texts: Sequence[str],
    vectors: FloatArray,
    first: int,
    classifier: PredictsPairs,
    at_least: float,
    compared: Compared,
    progress: Progress | None = None,
) -> Iterator[tuple[int, int, float, float]]:
    """Find the pairs of texts that a decision calls the same, and is sure enough of.

    Args:
        texts: N texts, of which those from ``first`` on are compared with each other and with all before.
        vectors: (N, D) float32, their embeddings by the classifier's own encoder.
        first: The place of the first text that is compared.
        classifier: Decides.
        at_least: The probability, in [0, 1], from which on a pair that is called the same is one.
        compared: Is counted in.
        progress: Called with the number of texts compared and of all.

    Yields:
        Two places, the smaller one first, the probability that both say the same, in [0, 1], and the cosine.

    Raises:
        BadModel: The classifier has no fitted decision that gives probabilities.
    """
    units = unit_rows(vectors)
    known = dict(zip(texts, vectors, strict=True))
    for end, (later, earlier, cosines), crowded in nearest_pairs(units, LEAST_COSINE, first, NEIGHBOURS):
        compared.crowded += crowded
        pairs = list(zip(earlier.tolist(), later.tolist(), strict=True))
        if pairs:
            said = classifier.predict([(texts[one], texts[other]) for one, other in pairs], vectors=known)
            if said.same is None or said.probability is None:
                raise BadModel("the model has no fitted decision; calibrate it, give another one, or compare by words")
            compared.pairs += len(pairs)
            sure = said.same & (said.probability >= at_least)
            maybe = said.same if said.unsure is None else said.same | said.unsure
            compared.unsure += int((maybe & ~sure).sum())
            for place in np.flatnonzero(sure).tolist():
                yield *pairs[place], float(said.probability[place]), float(cosines[place])
        if progress is not None:
            progress(end - first, len(texts) - first)
