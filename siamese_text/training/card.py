"""The model card: what a folder says to whoever opens it, here or on the hub."""

from __future__ import annotations

from collections.abc import Mapping

from siamese_text.scoring.decision import Decision
from siamese_text.scoring.evaluation import Evaluation
from siamese_text.training.settings import TrainSettings

CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
base_model: {base}
tags: [sentence-transformers, sentence-similarity, siamese-text]
---

# {base}, trained on {dataset}

A Siamese encoder trained with siamese-text on {pairs:,} sentence pairs ({loss} loss). It decides whether two texts
say the same by its {score}; threshold and calibration were fitted on {fitted_on} and are kept in `siamese_text.json`.

| model | pairs | AP | ROC-AUC | accuracy | F1 |
|---|---|--:|--:|--:|--:|
{rows}

Accuracy and F1 are at the fitted threshold; on the pairs that it was fitted on they are cross-fitted. Always answering
with the commoner class gives {majority:.3f} accuracy on validation.

```python
from siamese_text import Scorer

scorer = Scorer.load("FOLDER")
print(scorer.score([("A dog chased the cat.", "The cat was chased by a dog.")]))
```

`SentenceTransformer("FOLDER")` gives the same embeddings, without the decision.
"""


def model_card(
    settings: TrainSettings,
    before: Mapping[str, Evaluation],
    after: Mapping[str, Evaluation],
    decision: Decision,
    pairs: int,
) -> str:
    """Return the card as Markdown.

    Args:
        settings: Of the run.
        before: The untrained encoder's figures by split.
        after: The trained model's figures by split.
        decision: The one that was saved.
        pairs: How many pairs were trained on.
    """
    rows = [
        f"| {name} | {evaluation.data} | {evaluation.ap:.3f} | {evaluation.roc_auc:.3f} | "
        f"{evaluation.accuracy:.3f} | {evaluation.f1:.3f} |"
        for split in after
        for name, evaluation in (("untrained", before[split]), ("trained", after[split]))
    ]
    return CARD.format(
        base=settings.model,
        dataset=settings.dataset,
        pairs=pairs,
        loss=settings.loss,
        score=decision.score,
        fitted_on=decision.fitted_on,
        rows="\n".join(rows),
        majority=after["validation"].majority_accuracy,
    )
