"""A model folder that holds a small change of another model, as the shipped ones do, merged once on a machine.

FOLDER/base.json             the model that is changed, and the SHA-256 of its weights
FOLDER/change.safetensors    what ``low_rank`` adds to them
FOLDER/...                   heads, decision and card, as in any model folder
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from siamese_text.atomic import atomic_folder
from siamese_text.cache import cache_folder, file_sha256, remove_unused
from siamese_text.errors import BadModel, BadOutput
from siamese_text.warn import warn_user

SHIPPED = Path(__file__).parent / "shipped_models"  # a folder each
BASE, CHANGE, WEIGHTS = "base.json", "change.safetensors", "model.safetensors"


def shipped_folder(name: str) -> Path | None:
    """Return where the package carries a model of this name; None where it carries none."""
    folder = SHIPPED / name
    return folder if name.isidentifier() and is_change(folder) else None


def is_change(folder: Path) -> bool:
    """Say whether a folder holds a change of another model."""
    return (folder / BASE).is_file()


def base_of(folder: Path) -> str:
    """Return the name, or the path, of the model that is changed.

    Raises:
        BadModel: The folder does not say.
    """
    return _read_base(folder)["model"]


def merged_folder(folder: Path, base: Path) -> Path:
    """Return the whole model of a change; the first call on a machine makes it in the cache folder.

    Args:
        folder: The change.
        base: The folder of the model that is changed.

    Returns:
        A folder as any other model's; its name holds a checksum of all that it was made of.

    Raises:
        BadModel: A file is missing, or the base has other weights than the change was made for.
    """
    if not (folder / CHANGE).is_file():
        raise BadModel(f"{folder} lacks {CHANGE}; the folder of the change is incomplete")
    wanted, seen = _read_base(folder)["sha256"], file_sha256(base / WEIGHTS)
    if seen != wanted:
        raise BadModel(f"{folder} changes weights with SHA-256 {wanted}, and {base} has {seen}; reinstall that model")
    made_of = "".join([seen, *(part.name + file_sha256(part) for part in _parts(folder))])
    place = cache_folder() / "models" / f"{folder.name}-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    if not (place / WEIGHTS).is_file():
        try:
            _merge(folder, base, place)
        except BadOutput as error:
            if not (place / WEIGHTS).is_file():  # unless another process was quicker
                warn_user(f"{folder.name} is merged for this process alone, which takes a second each time: {error}")
                return _merged_for_now(folder, base)
        remove_unused(place.parent.glob(f"{folder.name}-*"))  # such as the merge of an earlier release
    with suppress(OSError):
        os.utime(place)
    return place


@cache
def _merged_for_now(folder: Path, base: Path) -> Path:
    """Merge into a folder that goes with the process, where there is no cache folder to write to."""
    kept = tempfile.TemporaryDirectory(prefix="siamese-text-")
    atexit.register(kept.cleanup)
    place = Path(kept.name) / folder.name
    _merge(folder, base, place)
    return place


def _parts(folder: Path) -> list[Path]:
    return sorted(part for part in folder.iterdir() if part.is_file())


def _merge(folder: Path, base: Path, place: Path) -> None:
    from safetensors.numpy import load_file, save_file

    from siamese_text.encoder.low_rank import with_change

    weights = with_change(load_file(base / WEIGHTS), load_file(folder / CHANGE))
    with atomic_folder(place) as draft:
        ignored = shutil.ignore_patterns(WEIGHTS, "onnx")  # graphs of the weights as they were
        shutil.copytree(base, draft, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=ignored)
        for part in _parts(folder):  # what both have, such as the card, is the change's
            if part.name not in {BASE, CHANGE}:
                shutil.copyfile(part, draft / part.name)
        save_file(weights, draft / WEIGHTS, metadata={"format": "pt"})


def _read_base(folder: Path) -> dict[str, str]:
    path = folder / BASE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(values[name]) for name in ("model", "sha256")}
    except (ValueError, LookupError, TypeError) as error:
        raise BadModel(f"{path} cannot be read ({error!r}); the folder of the change is damaged") from error
