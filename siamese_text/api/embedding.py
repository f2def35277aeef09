"""Files of any size to files of vectors by one call."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path

from siamese_text.api.int8_quality import record_int8_quality
from siamese_text.cache import cache_folder
from siamese_text.encoder.base import ReportingEncoder, TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.onnx.graphs import graph_key
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.records import EncodeReport
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.sources import open_source
from siamese_text.vectors.stream import Embedded, KeyedEncoder, Status, embed
from siamese_text.vectors.writers import check_target


def embed_file(
    source: str | Path,
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
    progress: Callable[[Status], None] | None = None,
) -> Embedded:
    """Embed a file of any size, or a folder of documents; a run that was killed goes on when it is called again.

    Args:
        source: Lines of text, a table (CSV, TSV, JSON lines, Parquet), a document, a folder of documents, or ``-``.
        output: A ``.npy`` or ``.parquet`` file; beside it, with ``.json`` added, stands what has to be known.
        model: A name or a folder.
        column: The column of a table; by default ``text``, or the only one with texts.
        words: The length of a passage of a document, in words.
        prompt: Which of the model's prompts goes before each text; by default its own default, mostly none.
        dtype: ``float32``, ``float16``, ``int8`` or ``binary``.
        dimensions: Keep only this many, the first ones, of unit length again where the model normalises.
        with_text: Whether the texts are written too.
        cache: Where vectors are kept from run to run: True for the user's cache folder, False for nowhere.
        overwrite: Whether an existing output may be replaced.
        backend: The backend of the model; see ``load_encoder``.
        device: A torch device; by default CUDA where there is one, else the CPU.
        progress: Called after each chunk of some thousand texts.

    Returns:
        What was written, and where each vector came from.

    Raises:
        MissingInput: The source or the model was not found.
        BadData: The source is damaged, or its column with texts cannot be told.
        SiameseTextError: As ``siamese_text.vectors.stream.embed``.
    """
    check_target(Path(output), dtype, overwrite=overwrite)
    opened = open_source(str(source), column=column, words=words)
    chosen = _load(model, prompt, backend, device)
    folder = cache_folder() if cache is True else Path(cache) if cache else None
    with nullcontext() if folder is None else VectorCache(folder, chosen.key) as vectors:
        return embed(
            opened,
            Path(output),
            chosen,
            dtype=dtype,
            dimensions=dimensions,
            with_text=with_text,
            cache=vectors,
            overwrite=overwrite,
            progress=progress,
        )


def _load(model: str | Path, prompt: str | None, backend: str, device: str | None) -> KeyedEncoder:
    encoder = load_encoder(model, backend=backend, device=device)
    record_int8_quality(encoder)
    report = EncodeReport()
    return KeyedEncoder(
        ReportingEncoder(encoder, report, prompt),
        str(model),
        vectors_key(encoder, prompt),
        encoder.embedding_dimension,
        encoder.layout.normalize,
        report,
    )


def vectors_key(encoder: TextEncoder, prompt: str | None = None) -> str:
    """Hash what the vectors of an encoder depend on: two with the same key give the same vectors.

    Args:
        encoder: The encoder, on any backend.
        prompt: The name of the prompt before each text; by default the model's own default.

    Returns:
        A SHA-256 in hex, the same wherever the model lies.
    """
    parts = (graph_key(encoder.layout), encoder.compute_dtype, encoder.layout.prompt(prompt))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def steady_vectors_key(encoder: TextEncoder) -> str:
    """Hash what the last bit of a steady vector depends on: besides the model, what multiplies, and where.

    Args:
        encoder: The encoder, on any backend.

    Returns:
        A SHA-256 in hex.
    """
    runtime = {"OnnxEncoder": "onnxruntime", "TorchEncoder": "torch"}.get(type(encoder).__name__, "numpy")
    place = f"{getattr(encoder, 'device', 'cpu')} {platform.machine()}"
    parts = (vectors_key(encoder), "steady", runtime, version(runtime), place)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
