"""Several labels for each text from a file of examples, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.api.classifying import example_rows, read_texts
from siamese_text.api.estimators import MultiLabelClassifier
from siamese_text.atomic import check_output
from siamese_text.data.columns import Columns
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.estimators.saving import SETTINGS


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Texts and their labels.

    Attributes:
        texts: N texts.
        labels: The labels of each, the likeliest first; None for an empty text.
        probabilities: (N, L) float64, how probable each label is; NaN for empty texts.
        classifier: What decided.
        dropped: How many rows of the examples have no text and were left out.
    """

    texts: Sequence[str]
    labels: Sequence[tuple[str, ...] | None]
    probabilities: NDArray[np.float64]
    classifier: MultiLabelClassifier
    dropped: int

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        names = self.classifier.classes_.tolist()
        rows = zip(self.texts, self.labels, self.probabilities.tolist(), strict=True)
        return {
            "labels": {
                name: {"threshold": float(threshold), **self.classifier.report_[name]}
                for name, threshold in zip(names, self.classifier.threshold_, strict=True)
            },
            "dropped": self.dropped,
            "texts": [
                {
                    "text": text,
                    "labels": None if labels is None else list(labels),
                    "probabilities": {} if labels is None else dict(zip(names, shares, strict=True)),
                }
                for text, labels, shares in rows
            ],
        }


def label_texts(
    texts: Sequence[str] | str | Path,
    examples: str | Path,
    separator: str = ";",
    *,
    model: str | Path = DEFAULT_MODEL,
    columns: Columns = None,
    column: str | None = None,
    save: str | Path | None = None,
    overwrite: bool = False,
) -> Labelled:
    """Give texts any number of the labels of some examples.

    Args:
        texts: Texts, or a file of them: lines, or a table.
        examples: A table with the columns ``text`` and ``label``, in which labels are separated and an empty cell says
            that a text has none; or a folder that was saved before.
        separator: What stands between two labels of a text.
        model: The encoder: a name or a folder.
        columns: What columns are called in the examples and what they are here, such as ``body=text,topics=label``.
        column: The column of a table of texts; by default ``text``, or the only one with texts.
        save: A folder to save the classifier to.
        overwrite: Whether an existing one may be replaced.

    Returns:
        The texts with their labels.

    Raises:
        MissingInput: A file or the model was not found.
        BadData: A column is missing, or the examples cannot be learned from.
        BadOutput: The folder exists or cannot be written.
        NothingToDo: There are no texts.

    Example:
        >>> label_texts(["my card is lost and i want my money back"], "examples.csv").labels  # doctest: +SKIP
        [('card', 'refund')]
    """
    if not separator.strip():
        raise UsageError(
            f"labels are separated by {separator!r}; give a character that stands in no label, such as ';'"
        )
    if save is not None:
        check_output(Path(save), overwrite=overwrite)
    given = read_texts(texts, column) if isinstance(texts, str | Path) else list(texts)
    if not any(text.strip() for text in given) and (given or save is None):
        raise NothingToDo("there is no text to classify; give one or more, or a file with --file")
    dropped = 0
    if (Path(examples) / SETTINGS).is_file():
        classifier = MultiLabelClassifier.open(examples)
    else:
        rows = example_rows(examples, columns)
        labels_of: dict[str, set[str]] = {}
        for text, cell in rows:
            if text:
                labels_of.setdefault(text, set()).update(filter(None, (part.strip() for part in cell.split(separator))))
        dropped = sum(not text for text, _ in rows)
        classifier = MultiLabelClassifier(str(model)).fit(
            list(labels_of), [sorted(each) for each in labels_of.values()]
        )
    if save is not None:
        classifier.save(save, overwrite=overwrite)
    return _labelled(classifier, given, dropped)


def _labelled(classifier: MultiLabelClassifier, texts: Sequence[str], dropped: int) -> Labelled:
    rows = [row for row, text in enumerate(texts) if text.strip()]
    labels: list[tuple[str, ...] | None] = [None] * len(texts)
    shares = np.full((len(texts), len(classifier.classes_)), np.nan)
    if rows:
        kept = [texts[row] for row in rows]
        shares[rows] = classifier.predict_proba(kept)
        for row, found in zip(rows, classifier.predict(kept), strict=True):
            labels[row] = found
    return Labelled(texts, labels, shares, classifier, dropped)
