"""What a report says: the figures of one or several models on the same pairs, as plain values and as rows of words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamese_text._version import __version__
from siamese_text.data.leaks import Leaks
from siamese_text.deprecation import warn_renamed
from siamese_text.errors import BadData, UsageError
from siamese_text.evaluation.comparison import Comparison, compare_all
from siamese_text.evaluation.evaluated_model import EvaluatedModel
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.report.maps import SEED, MapSample
from siamese_text.evaluation.report.worst_errors import WorstError, worst_errors
from siamese_text.evaluation.slices import SliceFigures, measure_slice, slice_pairs
from siamese_text.pages import FIGURES, Figure, figure, percent
from siamese_text.records import DataKind
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.metrics import BINS, balance_for, mean_of_ties, pair_counts

FORMAT = 1
ERRORS = 25  # more than that nobody reads at once
EXPLAINED, EXPLAINED_OF_EACH = 40, 3  # of all models together, and of each at least: one takes about half a second
_EVALUATION_FIELDS = {each.name for each in fields(Evaluation)}


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """One or several models examined on the same pairs.

    Attributes:
        models: The examined models.
        origin: Where the pairs were read from.
        dropped: How many rows were left out, by reason.
        leaks: The pairs that share a sentence with training data, if that was asked for.
        sample: The texts of the maps, if maps are to be drawn.
        name: The data set, as it was asked for.
        kind: What the rows are that the pairs were made of.
        rows: How many rows these are.
    """

    models: Sequence[EvaluatedModel]
    origin: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)
    leaks: Leaks | None = None
    sample: MapSample | None = None
    name: str = ""
    kind: DataKind = "pairs"
    rows: int = 0

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return a figure of the only model, as 0.1 gave it, with a warning that says where it is now."""
            if name not in _EVALUATION_FIELDS:
                raise AttributeError(f"'EvaluationReport' object has no attribute '{name}'")
            warn_renamed(f"evaluate(...).{name}", f"evaluate(...).evaluation.{name}")
            return getattr(self.evaluation, name)

    @property
    def evaluation(self) -> Evaluation:
        """The figures of the only model.

        Raises:
            UsageError: There are several models.
        """
        if len(self.models) != 1:
            raise UsageError(f"there are {len(self.models)} models; take one of the report's evaluations")
        return self.models[0].evaluation

    @property
    def evaluations(self) -> list[Evaluation]:
        """The figures of each model."""
        return [each.evaluation for each in self.models]

    @cached_property
    def slices(self) -> list[list[SliceFigures]]:
        """For each model its figures on the slices of the pairs."""
        parts = slice_pairs(self.models[0].pairs)
        return [[measure_slice(part, each.predictions) for part in parts] for each in self.models]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Each further model against the first."""
        models = [(each.evaluation.model, [each.predictions]) for each in self.models]
        return compare_all(models)[: len(models) - 1]  # those of the first model come first

    @cached_property
    def errors(self) -> list[list[WorstError]]:
        """For each model its worst errors, not yet explained."""
        return [worst_errors(each, ERRORS) for each in self.models]

    @cached_property
    def without_leaks(self) -> list[Evaluation] | None:
        """The figures of each model on the pairs that do not leak; None where these hold no two labels."""
        if self.leaks is None:
            return None
        try:
            return [each.take(~self.leaks.rows).evaluation for each in self.models]
        except BadData:
            return None

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values, with the texts of the worst errors."""
        return {
            "format": FORMAT,
            "version": __version__,
            "origin": self.origin,
            **self.figures_json(slices=True),
            "reliability": [_reliability_json(each) for each in self.models],
            "errors": [[_error_json(error) for error in errors] for errors in self.errors],
            "map": self.sample and {"drawn": self.sample.drawn, "of": self.sample.total, "seed": SEED},
        }

    def figures_json(self, *, slices: bool) -> dict[str, Any]:
        """Return the figures as plain values; what is of a model stands in the order of ``evaluations``."""
        values: dict[str, Any] = {
            "dropped": dict(self.dropped),
            "evaluations": [asdict(each) for each in self.evaluations],
            "comparisons": [asdict(each) for each in self.comparisons],
        }
        if self.leaks is not None:
            without = None if self.without_leaks is None else [asdict(each) for each in self.without_leaks]
            values["leaks"] = {"pairs": self.leaks.count, "sources": dict(self.leaks.sources), "without": without}
        if slices:
            values["slices"] = [[asdict(each) | {"gap": each.gap} for each in figures] for figures in self.slices]
        return values


def explained_errors(models: int) -> int:
    """Return how many of the worst errors of each model are explained, so that many models do not take hours.

    Example:
        >>> [explained_errors(models) for models in (1, 4, 100)]
        [25, 10, 3]
    """
    return min(ERRORS, max(EXPLAINED // models, EXPLAINED_OF_EACH))


def calibration_bins(
    labels: NDArray[Any], probability: NDArray[np.float64], prior: float | None = None
) -> list[tuple[float, float, int]]:
    """Return mean probability, share of same pairs and number of pairs of the bins that the ECE is made of.

    Where the decision is made for a ``prior``, the pairs are weighted to have that share of positives, as for the ECE.

    Example:
        >>> calibration_bins(np.array([0, 1]), np.array([0.25, 0.5]))
        [(0.25, 0.0, 1), (0.5, 1.0, 1)]
    """
    order = np.argsort(probability)
    rising, labels = probability[order], labels[order]
    counts = pair_counts(labels, balance_for(float(labels.mean()), prior))
    same, counts = mean_of_ties(labels * counts, rising), mean_of_ties(counts, rising)

    def bin_of(part: NDArray[np.int64]) -> tuple[float, float, int]:
        mass = float(counts[part].sum())
        return float(rising[part] @ counts[part]) / mass, float(same[part].sum()) / mass, len(part)

    return [bin_of(part) for part in np.array_split(np.arange(len(labels)), min(BINS, len(labels)))]


def figure_rows(evaluations: Sequence[Evaluation]) -> list[list[str]]:
    """Return the rows of a table with a column a model: those of ``FIGURES`` that any of them has."""
    rows = []
    for name, (title, written) in FIGURES.items():
        if name == "ece_expected":
            continue  # it stands in the cell of the ECE
        if any(getattr(each, name) is not None for each in evaluations):
            rows.append([title, *(_cell(each, name, written) for each in evaluations)])
    names = dict.fromkeys(name for each in evaluations if len(each.ap_by_score) > 1 for name in each.ap_by_score)
    rows += [[f"AP by {name}", *(figure(each.ap_by_score.get(name)) for each in evaluations)] for name in names]
    decided = ["decides by", *("–" if each.threshold is None else each.score for each in evaluations)]
    if all(each.decide_at is None for each in evaluations):
        return [*rows, decided]
    goals = ("a threshold by hand" if _by_hand(each) else each.decide_at or "–" for each in evaluations)
    return [*rows, decided, ["decides for", *goals]]


def threshold_words(evaluation: Evaluation) -> str:
    """Say where a model's threshold comes from, or why it has none.

    Example:
        >>> threshold_words(Evaluation("ours", "mrpc/test", 9, ap=0.9))
        'no fitted decision; train or calibrate it on labelled pairs for accuracy and probabilities'
    """
    if evaluation.threshold_source is None:
        if evaluation.ap is None:
            return "the labels are grades, so the similarity is compared with them and nothing is decided"
        return "no fitted decision; train or calibrate it on labelled pairs for accuracy and probabilities"
    words = f"threshold fitted on {evaluation.threshold_source}"
    if _by_hand(evaluation):
        words = "threshold given by hand"
    if evaluation.prior is not None:
        words += f"; figures of decisions are for {percent(evaluation.prior)} same pairs in use"
    return words + ("; cross-fitted, since these are the same pairs" if evaluation.cross_fitted else "")


def comparison_rows(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """Return a row a difference: the two models, the figure, the difference, its interval and p."""
    return [
        [
            each.second,
            each.first,
            FIGURES[name].title,
            f"{difference.value:+.3f}",
            f"[{difference.low:+.3f}, {difference.high:+.3f}]",
            "< 0.001" if difference.p < 0.001 else f"{difference.p:.3f}",
        ]
        for each in comparisons
        for name, difference in each.differences.items()
    ]


def slice_columns(figures: Sequence[SliceFigures]) -> list[str]:
    """Return the titles of the columns of numbers that ``slice_row`` gives for these slices."""
    titles = {name: title for name, (title, _) in _SLICE_FIGURES.items() if _known(figures, name)}
    if "spearman" in titles:
        titles["positives"] = "mean grade"
    return ["pairs", *titles.values()]


def slice_row(part: SliceFigures, figures: Sequence[SliceFigures]) -> list[str]:
    """Return the cells of a slice: number of pairs, with a mark where they are few, and the figures any slice has."""
    pairs = f"{part.pairs:,} *" if part.few else f"{part.pairs:,}"
    shown = {name: written for name, (_, written) in _SLICE_FIGURES.items() if _known(figures, name)}
    return [pairs, *(written(getattr(part, name)) for name, written in shown.items())]


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"


_SLICE_FIGURES = {  # by the attribute of SliceFigures
    "positives": Figure("share same", percent),
    "ap": FIGURES["ap"],
    "spearman": FIGURES["spearman"],
    "accuracy": FIGURES["accuracy"],
    "probability": Figure("mean probability", percent),
    "gap": Figure("calibration gap", _signed),
}


def _by_hand(evaluation: Evaluation) -> bool:
    return evaluation.decide_at is not None and Goal.read(evaluation.decide_at).by_hand


def _known(figures: Sequence[SliceFigures], name: str) -> bool:
    return any(getattr(each, name) is not None for each in figures)


def _cell(evaluation: Evaluation, name: str, written: Callable[[float | None], str]) -> str:
    """Return a figure with its interval, where there is one."""
    value = written(getattr(evaluation, name))
    if name == "ece" and evaluation.ece_expected is not None:
        return f"{value} (perfect: {figure(evaluation.ece_expected)})"
    if name not in evaluation.intervals:
        return value
    low, high = evaluation.intervals[name]
    return f"{value} [{100 * low:.1f}, {100 * high:.1f}]" if written is percent else f"{value} [{low:.3f}, {high:.3f}]"


def _reliability_json(evaluated: EvaluatedModel) -> list[dict[str, float]] | None:
    predictions = evaluated.predictions
    if predictions.probability is None:
        return None
    bins = calibration_bins(predictions.labels, predictions.probability, evaluated.evaluation.prior)
    return [{"probability": mean, "same": share, "pairs": count} for mean, share, count in bins]


def _error_json(error: WorstError) -> dict[str, Any]:
    return {
        "sentence1": error.pair.sentence1,
        "sentence2": error.pair.sentence2,
        "label": error.pair.label,
        "score": error.score,
        "probability": error.probability,
    }
