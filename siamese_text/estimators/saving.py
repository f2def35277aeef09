"""Fitted estimators on disk: ``estimator.json`` and ``learned.safetensors``, never a pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text._version import __version__
from siamese_text.atomic import atomic_folder, check_output
from siamese_text.errors import BadModel, MissingInput

FORMAT = 1
SETTINGS, ARRAYS = "estimator.json", "learned.safetensors"


@dataclass(frozen=True, slots=True)
class SavedEstimator:
    """What a folder holds.

    Attributes:
        parameters: What the estimator is made with.
        learned: The attributes that fitting gave it.
        encoder_key: The hash of the encoder it was fitted with; empty where it had none.
    """

    parameters: Mapping[str, Any]
    learned: Mapping[str, Any]
    encoder_key: str


def write_folder(
    estimator: Any,
    folder: Path,
    encoder_key: str,
    *,
    overwrite: bool = False,
    beside: Callable[[Path], None] | None = None,
) -> None:
    """Write an estimator's parameters and all its attributes that end in an underscore.

    Args:
        estimator: A fitted estimator.
        folder: The folder to make.
        encoder_key: The hash of its encoder.
        overwrite: Whether an existing folder may be replaced.
        beside: Writes what else there is into the folder that it is given.

    Raises:
        BadOutput: The folder exists, or cannot be written.
    """
    from safetensors.numpy import save_file

    check_output(folder, overwrite=overwrite)
    parameters = estimator.get_params(deep=False)
    if isinstance(parameters["model"], Path):
        parameters["model"] = str(parameters["model"])
    elif not isinstance(parameters["model"], str | None):
        del parameters["model"]  # an encoder has no name to find it by
    learned = {name: value for name, value in vars(estimator).items() if name.endswith("_") and name[0] != "_"}
    arrays = {name: np.ascontiguousarray(value) for name, value in learned.items() if _is_numeric(value)}
    words = {name: _as_json(value) for name, value in learned.items() if name not in arrays}
    with atomic_folder(folder) as draft:
        save_file(arrays, str(draft / ARRAYS))
        values = {
            "format": FORMAT,
            "class": type(estimator).__name__,
            "version": __version__,
            "encoder": encoder_key,
            "sha256": hashlib.sha256((draft / ARRAYS).read_bytes()).hexdigest(),
            "parameters": parameters,
            "learned": words,
        }
        text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
        (draft / SETTINGS).write_text(text, encoding="utf-8")
        if beside:
            beside(draft)


def read_folder(folder: Path, kind: str) -> SavedEstimator:
    """Read what ``write_folder`` wrote.

    Args:
        folder: The folder.
        kind: The name of the class that is wanted.

    Raises:
        MissingInput: There is no such folder, or nothing of ours in it.
        BadModel: It is damaged, of a newer release, or of another class.
    """
    from safetensors.numpy import load

    if not (folder / SETTINGS).is_file():
        raise MissingInput(f"{folder} holds no {SETTINGS}; give a folder that {kind}.save made")
    try:
        values = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        found, version = values["class"], values["format"]
        if version != FORMAT:
            raise BadModel(f"{folder} has format {version}, this release reads {FORMAT}; upgrade siamese-text")
        if found != kind:
            raise BadModel(f"{folder} holds a {found}, not a {kind}; open it with {found}.open")
        data = (folder / ARRAYS).read_bytes()
        if hashlib.sha256(data).hexdigest() != values["sha256"]:
            raise ValueError(f"{ARRAYS} is not what was written")
        learned = load(data) | {name: _from_json(value) for name, value in values["learned"].items()}
        return SavedEstimator(values["parameters"], learned, values["encoder"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadModel(f"{folder} is damaged ({error}); fit and save it again") from error


def _is_numeric(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiub"


def _as_json(value: Any) -> Any:
    """Return a value that JSON can write; an array of words keeps its type of elements."""
    if isinstance(value, np.ndarray):
        return {"words": value.tolist(), "dtype": value.dtype.str if value.dtype.kind == "U" else "O"}
    return value.item() if isinstance(value, np.generic) else value


def _from_json(value: Any) -> Any:
    is_array = isinstance(value, dict) and value.keys() == {"words", "dtype"}
    return np.array(value["words"], dtype=value["dtype"]) if is_array else value
