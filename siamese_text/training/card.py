"""The model card: what a folder says to whoever opens it, here or on the hub."""

from __future__ import annotations

from collections.abc import Mapping

from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.pages import FIGURES, figure
from siamese_text.records import DATA_KINDS
from siamese_text.scoring.decision import Decision
from siamese_text.training.mixture import TrainSet
from siamese_text.training.settings import TrainSettings

SHOWN = ("ap", "roc_auc", "accuracy", "f1", "spearman", "pearson")  # of a card's table
CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
base_model: {base}
tags: [sentence-transformers, sentence-similarity, siamese-text]
---

# {base}, trained on {dataset}

A Siamese encoder trained with siamese-text on {rows:,} {kind} ({loss} loss). {decides}

{table}

```python
from siamese_text import Scorer

scorer = Scorer.load("FOLDER")
print(scorer.score([("A dog chased the cat.", "The cat was chased by a dog.")]))
```

`SentenceTransformer("FOLDER")` gives the same embeddings, without the decision.
"""
DECIDES = """It decides whether two texts
say the same by its {score}; the threshold (for {decide_at}) and the calibration were {source} and are
kept in `siamese_text.json`.

Accuracy and F1 are at the fitted threshold; on the pairs that it was fitted on they are cross-fitted. Always answering
with the commoner class gives {majority:.3f} accuracy on validation."""
GRADES = """It was trained on
grades, and gives similarities; `siamese_text.json` holds no threshold."""


def model_card(
    settings: TrainSettings,
    before: Mapping[str, Evaluation],
    after: Mapping[str, Evaluation],
    decision: Decision | None,
    trained_on: TrainSet,
) -> str:
    """Return the card as Markdown.

    Args:
        settings: The settings of the run.
        before: The untrained encoder's figures by split.
        after: The trained model's figures by split.
        decision: The one that was saved, if one was.
        trained_on: The main training set.
    """
    decides = GRADES
    if decision:
        majority = after["validation"].majority_accuracy
        decides = DECIDES.format(
            score=decision.score, decide_at=decision.decide_at, source=decision.source, majority=majority
        )
    return CARD.format(
        base=settings.model,
        dataset=settings.dataset,
        rows=len(trained_on.examples),
        kind=DATA_KINDS[trained_on.kind],
        loss=trained_on.loss,
        decides=decides,
        table=_table(before, after),
    )


def _table(before: Mapping[str, Evaluation], after: Mapping[str, Evaluation]) -> str:
    """Return the figures that apply as a Markdown table."""
    shown = [name for name in SHOWN if getattr(after["validation"], name) is not None]
    titles = " | ".join(FIGURES[name].title for name in shown)
    lines = [f"| model | pairs | {titles} |", "|---|---|" + "--:|" * len(shown)]
    for split in after:
        for model, evaluation in (("untrained", before[split]), ("trained", after[split])):
            cells = " | ".join(figure(getattr(evaluation, name)) for name in shown)
            lines.append(f"| {model} | {evaluation.data} | {cells} |")
    return "\n".join(lines)
