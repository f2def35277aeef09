"""A source to a file of vectors, chunk by chunk: look up, encode what is new, append, note, go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from siamese_text.data.source import Source
from siamese_text.errors import Interrupted
from siamese_text.records import Document
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.partial_output import PartialOutput
from siamese_text.vectors.row_encoder import KeyedEncoder, RowEncoder, Tally
from siamese_text.vectors.rows import CHUNK_CHARACTERS, CHUNK_TEXTS, Chunk, chunks, no_text, prefetch
from siamese_text.vectors.storage import Storage
from siamese_text.vectors.writers import FILLED, ROWS, VECTORS, check_target, finish, header
from siamese_text.warn import warn_user


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is.

    Attributes:
        rows: Rows done, those of the interrupted run that it continues included.
        read: How much of the source that was; see ``Source``.
        total: How much there is; None where nobody knows.
    """

    rows: int
    read: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was written.

    Attributes:
        output: The file, or the folder of shards.
        rows: Its rows.
        storage: How vectors are stored.
        empty: Rows without text.
        cut: Texts that were longer than the encoder reads; those from the cache were counted when they were encoded.
        unknown: Texts half or more of whose tokens the encoder does not know, counted likewise.
        clipped: Numbers beyond the int8 range, stored as its end.
        encoded: Texts that this run encoded.
        cached: Texts whose vector this run took from the cache.
        resumed: Rows that an interrupted run had done before this one.
        seconds: The time that this run took.
        skipped: Documents that could not be read.
        cache: The file of the cache, None where there is none.
        cache_bytes: Its size.
        shards: How many files the output, a folder, has; None where it is one file.
    """

    output: Path
    rows: int
    storage: Storage
    empty: int
    cut: int
    unknown: int
    clipped: int
    encoded: int
    cached: int
    resumed: int
    seconds: float
    skipped: tuple[Document, ...]
    cache: Path | None
    cache_bytes: int
    shards: int | None = None


def embed(
    source: Source,
    output: Path,
    model: KeyedEncoder,
    *,
    dtype: str = "float32",
    dimensions: int | None = None,
    with_text: bool = False,
    cache: VectorCache | None = None,
    overwrite: bool = False,
    progress: Callable[[Status], None] | None = None,
) -> Embedded:
    """Encode the rows of a source into a file, in memory that does not grow with it.

    A run that was killed goes on where it was when it is called again; so does one that was interrupted. Row i of the
    output is row i of the source. A row without text has NaN, 0 (int8, binary) or null (Parquet) for a vector.

    The last bits of a vector depend on the texts that share its batch. Chunks are always cut the same, so a run that
    goes on gives the bytes of one that was not stopped; a vector out of the cache has the bits that it was encoded
    with, maybe among other texts.

    Args:
        source: The rows.
        output: A ``.npy`` or ``.parquet`` file.
        model: The encoder.
        dtype: ``float32``, ``float16``, ``int8`` (see ``int8_scale``) or ``binary``, eight signs in a byte.
        dimensions: How many dimensions are kept, from the first; what is kept has unit length again where the model
            normalises.
        with_text: Whether the texts are written too.
        cache: Where vectors are looked up and kept.
        overwrite: Whether an existing output may be replaced.
        progress: Called after each chunk.

    Returns:
        What was written.

    Raises:
        UsageError: ``dtype``, ``dimensions`` or the ending of ``output`` cannot be used.
        BadOutput: The output exists or cannot be written, or another process is at it.
        BadData: The source is damaged.
        NothingToDo: No row holds a text.
        Interrupted: Ctrl-C; the message says how to go on.
    """
    check_target(output, dtype, overwrite=overwrite)
    storage = model.storage(dtype, dimensions)
    state = source.state()
    settings = asdict(storage) | {"with_text": with_text, "chunk": [CHUNK_TEXTS, CHUNK_CHARACTERS]}
    identity = None if state is None else {"source": state, "settings": settings, "model": model.key}
    work = PartialOutput(output, identity)
    with work.locked():
        run = _Run(source, state, model, storage, work, cache, with_text)
        with _resumable(run):
            run.to_the_end(progress)
        if run.tally.rows == run.tally.empty:
            work.remove()
            raise no_text(source, run.tally.rows)
        if source.state() != state:
            warn_user(f"{source.name} changed while it was read; embed it again")
        finish(work.folder, output, run.facts(), storage)
        work.remove()
    return run.report()


class _Run:
    """One run over a source: its parts and what it counted."""

    def __init__(
        self,
        source: Source,
        state: Mapping[str, Any] | None,
        model: KeyedEncoder,
        storage: Storage,
        work: PartialOutput,
        cache: VectorCache | None,
        with_text: bool,
    ) -> None:
        self.source = source
        self.state = state
        self.encoder = RowEncoder(model, storage, cache)
        self.work = work
        self.with_text = with_text
        self.documents = False
        self.began = time.perf_counter()
        self.tally = Tally(**work.begin())
        self.resumed = self.done = self.tally.rows

    def to_the_end(self, progress: Callable[[Status], None] | None) -> None:
        """Append all chunks that an earlier run did not."""
        rows = 0
        if progress is not None and not self.resumed:
            progress(Status(0, 0, self.source.total))
        for chunk in prefetch(chunks(self.source)):
            rows += len(chunk.texts)
            self.documents = chunk.passages is not None
            if rows > self.resumed:
                self._append(chunk)
                self.done = rows
            if progress is not None and rows >= self.resumed:
                progress(Status(rows, chunk.read, self.source.total))

    def _append(self, chunk: Chunk) -> None:
        first = self.tally.rows
        stored, filled = self.encoder.rows(chunk.texts, self.tally)
        pieces = {VECTORS: stored.tobytes(), FILLED: filled.tobytes()}
        if first == 0:
            pieces[VECTORS] = header(0, self.encoder.storage) + pieces[VECTORS]
        if chunk.passages or self.with_text:
            pieces[ROWS] = "".join(self._places(chunk, first)).encode()
        self.work.append(pieces, asdict(self.tally))

    def _places(self, chunk: Chunk, first: int) -> Iterator[str]:
        """Yield a line of JSON a row: its number or passage, and its text where that is wanted."""
        for number, (name, text) in enumerate(zip(chunk.ids(first), chunk.texts, strict=True)):
            row: dict[str, Any] = {"id": name}
            if chunk.passages:
                passage = chunk.passages[number]
                row |= {"document": passage.document, "start": passage.start, "end": passage.end}
            if self.with_text:
                row["text"] = text
            yield json.dumps(row, ensure_ascii=False) + "\n"

    def facts(self) -> Mapping[str, Any]:
        """Return what has to be known about the output, as JSON values."""
        return {
            "format": 1,
            "model": self.encoder.model.name,
            "model_key": self.encoder.model.key,
            **asdict(self.encoder.storage),
            **asdict(self.tally),
            "documents": self.documents,
            "with_text": self.with_text,
            "source": {"name": self.source.name, **(self.state or {})},
            "skipped": [{"document": each.name, "problem": each.problem} for each in self.source.skipped],
        }

    def report(self) -> Embedded:
        """Return what the run did."""
        cache = self.encoder.cache
        return Embedded(
            output=self.work.output,
            rows=self.tally.rows,
            storage=self.encoder.storage,
            empty=self.tally.empty,
            cut=self.tally.cut,
            unknown=self.tally.unknown,
            clipped=self.tally.clipped,
            encoded=self.encoder.encoded,
            cached=self.encoder.cached,
            resumed=self.resumed,
            seconds=time.perf_counter() - self.began,
            skipped=tuple(self.source.skipped),
            cache=cache.path if cache else None,
            cache_bytes=cache.size() if cache else 0,
        )


@contextmanager
def _resumable(run: _Run) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        done = f"stopped after {run.done:,} rows"
        if run.state is not None:
            raise Interrupted(f"{done}; run the same command again to go on") from None
        kept = "what was encoded is in the cache" if run.encoder.cache else "with a cache it would begin where it was"
        raise Interrupted(f"{done}; standard input begins anew, {kept}") from None
