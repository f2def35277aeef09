"""What a training run gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.probe import ProbeFigures
from siamese_text.scoring.decision import Decision
from siamese_text.training.history import History
from siamese_text.training.mixture import TrainingData
from siamese_text.training.settings import TrainSettings

REPORT_FORMAT = 2  # 1 was that of 0.1, whose settings had other names


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a run gave.

    Attributes:
        settings: The settings of the run.
        output: The model folder.
        data: The rows and what was said about them.
        before: The untrained encoder on each held-out split, its decision fitted on validation like the trained one's.
        after: The trained model on each held-out split.
        probe: How the trained model takes minimal pairs, by family; empty where it was not asked.
        extra: The untrained and the trained model on the held-out pairs of each further data set.
        decision: The decision that was saved; None where the labels are grades.
        history: Steps and validations.
        best_step: The step whose weights were kept.
        truncated: How many distinct training sentences were longer than the model reads.
        seconds: Wall-clock time of training with its validations.
    """

    settings: TrainSettings
    output: Path
    data: TrainingData
    before: Mapping[str, Evaluation]
    after: Mapping[str, Evaluation]
    decision: Decision | None
    best_step: int
    truncated: int
    seconds: float
    history: History = field(repr=False)
    probe: Sequence[ProbeFigures] = ()
    extra: Mapping[str, tuple[Evaluation, Evaluation]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values, without the history, which has its own file."""
        sizes = {name: len(pairs) for name, pairs in self.data.held_out.items()}
        return {
            "format": REPORT_FORMAT,
            "settings": self.settings.values(),
            "data": {
                "training_rows": {each.name: len(each.examples) for each in self.data.sets},
                "pairs": sizes,
                "origins": dict(self.data.origins),
                "dropped": {name: dict(reasons) for name, reasons in self.data.dropped.items()},
                "left_out_for_a_shared_sentence": dict(self.data.leaked),
            },
            "before": {name: asdict(evaluation) for name, evaluation in self.before.items()},
            "after": {name: asdict(evaluation) for name, evaluation in self.after.items()},
            "mixture": {
                name: {"before": asdict(before), "after": asdict(after)} for name, (before, after) in self.extra.items()
            },
            "decision": self.decision.to_json() if self.decision else None,
            "probe": [{**asdict(each), "wrong_share": each.wrong_share} for each in self.probe],
            "best_step": self.best_step,
            "truncated": self.truncated,
            "seconds": round(self.seconds, 1),
        }
