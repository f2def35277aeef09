"""References in a folder: enrolled, removed, compared with, and the threshold set; one call each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.api.classifying import read_texts
from siamese_text.api.estimators import Verifier
from siamese_text.api.scorer import Scorer
from siamese_text.atomic import check_output
from siamese_text.data.columns import text_cells
from siamese_text.data.tables import open_table
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import BadData, BadModel, MissingInput, NothingToDo, UsageError
from siamese_text.estimators.saving import SETTINGS
from siamese_text.estimators.verifier import Tried, Verified

ANSWERS: Any = {"yes": "accept", "no": "reject", "unsure": "unsure"}


def enrol(
    folder: str | Path,
    texts: Sequence[str] | str | Path,
    ids: Sequence[str] | None = None,
    *,
    model: str | Path | None = None,
    replace: bool = False,
) -> Verifier:
    """Add references to a folder, which is made if it is missing.

    Args:
        folder: The folder.
        texts: Texts, or a table with the columns ``id`` and ``text``.
        ids: The names of the texts.
        model: The encoder of a new folder; by default the default model.
        replace: Whether a name that is there already gets the new text.

    Returns:
        The verifier with all references.

    Raises:
        MissingInput: The table or the model was not found.
        BadData: A column is missing, or a name stands twice.
        UsageError: The folder has another model, or a text is empty.
    """
    path = Path(folder)
    if isinstance(texts, str | Path):
        texts, ids = _read_table(texts, every_id=True)
    if (path / SETTINGS).is_file():
        verifier = Verifier.open(path)
        if model is not None and str(model) != str(verifier.model or DEFAULT_MODEL):
            raise UsageError(f"{folder} was made with {verifier.model}, not {model}; take that one, or another folder")
        verifier.enrol(list(texts), ids, replace=replace)
    else:
        check_output(path, overwrite=False)
        verifier = Verifier(str(model or DEFAULT_MODEL)).fit(list(texts), ids)
    verifier.save(path, overwrite=True)
    return verifier


def remove_references(folder: str | Path, ids: Sequence[str]) -> Verifier:
    """Remove references from a folder, all of them or none.

    Raises:
        MissingInput: There is no such folder.
        BadData: There is no reference of that name.
    """
    verifier = _opened(folder).remove(ids)
    verifier.save(folder, overwrite=True)
    return verifier


def verify(
    folder: str | Path, texts: Sequence[str] | str | Path, *, column: str | None = None
) -> list[Verified | None]:
    """Say of each text whether it is the same as the reference nearest to it.

    Where ``calibrate_verifier`` has set no threshold, the model's own decision about pairs says it, which knows nothing
    of how many references there are.

    Args:
        folder: What ``enrol`` made.
        texts: Texts, or a file of lines or a table.
        column: The column of a table of texts.

    Returns:
        What is said of each text; None of an empty one.

    Raises:
        MissingInput: The folder, the file or the model was not found.
        BadModel: There is no threshold, and the model has no decision.
        NothingToDo: There are no texts.
    """
    verifier = _opened(folder)
    given = read_texts(texts, column) if isinstance(texts, str | Path) else list(texts)
    asked = [text for text in given if text.strip()]
    if not asked:
        raise NothingToDo("there is no text to check; give one or more, or a file with --file")
    answers = iter(_by_pairs(verifier, asked) if verifier.accept_from_ is None else verifier.check(asked))
    return [next(answers) if text.strip() else None for text in given]


def calibrate_verifier(
    folder: str | Path,
    tried: str | Path,
    *,
    false_accepts: float = 0.01,
    false_rejects: float = 0.05,
    confidence: float = 0.95,
    plot: str | Path | None = None,
    overwrite: bool = False,
) -> tuple[Verifier, Tried]:
    """Set the thresholds of a folder by texts whose reference is known, and keep them there.

    Args:
        folder: What ``enrol`` made.
        tried: A table with the columns ``text`` and ``id``, which is empty where a text is the same as no reference.
        false_accepts: The largest share of texts of no reference that are accepted.
        false_rejects: The largest share of texts of one that are rejected.
        confidence: How sure both are to hold for new texts.
        plot: A PNG file for the curves of errors.
        overwrite: Whether an existing one may be replaced.

    Returns:
        The verifier, and what the texts showed.

    Raises:
        MissingInput: The folder, the table or the model was not found.
        BadData: The texts are too few for the promise, or name an unknown reference.
    """
    if plot is not None:
        check_output(Path(plot), overwrite=overwrite)
    verifier = _opened(folder)
    verifier.set_params(false_accepts=false_accepts, false_rejects=false_rejects, confidence=confidence)
    texts, ids = _read_table(tried, every_id=False)
    shown = verifier.calibrate(texts, ids)
    if plot is not None:
        from siamese_text.evaluation.report.detection import draw_detection_errors

        labels, accept_from = shown.same.astype(np.int64), verifier.accept_from_
        assert accept_from is not None  # calibrate has set it
        draw_detection_errors(Path(plot), labels, shown.similarities, accept_from)
    verifier.save(folder, overwrite=True)
    return verifier, shown


def _opened(folder: str | Path) -> Verifier:
    if not Path(folder).exists():
        raise MissingInput(
            f"{folder} does not exist; make it with references: siamese-text verify enrol {folder} TEXT --id NAME"
        )
    return Verifier.open(folder)


def _by_pairs(verifier: Verifier, texts: Sequence[str]) -> list[Verified]:
    """Ask the model's decision about each text and its nearest reference."""
    scorer = Scorer.load(verifier.model or DEFAULT_MODEL)
    if scorer.decision is None:
        raise BadModel(
            f"{scorer.name} has no decision about pairs; calibrate the references by texts with known answers"
        )
    similarities, rows = verifier.nearest(texts)
    said = scorer.predict([(text, verifier.references_[row]) for text, row in zip(texts, rows, strict=True)])
    return [
        Verified(str(verifier.ids_[row]), cosine, answer["probability"], ANSWERS[answer["verdict"]])
        for row, cosine, answer in zip(rows, similarities.tolist(), said.to_dicts(), strict=True)
    ]


def _read_table(table: str | Path, *, every_id: bool) -> tuple[list[str], list[str]]:
    """Return the texts of a table, and their names."""
    path = Path(table)
    if not path.is_file():
        raise MissingInput(f"{path} is no file; give a table with the columns id and text")
    opened = open_table(path, all_columns=True)
    for column in ("text", "id"):
        if column not in opened.columns:
            raise BadData(f"{path} has no column '{column}'; its columns: {', '.join(opened.columns)}; rename one")
    rows = [text_cells(cells, number, opened.name) for number, cells in enumerate(opened.rows(["text", "id"]), 1)]
    for number, (text, name) in enumerate(rows, start=1):
        if not text.strip() or (every_id and not name.strip()):
            raise UsageError(
                f"row {number} of {path} has no {'id' if text.strip() else 'text'}; give one, or leave it out"
            )
    return [text.strip() for text, _ in rows], [name.strip() for _, name in rows]
