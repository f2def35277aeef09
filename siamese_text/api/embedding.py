"""Files of any size to files of vectors by one call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from siamese_text.api.keyed_encoder import EncoderChoice
from siamese_text.api.sharding import Engine, check_sharding, embed_shards
from siamese_text.cache import cache_folder
from siamese_text.data.source import Source
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.sources import given_source, open_source
from siamese_text.vectors.stream import Embedded, Status, embed
from siamese_text.vectors.writers import check_target


def embed_file(
    source: str | Path | Any,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    column: str | None = None,
    words: int = 120,
    prompt: str | None = None,
    dtype: str = "float32",
    dimensions: int | None = None,
    with_text: bool = False,
    cache: bool | str | Path = True,
    overwrite: bool = False,
    backend: str = "auto",
    device: str | None = None,
    engine: Engine = "local",
    shards: int | None = None,
    workers: int | None = None,
    progress: Callable[[Status], None] | None = None,
) -> Embedded:
    """Embed a file of any size, or a folder of documents; a run that was killed goes on when it is called again.

    Args:
        source: Lines of text, a table (CSV, TSV, JSON lines, Parquet), a document, a folder of documents, or ``-``; or
            texts in memory: a list, a Series, a generator, a DataFrame, a ``datasets.Dataset``.
        output: A ``.npy`` or ``.parquet`` file; beside it, with ``.json`` added, stands what has to be known. With
            ``shards`` or on Ray a folder, whose Parquet files are one data set: id, text and vector.
        model: A name or a folder.
        column: The column of a table; by default ``text``, or the only one with texts.
        words: The length of a passage of a document, in words.
        prompt: Which of the model's prompts goes before each text; by default its own default, mostly none.
        dtype: ``float32``, ``float16``, ``int8`` or ``binary``.
        dimensions: Keep only this many, the first ones, of unit length again where the model normalises.
        with_text: Whether the texts are written too; shards always have them.
        cache: Where vectors are kept from run to run: True for the user's cache folder, False for nowhere.
            Workers on Ray have none: a shard that is whole is what is kept.
        overwrite: Whether an existing output may be replaced.
        backend: The backend of the model; see ``load_encoder``.
        device: A torch device; by default CUDA where there is one, else the CPU.
        engine: ``local``, or ``ray``: the workers of a Ray cluster write the shards; all see the folders of model and
            output in the same place. Where no cluster is, one is started on this machine.
        shards: How many Parquet files are written; by default, on Ray, one for each 16,384 rows or 2 million letters.
        workers: How many workers Ray starts at most; by default one for each GPU or, where there is none, CPU.
        progress: Called after each chunk of some thousand texts, or on Ray after each shard.

    Returns:
        What was written, and where each vector came from.

    Raises:
        MissingInput: The source or the model was not found.
        BadData: The source is damaged, or its column with texts cannot be told.
        UsageError: The source is nothing of these.
        SiameseTextError: As ``siamese_text.vectors.stream.embed``.
    """
    target, choice = Path(output), EncoderChoice(model, prompt, backend, device)
    named = isinstance(source, str | Path)

    def opened() -> Source:
        return open_source(str(source), column=column, words=words) if named else given_source(source, column=column)

    if engine != "local" or shards is not None or workers is not None:
        check_sharding(str(source) if named else "", target, dtype, engine, shards, workers, cache)
        return embed_shards(
            opened(),
            target,
            choice,
            dtype=dtype,
            dimensions=dimensions,
            engine=engine,
            shards=shards,
            workers=workers,
            cache=cache,
            overwrite=overwrite,
            progress=progress,
        )
    check_target(target, dtype, overwrite=overwrite)
    rows = opened()
    chosen = choice.load(measure=True)
    kept = None if not cache else cache_folder() if cache is True else Path(cache)
    with nullcontext() if kept is None else VectorCache(kept, chosen.key) as vectors:
        return embed(
            rows,
            target,
            chosen,
            dtype=dtype,
            dimensions=dimensions,
            with_text=with_text,
            cache=vectors,
            overwrite=overwrite,
            progress=progress,
        )
