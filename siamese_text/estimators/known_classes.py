"""How far a text is from all known classes, and from which distance on it belongs to none of them.

    d²(x) = min over classes c of (x − m_c)' A (x − m_c)

with the means m_c and the metric A of the ``discriminant`` scores. On CLINC150 this tells texts out of scope from
others better than the mean of the nearest neighbours does, with 5, 20 and 100 examples a class (Lee et al. 2018 found
it for images).

The distance of outsiders is that of texts that are known to belong to no class. Where none are given, each example
stands for one: its class is left out, and its distance is that to the nearest of the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadExamples
from siamese_text.estimators.class_scores import Classes, class_means, shrunk_scatter
from siamese_text.records import FloatArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KnownClasses:
    """The ``means`` (C, D) of the classes, their ``sizes`` (C,) in references, and the ``metric`` (D, D)."""

    means: FloatArray
    sizes: Classes
    metric: NDArray[Any]

    @classmethod
    def of(cls, references: FloatArray, classes: Classes) -> KnownClasses:
        """Learn them from (R, D) references with (R,) classes."""
        metric = np.linalg.inv(shrunk_scatter(references, classes))
        return cls(class_means(references, classes), np.bincount(classes), metric)

    def distances(self, vectors: FloatArray) -> Floats:
        """Return the (N, C) squared distances of (N, D) vectors from each class."""
        exact, means = vectors.astype(np.float64), self.means.astype(np.float64)
        own = np.einsum("nd,nd->n", exact @ self.metric, exact)
        coef = means @ self.metric
        found: Floats = own[:, None] - 2 * exact @ coef.T + np.einsum("cd,cd->c", coef, means)
        return np.maximum(found, 0)

    def left_out(self, examples: FloatArray, classes: Classes) -> tuple[Floats, Floats]:
        """Return how far examples are from classes that have not seen them.

        Args:
            examples: (N, D), which are among the references.
            classes: (N,) the class of each.

        Returns:
            (N,) squared distance to the nearest class when only the example is left out of its class, infinite where
            the class has nothing else and there is no other; and (N,) that to the nearest class but its own.
        """
        distances = self.distances(examples)
        rows = np.arange(len(examples))
        # The mean without x is m + (m − x) / (n − 1), so x is n / (n − 1) times as far from it.
        sizes = self.sizes[classes] * 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(sizes > 1, distances[rows, classes] * (sizes / (sizes - 1)) ** 2, np.inf)
        distances[rows, classes] = np.inf
        other = distances.min(axis=1)
        return np.minimum(own, other), other


def threshold_for(false_accepts: float, outsiders: NDArray[np.floating]) -> float:
    """Return the squared distance below which a text is taken for one of a known class.

    Of outsiders drawn like these at most ``false_accepts`` lie below it, on average over such draws: with n of them it
    is the ⌊false_accepts · (n + 1)⌋-th smallest distance, at which a text is refused (split conformal prediction, Vovk
    et al. 2005).

    Args:
        false_accepts: The wanted share of outsiders that are taken for one of a class, in (0, 1).
        outsiders: (n,) squared distances.

    Returns:
        The threshold.

    Raises:
        BadExamples: They are too few to promise so small a share.

    Example:
        >>> threshold_for(0.2, np.array([9.0, 4.0, 5.0, 6.0, 7.0, 8.0, 3.0, 2.0, 1.0]))
        2.0
    """
    place = math.floor(false_accepts * (len(outsiders) + 1) + 1e-9)
    if place < 1:
        raise BadExamples(
            f"{len(outsiders)} texts that belong to no class cannot promise {false_accepts:g} false accepts, which "
            f"takes {math.ceil(1 / false_accepts - 1e-9) - 1}; give more, or promise less"
        )
    return float(np.sort(outsiders)[place - 1])
