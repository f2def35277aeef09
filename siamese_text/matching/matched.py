"""What was found: which rows stand for the same thing, with which probability, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.matching.candidates import Candidates, Places, missed_share
from siamese_text.matching.comparisons import Likeness
from siamese_text.matching.labelled import Regression, fit_regression, folds_of
from siamese_text.matching.labels import Labels
from siamese_text.matching.mixture import Floats, Known, Mixture, nearest_pairs
from siamese_text.matching.records import Records
from siamese_text.scoring.calibration import probability_of

START, RIVALS = "(start)", "(rivals)"  # weights of no column


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The matches among P candidates.

    Attributes:
        left: The rows of the first table.
        right: Those of the second, or the same again.
        known: The candidates, and what can be said of them without labels.
        mixture: What was learned without labels.
        regression: What labels taught; None without any.
        log_odds: (P,), the sum of the weights.
        probability: (P,) that a pair matches, before anybody's label.
        labels: What somebody said; None where nobody did.
    """

    left: Records
    right: Records
    known: Known
    mixture: Mixture
    regression: Regression | None
    log_odds: Floats
    probability: Floats
    labels: Labels | None

    @property
    def pairs(self) -> Candidates:
        """Return the P candidates."""
        return self.known.pairs

    @property
    def predicted(self) -> NDArray[np.bool_]:
        """Return the (P,) pairs that are matches by their probability, whatever somebody said."""
        return chosen(self.known, self.log_odds)

    @property
    def matches(self) -> NDArray[np.bool_]:
        """Return the (P,) pairs that are matches: what somebody said holds, and is a rival of the others."""
        if self.labels is None:
            return self.predicted
        log_odds = self.log_odds.copy()
        log_odds[self.labels.places] = np.where(self.labels.same, np.inf, -np.inf)
        found = chosen(self.known, log_odds)
        found[self.labels.places] = self.labels.same
        return found

    @property
    def missed(self) -> float:
        """Return the estimated share of matches that are no candidates."""
        return missed_share(self.pairs, self.probability)

    def matched_ids(self) -> list[tuple[str, str]]:
        """Return the ids of the rows that match, in the order of the tables."""
        found = np.flatnonzero(self.matches)
        rows = zip(self.pairs.left[found].tolist(), self.pairs.right[found].tolist(), strict=True)
        return [(self.left.ids[one], self.right.ids[other]) for one, other in rows]

    def clusters(self) -> NDArray[np.int64]:
        """Return the (N + M,) clusters of all rows, the second table's after the first's; of one table (N,)."""
        rows, alone = self.pairs.rows, self.pairs.alone
        found, shift = self.matches, 0 if alone else rows[0]
        return connected_components(self.pairs.left[found], self.pairs.right[found] + shift, shift + rows[1])

    def weights(self, places: Places) -> dict[str, Floats]:
        """Return what made the log-odds of some pairs, which is their sum.

        Args:
            places: (N,) where they stand.

        Returns:
            For each column (N,) log-odds, further for what no column says: where a pair begins, all columns together,
            the lead over rivals, and the rivals themselves, with how alike rows get that are no match.
        """
        alone, rivalled = self.known.alone[places], self.known.rivalled[places]
        learned = self.regression
        one, other = (0.0, 1.0) if learned is None else learned.factors(alone, rivalled)
        found = {START: (one + other) * np.full(len(places), self.mixture.start)}
        for number, (each, scale) in enumerate(zip(self.known.likenesses, self.mixture.scales, strict=True)):
            values = each.values[places]
            worth = (one + other) * scale.worth(values)
            found[each.column] = found.get(each.column, 0.0) + worth
            if learned is not None:
                found[each.column] += learned.worth(number, values)
        if learned is not None:
            found[START] += learned.intercept
        if any(self.known.sides):
            found[RIVALS] = other * (rivalled - alone)
        return found


def chosen(known: Known, log_odds: Floats) -> NDArray[np.bool_]:
    """Return the (P,) pairs that match: likelier than not and, where rows have one partner, the best of their rows."""
    return (log_odds >= 0) & nearest_pairs(known.pairs, log_odds, known.sides)


def put_together(
    left: Records,
    right: Records,
    pairs: Candidates,
    likenesses: Sequence[Likeness],
    mixture: Mixture,
    labels: Labels | None = None,
    regression: Regression | None = None,
    seed: int = 0,
) -> Matched:
    """Say of all candidates how probable they are.

    Args:
        left: The rows of the first table.
        right: Those of the second.
        pairs: The candidates.
        likenesses: What is known of them, without the lead.
        mixture: What was learned without labels.
        labels: What somebody said: a regression is fitted to it.
        regression: One that was fitted before.
        seed: Of what is drawn at random.
    """
    known = mixture.known(pairs, likenesses)
    if labels is not None and len(labels.places):
        regression = fit_regression(known, labels.places, labels.same, seed)
    log_odds = known.rivalled if regression is None else regression.log_odds(known)
    return Matched(left, right, known, mixture, regression, log_odds, probability_of(log_odds), labels)


def cross_fitted(matched: Matched, seed: int = 0) -> tuple[NDArray[np.bool_], Floats]:
    """Say of each labelled pair what a fit without it would say.

    Args:
        matched: What was found with labels.
        seed: Of the folds.

    Returns:
        (N,) whether each labelled pair is predicted to match, and (N,) with which probability.
    """
    labels, known = matched.labels, matched.known
    assert labels is not None
    folds = folds_of(len(labels.places), seed)
    predicted, probability = np.zeros(len(folds), bool), np.zeros(len(folds))
    for fold in range(folds.max() + 1):
        out = folds == fold
        fit = fit_regression(known, labels.places[~out], labels.same[~out], seed)
        log_odds = known.rivalled if fit is None else fit.log_odds(known)
        predicted[out] = chosen(known, log_odds)[labels.places[out]]
        probability[out] = probability_of(log_odds[labels.places[out]])
    return predicted, probability
