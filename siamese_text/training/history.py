"""What happened in a training run: a line for every step and every validation, and the curves drawn from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One optimiser step: the mean loss of its batches, the encoder's learning rate, the gradient's norm, the speed.

    ``spread`` is the mean standard deviation of the embeddings' dimensions over the batch, times √D: about 1 for
    well-spread unit vectors, near 0 when all texts get the same embedding.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    pairs_per_second: float
    spread: float


@dataclass(frozen=True, slots=True)
class ValidationRecord:
    """One validation: its loss, and the quality of the score that ranks best.

    ``metric`` is ``AP`` for labels 0 and 1, whose oracle accuracy stands beside it, and ``Spearman`` for graded ones.
    """

    step: int
    epoch: float
    loss: float
    metric: str
    value: float
    accuracy: float | None
    score: str
    best: bool


@dataclass(slots=True)
class History:
    """All steps and validations of a run, in order."""

    steps: list[StepRecord] = field(default_factory=list)
    validations: list[ValidationRecord] = field(default_factory=list)

    def write_jsonl(self, path: Path) -> None:
        """Write one JSON object a line, each with its ``kind``: ``step`` or ``validation``."""
        records = [("step", record) for record in self.steps] + [("validation", record) for record in self.validations]
        records.sort(key=lambda item: (item[1].step, item[0]))
        lines = [json.dumps({"kind": kind, **asdict(record)}) for kind, record in records]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """Return the records as plain values."""
        return {"steps": [asdict(r) for r in self.steps], "validations": [asdict(r) for r in self.validations]}

    @classmethod
    def from_json(cls, values: Mapping[str, Sequence[Mapping[str, Any]]]) -> History:
        """Return the history that ``to_json`` gave."""
        steps = [StepRecord(**record) for record in values["steps"]]
        return cls(steps, [ValidationRecord(**record) for record in values["validations"]])

    def draw(self, path: Path) -> None:
        """Draw training and validation loss, and validation quality, over the epochs as a PNG."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 3.6), layout="constrained")
        FigureCanvasAgg(figure)  # never a window, whatever backend the user has chosen
        loss, quality = figure.subplots(1, 2)
        loss.plot([r.epoch for r in self.steps], [r.loss for r in self.steps], color="#b8c4d6", linewidth=0.8)
        smooth = _running_mean([r.loss for r in self.steps])
        loss.plot([r.epoch for r in self.steps], smooth, color="#2f5d9b", linewidth=1.8, label="training")
        epochs = [r.epoch for r in self.validations]
        loss.plot(epochs, [r.loss for r in self.validations], "o-", color="#d1495b", markersize=4, label="validation")
        loss.set(xlabel="epoch", ylabel="loss", title="Loss")
        values = [r.value for r in self.validations]
        metric = self.validations[0].metric if self.validations else "AP"
        quality.plot(epochs, values, "o-", color="#2f5d9b", markersize=4, label=metric)
        accuracy = [(r.epoch, r.accuracy) for r in self.validations if r.accuracy is not None]
        if accuracy:
            quality.plot(
                *zip(*accuracy, strict=True), "s-", color="#edae49", markersize=4, label="accuracy (oracle threshold)"
            )
        best = [r for r in self.validations if r.best]
        if best:
            quality.axvline(best[-1].epoch, color="#888888", linestyle=":", linewidth=1, label="kept")
        quality.set(xlabel="epoch", title="Validation")
        for axes in (loss, quality):
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False)
        figure.savefig(path, dpi=140)


def _running_mean(values: list[float], window: int = 20) -> list[float]:
    """Return for each value the mean of up to ``window`` values that end with it."""
    means = []
    for end in range(1, len(values) + 1):
        recent = values[max(0, end - window) : end]
        means.append(sum(recent) / len(recent))
    return means
