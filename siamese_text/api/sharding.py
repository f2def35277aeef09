"""A file of any size to a folder of shards: by this process, or by the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Literal, get_args

from siamese_text.api.keyed_encoder import EncoderChoice
from siamese_text.api.ray_engine import check_ray, write_on_ray
from siamese_text.cache import cache_folder
from siamese_text.data.source import Source
from siamese_text.errors import Interrupted, UsageError
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.shard_plan import Plan
from siamese_text.vectors.shards import ShardFolder, ShardWriter
from siamese_text.vectors.sources import STDIN
from siamese_text.vectors.storage import check_dtype
from siamese_text.vectors.stream import Embedded, Status
from siamese_text.vectors.writers import SUFFIXES

Engine = Literal["local", "ray"]


def check_sharding(
    source: str,
    output: Path,
    dtype: str,
    engine: str,
    shards: int | None,
    workers: int | None,
    cache: bool | str | Path,
) -> None:
    """Refuse what no folder of shards can be written with, before any work is done for it.

    Raises:
        UsageError: An option, or Ray is not installed.
    """
    if engine not in get_args(Engine):
        raise UsageError(f"engine is '{engine}'; choose from {', '.join(get_args(Engine))}")
    if shards is not None and shards < 1:
        raise UsageError(f"shards is {shards}; write 1 or more")
    if workers is not None and (engine == "local" or workers < 1):
        raise UsageError(f"workers is {workers}; give 1 or more, with --engine ray")
    if output.suffix in SUFFIXES:
        raise UsageError(f"{output} is one file, and shards are several; name a folder, such as {output.stem}")
    if source == STDIN:
        raise UsageError("standard input can be read only once, and shards are for runs that go on; give a file")
    if engine == "ray" and not isinstance(cache, bool):
        raise UsageError(f"workers on Ray have no cache, their shards are what is kept; leave cache {cache} out")
    check_dtype(dtype)
    if engine == "ray":
        check_ray()


def embed_shards(
    source: Source,
    output: Path,
    choice: EncoderChoice,
    *,
    dtype: str,
    dimensions: int | None,
    engine: Engine,
    shards: int | None,
    workers: int | None,
    cache: bool | str | Path,
    overwrite: bool,
    progress: Callable[[Status], None] | None,
) -> Embedded:
    """Write the shards of a source that are missing; see ``embed_file``.

    Raises:
        BadOutput: What is there was begun with something else, or another process is at it.
        Interrupted: Ctrl-C; whole shards are kept.
    """
    folder = ShardFolder(output, overwrite=overwrite)
    model = choice.load(measure=True)
    kept = None if engine == "ray" or not cache else cache_folder() if cache is True else Path(cache)
    with nullcontext() if kept is None else VectorCache(kept, model.key) as vectors, folder.locked():
        plan = folder.begin(source, model, dtype=dtype, dimensions=dimensions, shards=shards)
        tell = _teller(plan, folder.rows_done(plan), progress)
        missing = folder.missing(plan)
        try:
            if engine == "ray":
                write_on_ray(output, missing, choice, workers, lambda shard: tell(plan.rows_of(shard)))
            elif missing:
                writer = ShardWriter(output, model, vectors)
                for shard in missing:
                    writer.write(shard, tell)
        except KeyboardInterrupt:
            done = plan.shards - len(folder.missing(plan))
            raise Interrupted(
                f"stopped after {done} of {plan.shards} shards; run the same command again to go on"
            ) from None
        return folder.finish(plan, vectors)


def _teller(plan: Plan, done: int, progress: Callable[[Status], None] | None) -> Callable[[int], None]:
    """Return what is called with the number of further rows, and tells how far all are."""
    total = sum(plan.chunks)

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(Status(done, done, total))

    tell(0)
    return tell
