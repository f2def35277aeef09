"""What a sweep found: settings of training, each tried with several seeds, and measured on the same held-out pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from siamese_text._version import __version__
from siamese_text.evaluation.comparison import Comparison, compare_all
from siamese_text.evaluation.sweep_run import SweepRun

FORMAT = 1
VALIDATION = "validation"
FIGURES = (("AP", "ap"), ("accuracy", "accuracy"), ("F1", "f1"), ("Spearman", "spearman"), ("Pearson", "pearson"))
TITLES = {name: title for title, name in FIGURES}


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the seeds of a setting: mean, standard deviation (None of one seed), smallest and largest."""

    mean: float
    deviation: float | None
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of some values; the deviation is that of a sample (n − 1).

        Example:
            >>> print(Spread.of([0.5, 0.6, 0.7]))
            0.600 ± 0.100
        """
        deviation = stdev(values) if len(values) > 1 else None
        return cls(fmean(values), deviation, min(values), max(values), len(values))

    def __str__(self) -> str:
        return f"{self.mean:.3f}" + (f" ± {self.deviation:.3f}" if self.deviation is not None else "")


@dataclass(frozen=True, eq=False)
class SweepReport:
    """All runs of a sweep.

    Attributes:
        dataset: The data set that was trained on.
        output: The folder that holds the runs and the tables.
        runs: The runs, in the order of the settings and of the seeds.
        fixed: The settings that all runs share and that are not the defaults.
        done_before: How many of the runs an earlier call had finished.
    """

    dataset: str
    output: Path
    runs: Sequence[SweepRun]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    done_before: int = 0

    @cached_property
    def by_setting(self) -> dict[str, list[SweepRun]]:
        """The runs of each setting, by the setting in words."""
        found: dict[str, list[SweepRun]] = {}
        for run in self.runs:
            found.setdefault(run.title, []).append(run)
        return found

    @property
    def splits(self) -> list[str]:
        """The held-out splits, validation first."""
        return list(self.runs[0].after)

    @property
    def metric(self) -> str:
        """The figure that ranks the settings: ``ap``, or ``spearman`` for grades."""
        return "spearman" if self.runs[0].after[VALIDATION].ap is None else "ap"

    def spread(self, title: str, split: str, figure: str, *, trained: bool = True) -> Spread | None:
        """Return a figure of a setting over its seeds, or None where a run has no such figure.

        Args:
            title: The setting in words.
            split: A held-out split.
            figure: The name of an attribute of ``Evaluation``.
            trained: Whether of the trained model; else of the encoder before training.
        """
        runs = self.by_setting[title]
        values = [getattr((run.after if trained else run.before)[split], figure) for run in runs if split in run.after]
        return Spread.of(values) if values and None not in values else None

    @property
    def best(self) -> str:
        """The setting with the highest mean figure on the validation pairs, in words."""

        def mean(title: str) -> float:
            spread = self.spread(title, VALIDATION, self.metric)
            return spread.mean if spread else float("-inf")

        return max(self.by_setting, key=mean)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Every two settings on the validation pairs, each by the mean of its seeds; none if the pairs differ.

        See ``compare_all``: the intervals say how far a difference depends on the pairs, not how far on the seeds.
        """
        if len({run.digest for run in self.runs}) > 1:
            return []
        return compare_all([(title, [run.predictions for run in runs]) for title, runs in self.by_setting.items()])

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return the titles and the rows of a table: a row for each setting and split, means with deviations."""
        named = [
            (title, name)
            for title, name in FIGURES
            if any(getattr(run.after[VALIDATION], name) is not None for run in self.runs)
        ]
        titles = ["setting", "split", "runs", f"untrained {TITLES[self.metric]}", *(title for title, _ in named)]
        rows = []
        for setting, runs in self.by_setting.items():
            for split in self.splits:
                spreads = [self.spread(setting, split, self.metric, trained=False)]
                spreads += [self.spread(setting, split, name) for _, name in named]
                rows.append([setting, split, str(len(runs)), *("–" if each is None else str(each) for each in spreads)])
        return titles, rows

    def comparison_table(self) -> tuple[list[str], list[list[str]]]:
        """Return the titles and the rows of a table: a row for every two settings and each figure of both."""
        rows = [
            [
                second,
                first,
                TITLES[name],
                f"{difference.value:+.3f}",
                f"[{difference.low:+.3f}, {difference.high:+.3f}]",
                _written(difference.p),
                _written(adjusted),
            ]
            for first, second, name, difference, adjusted in self._compared()
        ]
        return ["setting", "compared with", "figure", "difference", "95 % interval", "p", "p (Holm)"], rows

    def _compared(self) -> list[tuple[str, str, str, Any, float]]:
        """Return first, second, figure, difference and adjusted p, each figure being a family of its own."""
        rows = []
        for name in ("ap", "spearman", "accuracy"):
            found = [each for each in self.comparisons if name in each.differences]
            adjusted = holm([each.differences[name].p for each in found])
            rows += [
                (each.first, each.second, name, each.differences[name], p)
                for each, p in zip(found, adjusted, strict=True)
            ]
        return rows

    def to_json(self) -> dict[str, Any]:
        """Return everything but the single predictions as plain values."""
        figures = [name for _, name in FIGURES]
        return {
            "format": FORMAT,
            "version": __version__,
            "dataset": self.dataset,
            "fixed": dict(self.fixed),
            "metric": self.metric,
            "best": self.best,
            "settings": [
                {
                    "setting": dict(runs[0].setting),
                    "title": title,
                    "seeds": [run.seed for run in runs],
                    "figures": {
                        split: {name: asdict(spread) for name in figures if (spread := self.spread(title, split, name))}
                        for split in self.splits
                    },
                }
                for title, runs in self.by_setting.items()
            ],
            "comparisons": [
                {"first": first, "second": second, "figure": name, **asdict(difference), "p_holm": adjusted}
                for first, second, name, difference, adjusted in self._compared()
            ],
            "runs": [run.summary() for run in self.runs],
        }


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values adjusted for how many there are (Holm 1979), in their order.

    Example:
        >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda at: ps[at])):
        largest = max(largest, (len(ps) - rank) * ps[at])
        adjusted[at] = min(1.0, largest)
    return adjusted


def _written(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
