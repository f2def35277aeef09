"""Classes for texts from a file of examples by one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.api.estimators import FewShotClassifier
from siamese_text.atomic import check_output
from siamese_text.data.columns import Columns, find_columns, read_columns, text_cells
from siamese_text.data.tables import open_table
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import MissingInput, NothingToDo, UsageError
from siamese_text.estimators.saving import SETTINGS
from siamese_text.protocols import Progress
from siamese_text.vectors.sources import Documents, open_source


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """Texts and their classes.

    Attributes:
        texts: N texts; an empty one has no class.
        labels: Their classes, ``none`` of the classifier for those that belong to none, and None for empty texts.
        probabilities: (N, C) float64, how probable each class is of a text that belongs to one; NaN for empty texts.
        classifier: What decided.
        dropped: How many rows of the examples were left out, by reason.
    """

    texts: Sequence[str]
    labels: Sequence[str | None]
    probabilities: NDArray[np.float64]
    classifier: FewShotClassifier
    dropped: Mapping[str, int]

    def best(self, row: int, count: int) -> list[tuple[str, float]]:
        """Return the likeliest classes of a text with their probabilities, the likeliest first."""
        order = np.argsort(-self.probabilities[row], kind="stable")[:count]
        return [(str(self.classifier.classes_[place]), float(self.probabilities[row, place])) for place in order]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        made = self.classifier
        return {
            "classes": made.classes_.tolist(),
            "method": made.method,
            "names_stand_for_classes": made.named_,
            "false_accepts": made.false_accepts,
            "false_rejects": made.false_rejects_,
            "outsiders": made.outsiders_,
            "tuning": made.tuning_,
            "dropped": dict(self.dropped),
            "texts": [
                {
                    "text": text,
                    "class": label,
                    "probabilities": {} if label is None else dict(self.best(row, len(made.classes_))),
                }
                for row, (text, label) in enumerate(zip(self.texts, self.labels, strict=True))
            ],
        }


def classify(
    texts: Sequence[str] | str | Path,
    examples: str | Path | None = None,
    *,
    model: str | Path = DEFAULT_MODEL,
    method: str = "auto",
    names: Mapping[str, str] | bool | str = "auto",
    false_accepts: float | None = None,
    none: str = "none of these",
    finetune: bool | str = False,
    columns: Columns = None,
    column: str | None = None,
    save: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Classified:
    """Give texts one of the classes of a few examples.

    Args:
        texts: Texts, or a file of them: lines, or a table.
        examples: A table with the columns ``text`` and ``label``, or a folder that was saved before, with which the
            options of learning are not read; None where ``names`` says what the classes are.
        model: The encoder: a name or a folder.
        method: See ``FewShotClassifier``, and so for ``names``, ``false_accepts``, ``none`` and ``finetune``.
        names: What stands for classes besides examples.
        false_accepts: The wanted share of texts of no class that get one; None gives each text a class.
        none: The label of texts of no class, here and in the examples.
        finetune: Whether the encoder is trained on the examples, True, ``pairs`` or ``episodes``.
        columns: What columns are called in the examples and what they are here, such as ``body=text,topic=label``.
        column: The column of a table of texts; by default ``text``, or the only one with texts.
        save: A folder to save the classifier to.
        overwrite: Whether an existing one may be replaced.
        progress: With ``finetune``, called with the steps done and to do, from 0 on for each training: first one to
            see whether it helps, then, if it does, one on all examples.

    Returns:
        The texts with their classes.

    Raises:
        MissingInput: A file or the model was not found.
        BadData: A column is missing, or the examples cannot be learned from.
        BadOutput: The folder exists or cannot be written.
        NothingToDo: There are no texts, or no examples.

    Example:
        >>> classify(["where is my card"], "examples.csv").labels  # doctest: +SKIP
        ['card arrival']
    """
    if save is not None:
        check_output(Path(save), overwrite=overwrite)
    given = read_texts(texts, column) if isinstance(texts, str | Path) else list(texts)
    if not any(text.strip() for text in given) and (given or save is None):
        raise NothingToDo("there is no text to classify; give one or more, or a file with --file")
    dropped: dict[str, int] = {}
    if examples is not None and (Path(examples) / SETTINGS).is_file():
        classifier = FewShotClassifier.open(examples)
    else:
        options: dict[str, Any] = {"method": method, "false_accepts": false_accepts, "none": none, "finetune": finetune}
        classifier = FewShotClassifier(str(model), names=names, **options)
        classifier._progress = progress
        classifier.fit(*_read_examples(examples, names, columns, dropped))
    if save is not None:
        classifier.save(save, overwrite=overwrite)
    return _classified(classifier, given, dropped)


def read_texts(source: str | Path, column: str | None = None) -> list[str]:
    """Return the texts of a file of lines or of a table, empty ones with them.

    Raises:
        MissingInput: There is no such file.
        BadData: No column can be told to be the one with the texts.
        UsageError: It is a folder or a document.
    """
    opened = open_source(str(source), column=column)
    if isinstance(opened, Documents):
        raise UsageError(f"{source} is no file of texts; give one with a text a line, or a table")
    return [text for text, _ in opened.rows()]


def _read_examples(
    examples: str | Path | None, names: Mapping[str, str] | bool | str, columns: Columns, dropped: dict[str, int]
) -> tuple[list[str], list[str]]:
    """Return the texts of a table and their labels; count rows without either."""
    if examples is None:
        if not isinstance(names, Mapping):
            raise UsageError("there is nothing to learn from; give --examples FILE, or classes with --class NAME")
        return [], []
    texts, labels = [], []
    for text, label in example_rows(examples, columns):
        if text and label:
            texts.append(text)
            labels.append(label)
        else:
            reason = "without a label" if text else "without a text"
            dropped[reason] = dropped.get(reason, 0) + 1
    if not texts:
        counts = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise NothingToDo(f"{examples} has no row with a text and a label ({counts}); give two classes or more")
    return texts, labels


def example_rows(examples: str | Path, columns: Columns) -> list[tuple[str, str]]:
    """Return the text and the label of each row of a table, either of which may be empty.

    Raises:
        MissingInput: There is no such table.
        BadData: A column is missing.
    """
    path = Path(examples)
    if not path.exists():
        raise MissingInput(f"{path} does not exist; give a table with the columns text and label")
    if path.is_dir():
        raise MissingInput(f"{path} is a folder without {SETTINGS}; give a table, or a folder that --save made")
    table = open_table(path, all_columns=True)
    found = find_columns(table, read_columns(columns), ("text", "label"), ("text", "label"))
    rows = []
    for number, cells in enumerate(table.rows([found["text"], found["label"]]), start=1):
        text, label = (cell.strip() for cell in text_cells(cells, number, table.name))
        rows.append((text, label))
    return rows


def _classified(classifier: FewShotClassifier, texts: Sequence[str], dropped: Mapping[str, int]) -> Classified:
    rows = [row for row, text in enumerate(texts) if text.strip()]
    labels: list[str | None] = [None] * len(texts)
    shares = np.full((len(texts), len(classifier.classes_)), np.nan)
    if rows:
        kept = [texts[row] for row in rows]
        shares[rows] = classifier.predict_proba(kept)
        for row, label in zip(rows, classifier.predict(kept), strict=True):
            labels[row] = str(label)
    return Classified(texts, labels, shares, classifier, dropped)
