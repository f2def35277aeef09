"""The model card of a student."""

from __future__ import annotations

from siamese_text.training.distillation.report import DistillReport

CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
base_model: {teacher}
tags: [sentence-transformers, sentence-similarity, siamese-text, distillation]
---

# {kind} that imitates {teacher}

Distilled with siamese-text from {sentences:,} plain sentences. On {held_out:,} others the mean cosine of its vectors
with the teacher's is {after:.3f} ({before:.3f} before training).
{table}
```python
from siamese_text import load_encoder

vectors = load_encoder("FOLDER").encode(["A dog chased the cat."])
```

`SentenceTransformer("FOLDER")` gives the same vectors.
"""


def distilled_card(report: DistillReport) -> str:
    """Return the card as Markdown."""
    kind = "A table of token vectors" if report.layers is None else f"{len(report.layers)} layers"
    return CARD.format(
        kind=kind,
        teacher=report.settings.teacher,
        sentences=len(report.corpus.training),
        held_out=len(report.corpus.held_out),
        before=report.before,
        after=report.after,
        table=_table(report),
    )


def _table(report: DistillReport) -> str:
    if not report.evaluations:
        return ""
    lines = ["", "| held-out pairs | metric | teacher | student |", "|---|---|--:|--:|"]
    for name, (teacher, student) in report.evaluations.items():
        metric = "Spearman" if teacher.ap is None else "AP"
        values = [each.ap if each.ap is not None else each.spearman or 0.0 for each in (teacher, student)]
        lines.append(f"| {name} | {metric} | {values[0]:.3f} | {values[1]:.3f} |")
    return "\n".join([*lines, ""])
