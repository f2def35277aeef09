"""A source to a folder of shards, by workers that may be killed at any moment, in any process that sees the folder.

A shard is a Parquet file that is written whole, and then its marker. Whoever does the work asks which shards lack their
marker and has those written: after a kill of one worker or of all, as often as it takes (``data/shard_layout.py``).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from siamese_text.atomic import atomic_file, check_output
from siamese_text.data.shard_layout import NOTES, VECTOR_COLUMN, is_shard_folder, marker_path, part_path, read_marker
from siamese_text.data.source import Source
from siamese_text.errors import BadData, BadModel, BadOutput
from siamese_text.records import Document, FloatArray
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.row_encoder import KeyedEncoder, RowEncoder, Tally
from siamese_text.vectors.shard_plan import ROWS, Plan, identity_of, make_plan, write_rows_again
from siamese_text.vectors.stream import Embedded
from siamese_text.vectors.writers import vectors_schema, vectors_table

LOCK = "lock"
TRIES = 4  # of a shard in one run


class ShardWriter:
    """What a worker does: writes one shard after the other.

    Args:
        folder: The folder of the shards, with its plan.
        model: The encoder; on every worker the same.
        cache: Where vectors are looked up and kept.

    Raises:
        BadModel: The plan was made with another encoder.
    """

    def __init__(self, folder: Path, model: KeyedEncoder, cache: VectorCache | None = None) -> None:
        self.folder, self.model, self.cache = folder, model, cache
        self.plan = Plan.read(folder)
        if model.key != self.plan.model_key:
            raise BadModel(
                f"{model.name} is another model on this machine than where {folder} was begun: it has other weights or "
                "settings; put the same one there"
            )

    def begin_try(self, shard: int) -> None:
        """Count how often a shard was begun in this run, where whoever hands out shards does so again after a death.

        Raises:
            BadOutput: The shard has ended its worker each time, as one does that needs more memory than there is.
        """
        path = self.folder / NOTES / f"part-{shard:05}.tries"
        with path.open("ab") as file:
            file.write(b"+")
            if file.tell() > TRIES:
                raise BadOutput(
                    f"{TRIES} workers died at shard {shard} of {self.folder}; give them more memory and run it again"
                )

    def write(self, shard: int, progress: Callable[[int], None] | None = None) -> None:
        """Encode the rows of a shard and write them, whole or not at all, then the marker.

        Args:
            shard: Its number.
            progress: Called after each chunk with the number of its rows.

        Raises:
            BadOutput: The system refused to write.
            BadData: The rows are damaged.
        """
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile, ParquetWriter

        plan, began = self.plan, time.perf_counter()
        first, end = plan.cuts[shard], plan.cuts[shard + 1]
        start = sum(plan.chunks[:first])
        encoder, tally = RowEncoder(self.model, plan.storage, self.cache), Tally(rows=start, scale=plan.scale)
        schema = vectors_schema(plan.facts(shard), plan.storage)
        path, target = self.folder / NOTES / ROWS, part_path(self.folder, shard)
        try:
            with ParquetFile(path) as rows, atomic_file(target) as draft, ParquetWriter(draft, schema) as writer:
                for number in range(first, end):
                    columns = rows.read_row_group(number).to_pydict()
                    stored, filled = encoder.rows(columns["text"], tally)
                    writer.write_table(vectors_table(schema, columns, stored.ravel(), filled))
                    if progress is not None:
                        progress(len(filled))
        except (pa.ArrowException, FileNotFoundError) as error:
            raise BadData(f"{path} cannot be read ({error}); embed the source anew with --overwrite") from error
        marker = asdict(tally) | {
            "rows": tally.rows - start,
            "bytes": target.stat().st_size,
            "encoded": encoder.encoded,
            "cached": encoder.cached,
            "seconds": time.perf_counter() - began,
        }
        with atomic_file(marker_path(self.folder, shard)) as draft:
            draft.write_text(json.dumps(marker) + "\n", encoding="utf-8")


class ShardFolder:
    """A folder of shards, as the one who has them written sees it.

    Args:
        folder: Where it is or is going to be.
        overwrite: Whether what is there, or was begun with other settings, may be replaced.

    Raises:
        BadOutput: Something else is there, or it cannot be written.
    """

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self.folder, self.overwrite = folder, overwrite
        self.notes = folder / NOTES
        if folder.exists() and not (folder.is_dir() and (self.notes.is_dir() or not any(folder.iterdir()))):
            raise BadOutput(f"{folder} is no folder of shards and will not be replaced; choose another output")
        check_output(folder, overwrite=True)
        self.began = time.perf_counter()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others who would have shards written out, and leave nothing behind where nothing was begun.

        Raises:
            BadOutput: Another process is at it, or the system refused to write.
        """
        try:
            self.notes.mkdir(parents=True, exist_ok=True)
            with FileLock(self.notes / LOCK, timeout=0):
                try:
                    yield
                finally:
                    if not is_shard_folder(self.folder):
                        shutil.rmtree(self.notes, ignore_errors=True)
                        with suppress(OSError):
                            self.folder.rmdir()
        except Timeout as error:
            raise BadOutput(f"{self.folder} is being written by another process; wait for it") from error
        except OSError as error:
            reason = error.strerror or error
            raise BadOutput(f"{self.folder} cannot be written: {reason}; mend that and run it again") from error

    def begin(
        self, source: Source, model: KeyedEncoder, *, dtype: str, dimensions: int | None, shards: int | None
    ) -> Plan:
        """Go on with what is there, or cut the source into shards.

        Args:
            source: The rows.
            model: The encoder.
            dtype: How vectors are stored.
            dimensions: How many dimensions are kept; None for all.
            shards: How many shards there are to be; None for as many as there are, or one for four chunks.

        Returns:
            The plan.

        Raises:
            BadOutput: The shards that are there were begun with something else.
            NothingToDo: No row holds a text.
        """
        storage = model.storage(dtype, dimensions)
        plan = self._to_go_on_with(identity_of(source, model, storage), shards)
        if plan is None:
            self._clear()
            plan = make_plan(self.folder, source, model, storage, shards)
            plan.write(self.folder)
        elif self.missing(plan) and not (self.notes / ROWS).exists():
            write_rows_again(self.folder, source, plan)
        self._remove_drafts()
        self._resumed = [number for number in range(plan.shards) if read_marker(self.folder, number)]
        return plan

    def missing(self, plan: Plan) -> list[int]:
        """Return the numbers of the shards that are not whole."""
        return [number for number in range(plan.shards) if read_marker(self.folder, number) is None]

    def rows_done(self, plan: Plan) -> int:
        """Return how many rows are in whole shards."""
        return sum(plan.rows_of(number) for number in {*range(plan.shards)} - {*self.missing(plan)})

    def finish(self, plan: Plan, cache: VectorCache | None) -> Embedded:
        """Delete what only unfinished shards need, and sum up what the markers say.

        Raises:
            BadOutput: A shard is missing.
        """
        markers = [read_marker(self.folder, number) for number in range(plan.shards)]
        if None in markers:
            raise BadOutput(f"{self.folder} lacks {markers.count(None)} shards; run the same command again")
        (self.notes / ROWS).unlink(missing_ok=True)
        self._remove_drafts()
        whole = [marker for marker in markers if marker is not None]
        new = [marker for number, marker in enumerate(whole) if number not in self._resumed]

        def total(name: str, some: list[dict[str, Any]] = whole) -> int:
            return sum(marker[name] for marker in some)

        return Embedded(
            output=self.folder,
            rows=total("rows"),
            storage=plan.storage,
            empty=total("empty"),
            cut=total("cut"),
            unknown=total("unknown"),
            clipped=total("clipped"),
            encoded=total("encoded", new),
            cached=total("cached", new),
            resumed=total("rows") - total("rows", new),
            seconds=time.perf_counter() - self.began,
            skipped=tuple(Document(each["name"], problem=each["problem"]) for each in plan.skipped),
            cache=cache.path if cache else None,
            cache_bytes=cache.size() if cache else 0,
            shards=plan.shards,
        )

    def _to_go_on_with(self, identity: Any, shards: int | None) -> Plan | None:
        """Return the plan that is there, if it is that of the same rows; None where all begins anew."""
        if not is_shard_folder(self.folder):
            return None
        plan = Plan.read(self.folder)
        changed = [topic for topic in identity if plan.identity.get(topic) != identity[topic]]
        if shards is not None and min(shards, sum(plan.chunks)) != plan.shards:
            changed.append(f"number of shards, {plan.shards}")
        if changed and not self.overwrite:
            raise BadOutput(
                f"{self.folder} was begun with another {' and another '.join(changed)}; "
                "go on with that, choose another output or add --overwrite"
            )
        return None if changed or (self.overwrite and not self.missing(plan)) else plan

    def _clear(self) -> None:
        """Delete all shards, the plan last: a kill meanwhile leaves a folder that lacks some."""
        for path in [*self.folder.glob("part-*.parquet"), *self.notes.glob("part-*.json"), *self.notes.glob("*.*")]:
            path.unlink(missing_ok=True)

    def _remove_drafts(self) -> None:
        """Delete what workers that were killed left half-written."""
        for path in [*self.folder.glob(".part-*"), *self.notes.glob(".*"), *self.notes.glob("*.tries")]:
            path.unlink(missing_ok=True)


def stored_vectors(folder: Path, key: str) -> Iterator[tuple[list[str], FloatArray]]:
    """Yield the texts of a folder of shards with their vectors, if these are whole ones of an encoder.

    Args:
        folder: A folder of shards.
        key: The hash of what the encoder's vectors depend on.

    Yields:
        N texts and their (N, D) float32 vectors, some thousand at a time; nothing where vectors are of another
        encoder or were stored shorter.
    """
    import numpy as np
    from pyarrow.parquet import ParquetFile

    plan = Plan.read(folder)
    if plan.model_key != key or plan.storage.dtype != "float32":
        return
    for number in range(plan.shards):
        with ParquetFile(part_path(folder, number)) as file:
            for batch in file.iter_batches(4096, columns=["text", VECTOR_COLUMN]):
                filled = batch.filter(batch[VECTOR_COLUMN].is_valid())
                values = filled[VECTOR_COLUMN].flatten().to_numpy(zero_copy_only=False)
                yield filled["text"].to_pylist(), np.asarray(values, np.float32).reshape(filled.num_rows, -1)
