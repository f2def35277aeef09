"""What a distillation gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.training.distillation.corpus import Corpus
from siamese_text.training.distillation.settings import DistillSettings
from siamese_text.training.history import History

REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class DistillReport:
    """What a distillation gave.

    Attributes:
        settings: The settings of the run.
        output: The model folder.
        corpus: The sentences.
        layers: Those that the student has of its teacher; None for a static one.
        before: The mean cosine of the untrained student's vectors with the teacher's, on the held-out sentences.
        after: The same of the trained student.
        evaluations: Teacher and student on the held-out pairs of each data set.
        best_step: The step whose weights were kept.
        seconds: Wall-clock time of the teacher's vectors and of the training.
        history: Steps and validations.
    """

    settings: DistillSettings
    output: Path
    corpus: Corpus = field(repr=False)
    layers: tuple[int, ...] | None
    before: float
    after: float
    evaluations: Mapping[str, tuple[Evaluation, Evaluation]]
    best_step: int
    seconds: tuple[float, float]
    history: History = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values, without the history, which has its own file."""
        evaluations = {
            name: {"teacher": asdict(teacher), "student": asdict(student)}
            for name, (teacher, student) in self.evaluations.items()
        }
        return {
            "format": REPORT_FORMAT,
            "settings": self.settings.values(),
            "sentences": {
                "training": len(self.corpus.training),
                "held_out": len(self.corpus.held_out),
                "left_out_for_held_out_pairs": self.corpus.left_out,
            },
            "layers": self.layers,
            "cosine_with_the_teacher": {"before": self.before, "after": self.after},
            "evaluations": evaluations,
            "judged": evaluations,  # what 0.1 called them
            "best_step": self.best_step,
            "seconds": {"teacher": round(self.seconds[0], 1), "training": round(self.seconds[1], 1)},
        }
