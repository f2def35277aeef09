"""A source cut into the chunks of shards, once, so that every worker reads those that are its own.

``rows.parquet`` has the rows without vectors, a row group for each chunk. It is deleted when all shards are whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any

from siamese_text.atomic import atomic_file
from siamese_text.data.shard_layout import NOTES, PLAN, read_plan
from siamese_text.data.source import Source
from siamese_text.vectors.row_encoder import KeyedEncoder, RowEncoder, Tally
from siamese_text.vectors.rows import CHUNK_CHARACTERS, CHUNK_TEXTS, Chunk, chunks, no_text, pieces, prefetch
from siamese_text.vectors.storage import Storage
from siamese_text.warn import warn_user

SHARD_CHUNKS = 4  # where nobody says how many shards there are to be
ROWS = "rows.parquet"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rows of all shards depend on.

    Attributes:
        identity: What may not change while shards are missing, by topic: the source, the settings, the model.
        model: The name of the model.
        storage: How vectors are stored.
        documents: Whether rows are passages of documents.
        source: The name of the source, with its state.
        skipped: Documents that could not be read: name and problem of each.
        chunks: The rows of each chunk.
        cuts: The first chunk of each shard, and the number of chunks.
        scale: What one step of an int8 stands for, the same in all shards.
    """

    identity: Mapping[str, Any]
    model: str
    storage: Storage
    documents: bool
    source: Mapping[str, Any]
    skipped: list[Mapping[str, str]]
    chunks: list[int]
    cuts: list[int]
    scale: float | None = None

    @property
    def shards(self) -> int:
        """The number of shards."""
        return len(self.cuts) - 1

    def rows_of(self, shard: int) -> int:
        """Return how many rows a shard has."""
        return sum(self.chunks[self.cuts[shard] : self.cuts[shard + 1]])

    @property
    def model_key(self) -> str:
        """The hash of all that vectors depend on."""
        return str(self.identity["model"])

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """Read the plan of a folder of shards.

        Raises:
            BadData: It is damaged or of another version.
        """
        written = read_plan(folder)
        del written["format"]
        return cls(**written | {"storage": Storage(**written["storage"])})

    def write(self, folder: Path) -> None:
        """Write the plan, whole or not at all: from then on the folder is one of shards."""
        with atomic_file(folder / NOTES / PLAN) as draft:
            draft.write_text(json.dumps({"format": 1, **asdict(self)}, indent=1) + "\n", encoding="utf-8")

    def facts(self, shard: int) -> Mapping[str, Any]:
        """Return what has to be known about the file of a shard."""
        return {
            "format": 1,
            "model": self.model,
            "model_key": self.model_key,
            **asdict(self.storage),
            "scale": self.scale,
            "documents": self.documents,
            "with_text": True,
            "source": self.source,
            "shard": shard,
            "shards": self.shards,
        }


def identity_of(source: Source, model: KeyedEncoder, storage: Storage) -> Mapping[str, Any]:
    """Return what the rows of a source depend on, as JSON values by topic."""
    settings = asdict(storage) | {"chunk": [CHUNK_TEXTS, CHUNK_CHARACTERS]}
    identity: Mapping[str, Any] = json.loads(
        json.dumps({"source": source.state(), "settings": settings, "model": model.key})
    )
    return identity


def make_plan(folder: Path, source: Source, model: KeyedEncoder, storage: Storage, shards: int | None) -> Plan:
    """Cut a source into chunks, write their rows, and share them out among shards.

    Chunks are those of a single file, so that a vector has the same bits; where there are fewer than shards, chunks are
    smaller, and the last bits of a vector may differ.

    Args:
        folder: The folder of the shards.
        source: The rows.
        model: The encoder.
        storage: How its vectors are stored.
        shards: How many shards there are to be, or fewer where there are fewer rows; by default one for four chunks.

    Returns:
        The plan, which is not written.

    Raises:
        NothingToDo: No row holds a text.
    """
    identity = identity_of(source, model, storage)
    path = folder / NOTES / ROWS
    sizes, documents = _write_rows(path, source, prefetch(chunks(source)))
    if shards and len(sizes) < shards:
        rows, parts = sum(sizes), min(shards, sum(sizes))
        even = [rows * (number + 1) // parts - rows * number // parts for number in range(parts)]
        sizes, documents = _write_rows(path, source, pieces(source, even))
    if identity_of(source, model, storage) != identity:
        warn_user(f"{source.name} changed while it was read; embed it again")
    count = min(len(sizes), shards or ceil(len(sizes) / SHARD_CHUNKS))
    return Plan(
        identity,
        model.name,
        storage,
        documents,
        {"name": source.name, **(source.state() or {})},
        [{"name": each.name, "problem": str(each.problem)} for each in source.skipped],
        sizes,
        [len(sizes) * number // count for number in range(count + 1)],
        _scale(path, model, storage) if storage.dtype == "int8" else None,
    )


def write_rows_again(folder: Path, source: Source, plan: Plan) -> None:
    """Write the rows of a plan once more, where a shard was lost after all had been whole."""
    _write_rows(folder / NOTES / ROWS, source, pieces(source, plan.chunks))


def _write_rows(path: Path, source: Source, cut: Iterable[Chunk]) -> tuple[list[int], bool]:
    """Write the rows of chunks, whole or not at all; return how many each has, and whether they are passages."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    remaining = iter(cut)
    first = next(remaining, None)
    if first is None:
        raise no_text(source, 0)
    documents = first.passages is not None
    schema = pa.schema({"id": pa.string() if documents else pa.int64(), "text": pa.string()})
    sizes: list[int] = []
    filled = False
    with atomic_file(path) as draft, ParquetWriter(draft, schema) as writer:
        for chunk in chain([first], remaining):
            columns = {"id": chunk.ids(sum(sizes)), "text": chunk.texts}
            writer.write_table(pa.table(columns, schema=schema), row_group_size=len(chunk.texts))
            sizes.append(len(chunk.texts))
            filled = filled or any(map(str.strip, chunk.texts))
    if not filled:
        raise no_text(source, sum(sizes))
    return sizes, documents


def _scale(path: Path, model: KeyedEncoder, storage: Storage) -> float | None:
    """Return the int8 scale that the first chunk with a text gives, as in a single file."""
    from pyarrow.parquet import ParquetFile

    encoder, tally = RowEncoder(model, storage), Tally()
    with ParquetFile(path) as rows:
        for number in range(rows.num_row_groups):
            encoder.rows(rows.read_row_group(number)["text"].to_pylist(), tally)
            if tally.scale is not None:
                break
    return tally.scale
