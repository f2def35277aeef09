"""How ``siamese-text classify --multilabel`` renders: the labels of each text, and what each label is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siamese_text.cli.console import figure, percent, print_json, print_table, say
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.api import Labelled


def tell_labels(done: Labelled, save: Path | None, *, as_json: bool) -> int:
    """Print texts with their labels, and say how well each label is told; return the exit code."""
    made = done.classifier
    if as_json:
        print_json(done.to_json())
    elif done.texts:
        place = {str(name): number for number, name in enumerate(made.classes_)}
        rows = []
        for text, labels, shares in zip(done.texts, done.labels, done.probabilities, strict=True):
            said = "–" if not labels else ", ".join(f"{label} {figure(shares[place[label]])}" for label in labels)
            rows.append([" ".join(text.split()), said])
        print_table("text", "labels", rows=rows)
    empty = sum(labels is None for labels in done.labels)
    if done.dropped:
        say(f"{done.dropped} rows of the examples were left out: without a text")
    if empty:
        say(f"{empty} texts are empty and have no labels")
    say("on examples that were left out one by one:")
    for name, threshold in zip(made.classes_, made.threshold_, strict=True):
        found = made.report_[str(name)]
        say(
            f"  {name}: {found['texts']:.0f} texts, from {figure(float(threshold))} on precision "
            f"{figure(found['precision'])}, recall {figure(found['recall'])}; at 95 % recall "
            f"{percent(found['false_accepts'])} of the others would get it"
        )
    if save:
        say(f"wrote {save}")
    return EXIT_PARTIAL if done.dropped or empty else EXIT_OK
