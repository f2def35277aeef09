"""Where the exported graphs of a model lie, what is known of each, and whether one still belongs to the weights.

    onnx/model.onnx       token ids and masks in; embeddings, those of tokens, and the states of words out
    onnx/tokenizer.json   the tokenizer as Hugging Face runs it, whatever the model folder holds
    onnx/graph.json       what the two belong to, what else is needed to run them, and how they were checked

The folder is ``onnx`` (of 8-bit integers ``onnx-int8``) in a model folder that we wrote, and else in the user's cache.
From there a graph that nobody used for a month, such as one of older weights, goes when the next one comes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from siamese_text import cache
from siamese_text.cache import cache_folder, file_sha256
from siamese_text.encoder.model_folder import Layout
from siamese_text.errors import BadOutput
from siamese_text.records import SETTINGS_FILE, ComputeDtype

FORMAT = 4  # of a graph's inputs, outputs, record and 8-bit recipe; another one is made anew
FOLDERS: Mapping[ComputeDtype, str] = {"fp32": "onnx", "int8": "onnx-int8"}
GRAPH_FILE, TOKENIZER_FILE, RECORD_FILE = "model.onnx", "tokenizer.json", "graph.json"
KEY_CHARACTERS = 32  # of a key, the name of its graph's folder in the cache
NAME_IN_CACHE = re.compile(rf"\.?[0-9a-f]{{{KEY_CHARACTERS}}}(\.|$)")  # of a graph, or of a draft of one
# What decides the numbers that a transformer gives, beside the layout.
TRANSFORMER_FILES = (
    *("config.json", "token*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges.txt"),
    *("*.model", "*.bpe", "chat_template*"),
)
WEIGHT_FILES = ("model*.safetensors", "model*.safetensors.index.json")


@dataclass(frozen=True, slots=True)
class Graph:
    """An exported graph and what is needed to run it.

    Attributes:
        folder: Where it lies.
        key: What it belongs to, as ``graph_key`` gives it.
        compute_dtype: What it multiplies, ``fp32`` or ``int8``.
        hidden_size: The number of dimensions of the embedding of a token.
        max_seq_length: The longest text in tokens.
        padding_id: The token that padding is made of.
        closing_ids: The tokens that may end a text.
        unknown_id: The token that stands for all that is not known.
        check: Figures of the comparison with PyTorch, or of int8 with fp32.
    """

    folder: Path
    key: str
    compute_dtype: ComputeDtype
    hidden_size: int
    max_seq_length: int
    padding_id: int
    closing_ids: tuple[int, ...]
    unknown_id: int | None
    check: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The ONNX file."""
        return self.folder / GRAPH_FILE

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer."""
        return self.folder / TOKENIZER_FILE

    def write_record(self) -> None:
        """Write the record beside the graph, or over one that says less."""
        values = {name: value for name, value in asdict(self).items() if name != "folder"}
        record = {"format": FORMAT, "bytes": self.file.stat().st_size, **values}
        draft = self.folder / f".{RECORD_FILE}"
        draft.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.folder / RECORD_FILE)

    def add_to_check(self, **figures: Any) -> None:
        """Store further figures beside the graph."""
        replace(self, check={**self.check, **figures}).write_record()


def graph_key(layout: Layout) -> str:
    """Return the SHA-256, in hex, over all that decides what a model makes of a text: weights, tokenizer, layout."""
    settings = replace(layout, transformer=Path(), similarity_fn_name="", prompts={}, default_prompt=None)
    projections = [replace(projection, folder=None) for projection in layout.projections]
    parts = [repr(replace(settings, projections=tuple(projections)))]
    parts += [f"{file.name} {file_sha256(file)}" for file in model_files(layout)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def model_files(layout: Layout) -> list[Path]:
    """Return the files of a model that decide its numbers: of the transformer, then of the projections."""
    patterns = (*TRANSFORMER_FILES, *WEIGHT_FILES)
    files = sorted({file for pattern in patterns for file in layout.transformer.glob(pattern)})
    return files + [each.folder / "model.safetensors" for each in layout.projections if each.folder]


def find_graph(model: Path, key: str, compute_dtype: ComputeDtype) -> Graph | None:
    """Return the stored graph of a model, None where there is none that belongs to it as it is now."""
    graphs = (_read_graph(folder) for folder in _places(model, key, compute_dtype))
    graph = next(
        (graph for graph in graphs if graph and graph.key == key and graph.compute_dtype == compute_dtype), None
    )
    if graph and graph.folder.is_relative_to(cache_folder()):
        with suppress(OSError):  # a cache that cannot be written keeps what it has
            os.utime(graph.folder)  # for remove_unused
    return graph


def place_for_graph(model: Path, key: str, compute_dtype: ComputeDtype) -> Path:
    """Return the folder that a new graph is to be written to.

    Raises:
        BadOutput: Neither the model folder nor the cache can be written.
    """
    for folder in _places(model, key, compute_dtype):
        parent = next(parent for parent in folder.absolute().parents if parent.exists())
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            return folder
    raise BadOutput(f"the cache {cache_folder()} cannot be written; set SIAMESE_TEXT_CACHE to a folder that can")


def remove_unused() -> None:
    """Remove from the user's cache what nobody used for a month: graphs, and drafts that a killed export left.

    A graph that is needed after all is made anew.
    """
    folders = (each for name in FOLDERS.values() for each in (cache_folder() / name).glob("*"))
    cache.remove_unused(each for each in folders if NAME_IN_CACHE.match(each.name))


def _places(model: Path, key: str, compute_dtype: ComputeDtype) -> Iterable[Path]:
    if (model / SETTINGS_FILE).is_file():
        yield model / FOLDERS[compute_dtype]
    yield cache_folder() / FOLDERS[compute_dtype] / key[:KEY_CHARACTERS]


def _read_graph(folder: Path) -> Graph | None:
    try:
        record = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        if record.pop("format") != FORMAT or record.pop("bytes") != (folder / GRAPH_FILE).stat().st_size:
            return None
        return Graph(folder, **record | {"closing_ids": tuple(record["closing_ids"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # incomplete or damaged: it is made anew
        return None
