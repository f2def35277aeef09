"""The model folder that a run makes: whether it may be made, and what tells in it of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siamese_text.atomic import check_output
from siamese_text.errors import BadOutput, UsageError
from siamese_text.training.checkpoints import checkpoint_folder, newest_checkpoint
from siamese_text.training.history import History


def check_model_output(output: Path, *, overwrite: bool) -> None:
    """Refuse an output that cannot be written, or that is not a model folder.

    Raises:
        BadOutput: It exists and ``overwrite`` is False, or it cannot be written.
        UsageError: It is there, and no model folder.
    """
    check_output(output, overwrite=overwrite)
    if output.exists() and not (output / "modules.json").is_file():
        raise UsageError(f"{output} is not a model folder and will not be replaced; choose another output")


def check_unfinished(output: Path, *, overwrite: bool, resume: bool) -> None:
    """Refuse to begin anew, and so to lose the checkpoints, where a run to this output was stopped or killed.

    Raises:
        BadOutput: There are checkpoints, and neither ``overwrite`` nor ``resume`` is True.
    """
    checkpoints = checkpoint_folder(output)
    if not (overwrite or resume) and newest_checkpoint(checkpoints):
        raise BadOutput(
            f"{checkpoints} holds a run that was stopped; go on with --resume, or begin anew with --overwrite"
        )


def write_account(folder: Path, history: History, figures: Mapping[str, Any], card: str) -> None:
    """Write what tells of a run into its model folder: history, curves, report and card."""
    history.write_jsonl(folder / "history.jsonl")
    history.draw(folder / "curves.png")
    (folder / "report.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")
