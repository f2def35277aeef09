"""An encoder as those load it who keep its vectors: with a key that says what these depend on."""

from __future__ import annotations

import hashlib
import platform
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from siamese_text.api.int8_quality import record_int8_quality
from siamese_text.encoder.base import ReportingEncoder, SteadyEncoder, TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.onnx.graphs import graph_key
from siamese_text.records import EncodeReport
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder
from siamese_text.vectors.row_encoder import KeyedEncoder


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """Which encoder, said so that a process on another machine can load it too.

    Attributes:
        model: A name or a folder.
        prompt: Which of the model's prompts goes before each text; by default its own default, mostly none.
        backend: See ``load_encoder``.
        device: A torch device; by default CUDA where there is one, else the CPU.
    """

    model: str | Path
    prompt: str | None = None
    backend: str = "auto"
    device: str | None = None

    def load(self, *, measure: bool = False) -> KeyedEncoder:
        """Load it.

        Args:
            measure: Whether what int8 costs is measured, once for a model.

        Raises:
            SiameseTextError: As ``load_encoder``.
        """
        encoder = load_encoder(self.model, backend=self.backend, device=self.device)
        if measure:
            record_int8_quality(encoder)
        report = EncodeReport()
        return KeyedEncoder(
            ReportingEncoder(encoder, report, self.prompt),
            str(self.model),
            vectors_key(encoder, self.prompt),
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


def steady_encoder(encoder: TextEncoder, cache: str | Path | None, opened: ExitStack) -> CachedEncoder:
    """Let an encoder give a text the same bits in every run, and ask a cache first where there is one.

    Args:
        encoder: The encoder, on any backend.
        cache: A folder where vectors are kept as they are made.
        opened: Closes the cache.

    Returns:
        The encoder, which counts what it encoded.

    Raises:
        BadOutput: The cache cannot be written.

    Warns:
        UserWarning: A file of the cache is damaged, and was left aside.
    """
    if cache is None:
        return CachedEncoder(SteadyEncoder(encoder))
    vectors = VectorCache(Path(cache), steady_vectors_key(encoder), forgiving=True)
    return CachedEncoder(SteadyEncoder(encoder), opened.enter_context(vectors))
