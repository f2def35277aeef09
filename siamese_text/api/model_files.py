"""Which files of a folder or a repository are a model's, and what may be read of them without running anything."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from siamese_text.encoder.model_folder import read_layout
from siamese_text.encoder.onnx.graphs import FOLDERS, RECORD_FILE
from siamese_text.errors import BadModel, MissingInput
from siamese_text.records import SETTINGS_FILE
from siamese_text.scoring.siamese_text_json import read_classifier

WEIGHTS = "*.safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
# Of a folder that holds a module of the model: its settings, its weights, its tokenizer.
MODULE_FILES = (
    WEIGHTS,
    "*.safetensors.index.json",
    "*.model",
    "added_tokens.json",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
# Of the model folder itself: how its modules are put together and what it decides, then how it came about.
MODEL_FILES = ("config_sentence_transformers.json", "modules.json", SETTINGS_FILE)
ACCOUNT_FILES = ("curves.png", "history.jsonl", "LICENSE*", "README.md", "report.json")
_MODULE_FOLDER = re.compile(r"\d+_\w+")  # as sentence-transformers and we name them


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The names of a model's files inside its folder, and what else lies there; of a folder below it the name alone."""

    names: tuple[str, ...]
    others: tuple[str, ...]


def files_of_model(folder: Path, *, graphs: bool = False) -> ModelFiles:
    """Tell the files of a model from checkpoints, caches and whatever else lies in its folder.

    Args:
        folder: The model folder.
        graphs: Whether exported ONNX graphs count as the model's.

    Raises:
        MissingInput: There is no such folder.
        BadModel: It is no model folder, or its weights are not safetensors.
    """
    if not folder.is_dir():
        raise MissingInput(f"model folder {folder} was not found; give the folder of a model")
    check_model(folder)
    chain = json.loads((folder / "modules.json").read_text("utf-8")) if (folder / "modules.json").is_file() else []
    modules = {"."} | {str(PurePosixPath(module["path"] or ".")) for module in chain}
    exported = set(FOLDERS.values()) if graphs else set()
    names: list[str] = []
    others: list[str] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        place = str(PurePosixPath(name).parent)
        of_module = place in modules and matches(file.name, MODULE_FILES)
        of_model = place == "." and matches(file.name, MODEL_FILES + ACCOUNT_FILES)
        (names if of_module or of_model or place in exported else others).append(name)
    return ModelFiles(tuple(names), outermost(others))


def check_model(folder: Path) -> None:
    """Read all of a model but its weights, and refuse what cannot be read.

    Raises:
        BadModel: A file is missing or damaged, or the weights are a pickle.
    """
    read_layout(folder)
    read_classifier(folder)


def stale_files(there: Collection[str], sent: Collection[str]) -> list[str]:
    """Return which files of a repository would change the model that is sent to it, and must go.

    Args:
        there: The files that the repository holds.
        sent: The files that it is going to hold.

    Example:
        >>> stale_files(["README.md", "config.json", "twin_head.safetensors"], ["config.json"])
        ['twin_head.safetensors']
    """
    graphs = tuple(f"{folder}/" for folder in FOLDERS.values() if f"{folder}/{RECORD_FILE}" in there)

    def belongs(name: str) -> bool:
        place, _, last = name.rpartition("/")
        of_module = (not place or _MODULE_FOLDER.fullmatch(place)) and matches(last, MODULE_FILES)
        return bool(of_module) or name in MODEL_FILES or name.startswith(graphs)

    return [name for name in there if name not in sent and belongs(name)]


def metadata(file: Path) -> bytes:
    """Return the words beside the weights in a file of safetensors as JSON, after a look whether the file is whole.

    Raises:
        BadModel: It is no file of safetensors, or was cut.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as weights:
            return json.dumps(weights.metadata() or {}).encode()
    except (OSError, SafetensorError) as error:
        raise BadModel(f"{file} is no whole file of safetensors ({error}); save or fetch the model anew") from error


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a name fits one of some patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def outermost(names: Iterable[str]) -> tuple[str, ...]:
    """Return files at the top as they are, and for the others the folder at the top that they lie in.

    Example:
        >>> outermost(["notes.txt", "runs/a/1.json", "runs/b/2.json"])
        ('notes.txt', 'runs/')
    """
    return tuple(sorted({name if "/" not in name else name.split("/")[0] + "/" for name in names}))
