"""What was found: which rows stand for the same thing, with which probability, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.components import connected_components
from siamese_text.matching.candidates import Candidates, Places, missed_share
from siamese_text.matching.comparisons import Likeness
from siamese_text.matching.labelled import FARTHEST, Regression, fit_regression, folds_of, implied_by
from siamese_text.matching.labels import Labels
from siamese_text.matching.mixture import Floats, Mixture, nearest_pairs, rivals
from siamese_text.matching.records import Records
from siamese_text.scoring.calibration import probability_of

START, RIVALS = "(start)", "(rivals)"  # weights of no column
MATCH = 0.5  # probability from which on a pair is a match


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The matches among P candidates.

    Attributes:
        left: The rows of the first table.
        right: Those of the second, or the same again.
        pairs: The candidates.
        likenesses: What is known of them.
        mixture: What was learned without labels.
        regression: What labels taught; None without any.
        log_odds: (P,), the sum of the weights.
        probability: (P,) that a pair matches, before anybody's label.
        labels: What somebody said; None where nobody did.
    """

    left: Records
    right: Records
    pairs: Candidates
    likenesses: Sequence[Likeness]
    mixture: Mixture
    regression: Regression | None
    log_odds: Floats
    probability: Floats
    labels: Labels | None

    @property
    def predicted(self) -> NDArray[np.bool_]:
        """Return the (P,) pairs that are matches by their probability, whatever somebody said."""
        return chosen(self.pairs, self.mixture, self.log_odds, self.probability)

    @property
    def matches(self) -> NDArray[np.bool_]:
        """Return the (P,) pairs that are matches: what somebody said holds, and is a rival of the others."""
        if self.labels is None:
            return self.predicted
        said = np.where(self.labels.same, np.inf, -np.inf)
        log_odds, probability = self.log_odds.copy(), self.probability.copy()
        log_odds[self.labels.places] = said
        probability[self.labels.places] = self.labels.same
        found = chosen(self.pairs, self.mixture, log_odds, probability)
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
            the lead over rivals, and the rivals themselves.
        """
        found = {START: np.full(len(places), self.mixture.start)}
        scale = np.ones(len(places))
        if self.regression is not None:
            said = self.mixture.log_odds([_of(each, places) for each in self.likenesses])
            # what lies beyond the farthest log-odds is taken from all columns alike
            scale = self.regression.trust * np.clip(FARTHEST / np.maximum(np.abs(said), 1e-9), 0, 1)
            found[START] = self.mixture.start * scale + self.regression.intercept
        for number, (each, learned) in enumerate(zip(self.likenesses, self.mixture.scales, strict=True)):
            values = each.values[places]
            worth = scale * learned.worth(values)
            if self.regression is not None:
                worth = worth + self.regression.worth(number, values)
            found[each.column] = found.get(each.column, 0.0) + worth
        if self.regression is None:
            found[RIVALS] = self.log_odds[places] - np.sum(list(found.values()), axis=0)
        return found


def chosen(pairs: Candidates, mixture: Mixture, log_odds: Floats, probability: Floats) -> NDArray[np.bool_]:
    """Return the (P,) pairs that match: probable enough and, where rows have one partner, the best of their rows."""
    return (probability >= MATCH) & nearest_pairs(pairs, log_odds, mixture.sides)


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
    known = mixture.with_lead(pairs, likenesses)
    log_odds = mixture.log_odds(known)
    rivalled = log_odds + rivals(pairs, log_odds, mixture.sides)
    if labels is not None and len(labels.places):
        said, implied = probability_of(rivalled), implied_by(pairs, mixture.sides, labels.places, labels.same)
        regression = fit_regression(known, log_odds, said, labels.places, labels.same, seed, implied)
    final = rivalled if regression is None else regression.log_odds(known, log_odds)
    return Matched(left, right, pairs, known, mixture, regression, final, probability_of(final), labels)


def cross_fitted(matched: Matched, seed: int = 0) -> tuple[NDArray[np.bool_], Floats]:
    """Say of each labelled pair what a fit without it would say.

    Args:
        matched: What was found with labels.
        seed: Of the folds.

    Returns:
        (N,) whether each labelled pair is predicted to match, and (N,) with which probability.
    """
    labels, mixture, pairs = matched.labels, matched.mixture, matched.pairs
    assert labels is not None
    before = mixture.log_odds(matched.likenesses)
    rivalled = before + rivals(pairs, before, mixture.sides)
    shares = probability_of(rivalled)
    folds = folds_of(len(labels.places), seed)
    predicted, probability = np.zeros(len(folds), bool), np.zeros(len(folds))
    for fold in range(folds.max() + 1):
        out = folds == fold
        places, same = labels.places[~out], labels.same[~out]
        implied = implied_by(pairs, mixture.sides, places, same)
        fit = fit_regression(matched.likenesses, before, shares, places, same, seed, implied)
        log_odds = rivalled if fit is None else fit.log_odds(matched.likenesses, before)
        said = probability_of(log_odds)
        predicted[out] = chosen(pairs, mixture, log_odds, said)[labels.places[out]]
        probability[out] = said[labels.places[out]]
    return predicted, probability


def _of(whole: Likeness, places: Places) -> Likeness:
    return Likeness(whole.column, whole.name, whole.values[places], whole.part)
