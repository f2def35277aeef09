"""``siamese-text embed``: a file or folder of texts to a file of vectors."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Backend, Encoder, Json, Overwrite, Verbose, print_json, say, tell_place
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.api import Embedded, Status


def embed(
    source: Annotated[str, typer.Argument(help="Lines, a table, a document, a folder of documents, or - for stdin.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="What to write: a file, .npy or .parquet; with shards a folder.")
    ],
    model: Encoder = DEFAULT_MODEL,
    column: Annotated[str | None, typer.Option(help="Column of a table; by default text, or the only one.")] = None,
    words: Annotated[int, typer.Option(help="Length of a passage of a document, in words.")] = 120,
    prompt: Annotated[str | None, typer.Option(help="One of the model's prompts, such as document.")] = None,
    dtype: Annotated[str, typer.Option(help="How numbers are stored: float32, float16, int8 or binary.")] = "float32",
    dimensions: Annotated[int | None, typer.Option(help="Keep only this many dimensions, the first ones.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Write the texts too.")] = False,
    cache: Annotated[Path | None, typer.Option(help="Cache folder; also SIAMESE_TEXT_CACHE.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither look up vectors nor keep them.")] = False,
    shards: Annotated[
        int | None,
        typer.Option(help="Write a folder of this many Parquet files; a second run writes those that are missing."),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(help="Who writes shards: this process, or the workers of a Ray cluster (extra `ray`)."),
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(help="Workers on Ray at most; by default one for each GPU, or else CPU.")
    ] = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Embed a file of any size; run it again to go on after an interruption.

    A folder of shards (--shards, --engine ray) is a data set that pyarrow, pandas, Spark, `index` and `dedupe` read.
    """
    from siamese_text.api import embed_file

    if verbose:
        tell_place(model)
    with _progress_bar() as progress:
        done = embed_file(
            source,
            output,
            model=model,
            column=column,
            words=words,
            prompt=prompt,
            dtype=dtype,
            dimensions=dimensions,
            with_text=text,
            cache=False if no_cache else cache or True,
            overwrite=overwrite,
            backend=backend,
            engine=engine,
            shards=shards,
            workers=workers,
            progress=progress,
        )
    if json:
        print_json(_as_json(done))
    _tell(done)
    return EXIT_PARTIAL if done.empty or done.skipped else EXIT_OK


def _tell(done: Embedded) -> None:
    """Say what was written, and what is not as one might think."""
    for document in done.skipped:
        say(f"not embedded: {document.name}: {document.problem}")
    if done.empty:
        say(f"{done.empty:,} of {done.rows:,} rows have no text; they keep their places, without a vector")
    if done.cut:
        say(f"{done.cut:,} texts were longer than the model reads and were cut; split them")
    if done.unknown:
        say(f"{done.unknown:,} texts are half or more of tokens that the model does not know; their vectors say little")
    if done.clipped:
        say(f"{done.clipped:,} numbers were beyond the int8 range and were clipped")
    if done.resumed:
        say(f"went on after {done.resumed:,} rows that an interrupted run had done")
    new = done.rows - done.resumed
    shards = "" if done.shards is None else f" in {done.shards:,} shards"
    say(f"wrote {done.output}: {done.rows:,} rows{shards}, {done.storage.dimensions} dimensions, {done.storage.dtype}")
    say(
        f"{new:,} rows in {done.seconds:.1f} s ({new / done.seconds:,.0f} rows/s): "
        f"{done.encoded:,} texts encoded, {done.cached:,} from the cache"
    )
    if done.cache is not None:
        say(f"cache {done.cache}: {done.cache_bytes / 1e6:,.1f} MB for this model")


def _as_json(done: Embedded) -> dict[str, object]:
    return {
        "output": str(done.output),
        "rows": done.rows,
        "shards": done.shards,
        "dimensions": done.storage.dimensions,
        "dtype": done.storage.dtype,
        "empty": done.empty,
        "cut": done.cut,
        "unknown": done.unknown,
        "clipped": done.clipped,
        "encoded": done.encoded,
        "cached": done.cached,
        "resumed": done.resumed,
        "seconds": done.seconds,
        "cache": None if done.cache is None else {"path": str(done.cache), "bytes": done.cache_bytes},
        "skipped": [{"document": document.name, "problem": document.problem} for document in done.skipped],
    }


@contextmanager
def _progress_bar() -> Iterator[Callable[[Status], None] | None]:
    """Yield a callback that draws a bar with rows a second and the time left; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("embedding"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, words="")
        pace = Pace()

        def show(status: Status) -> None:
            bar.update(task, completed=status.read, total=status.total, words=pace.words(status, time.monotonic()))

        yield show


class Pace:
    """Rows a second and the time left, since the first status: what an interrupted run had done took no time."""

    def __init__(self) -> None:
        self._first: tuple[Status, float] | None = None

    def words(self, status: Status, now: float) -> str:
        """Describe how far a run is, and how fast.

        Args:
            status: How far it is.
            now: The time in seconds.

        Returns:
            Such as ``8,192 rows, 310 rows/s, 4:05 left``.
        """
        rows = f"{status.rows:,} rows"
        if self._first is None:
            self._first = status, now
            return rows
        first, began = self._first
        seconds = now - began
        if seconds <= 0 or status.rows == first.rows:
            return rows
        rows += f", {(status.rows - first.rows) / seconds:,.0f} rows/s"
        read = status.read - first.read
        if status.total is None or not read:
            return rows
        minutes, rest = divmod(round((status.total - status.read) * seconds / read), 60)
        return f"{rows}, {minutes}:{rest:02} left"
