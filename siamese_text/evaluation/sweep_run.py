"""One run of a sweep, and how it is kept: all that tables and comparisons need, so that the model itself may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.labelled_predictions import LabelledPredictions


@dataclass(frozen=True, slots=True, eq=False)
class SweepRun:
    """One training run of a sweep.

    Attributes:
        name: The name of its model folder.
        setting: The settings that the sweep varies, with their values in this run.
        seed: Its seed.
        before: The figures of the untrained encoder by split.
        after: The figures of the trained model by split.
        predictions: What the trained model says of each validation pair; of one that was kept, without its decision.
        digest: The SHA-256 of the validation pairs in their order; only runs that share it can be compared.
        best_step: The step whose weights were kept.
        seconds: How long training with its validations took.
    """

    name: str
    setting: Mapping[str, Any]
    seed: int
    before: Mapping[str, Evaluation]
    after: Mapping[str, Evaluation]
    predictions: LabelledPredictions
    digest: str
    best_step: int
    seconds: float

    @property
    def title(self) -> str:
        """The setting in words, such as ``loss=bce, epochs=3``."""
        return ", ".join(f"{key}={value}" for key, value in self.setting.items()) or "as given"

    def summary(self) -> dict[str, Any]:
        """Return the run as plain values, without what it said of single pairs."""
        return {
            "name": self.name,
            "setting": dict(self.setting),
            "seed": self.seed,
            "before": {split: asdict(figures) for split, figures in self.before.items()},
            "after": {split: asdict(figures) for split, figures in self.after.items()},
            "digest": self.digest,
            "best_step": self.best_step,
            "seconds": self.seconds,
        }

    def to_json(self) -> dict[str, Any]:
        """Return all of the run as plain values."""
        said = self.predictions
        return self.summary() | {
            "predictions": {
                "labels": said.labels.tolist(),
                "ranking": said.ranking.tolist(),
                "compared": said.compared.tolist(),
                "unit": said.unit,
                "probability": None if said.probability is None else said.probability.tolist(),
                "same": None if said.same is None else said.same.astype(int).tolist(),
                "cross_fitted": said.cross_fitted,
                "balance": list(said.balance),
            }
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SweepRun:
        """Return the run that ``to_json`` gave."""
        said, (low, high) = values["predictions"], values["predictions"]["balance"]
        predictions = LabelledPredictions(
            labels=np.array(said["labels"], dtype=np.float64),
            ranking=np.array(said["ranking"], dtype=np.float64),
            compared=np.array(said["compared"], dtype=np.float64),
            unit=said["unit"],
            probability=None if said["probability"] is None else np.array(said["probability"], dtype=np.float64),
            same=None if said["same"] is None else np.array(said["same"], dtype=bool),
            balance=(low, high),
            cross_fitted=said["cross_fitted"],
        )
        return cls(
            values["name"],
            values["setting"],
            values["seed"],
            _evaluations(values["before"]),
            _evaluations(values["after"]),
            predictions,
            values["digest"],
            values["best_step"],
            values["seconds"],
        )


def _evaluations(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Evaluation]:
    """Return evaluations by split from their plain values, in which intervals are lists."""
    found = {}
    for split, figures in values.items():
        intervals = {name: (low, high) for name, (low, high) in figures["intervals"].items()}
        found[split] = Evaluation(**{**figures, "intervals": intervals})
    return found
