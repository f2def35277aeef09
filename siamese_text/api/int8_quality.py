"""What int8 costs in quality: figures of int8 and fp32 on data sets that are at hand, kept beside the graph.

To load a model measures nothing. ``calibrate``, ``evaluate`` and ``embed_file``, which take their time anyway, measure
once and say it once; a graph that was made anew is measured anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.onnx.onnx_encoder import OnnxEncoder
from siamese_text.errors import MissingInput
from siamese_text.scoring.metrics import average_precision, spearman
from siamese_text.scoring.similarity import pairwise
from siamese_text.warn import warn_user

MOST_PAIRS = 2000  # of each data set, its first ones
FIGURES: dict[str, tuple[str, Callable[..., float]]] = {
    "stsb": ("Spearman", spearman),
    "paws": ("AP", average_precision),
}


def record_int8_quality(encoder: TextEncoder) -> None:
    """Measure what an int8 encoder loses beside fp32, once a data set: say it in a warning, store it with the graph.

    Args:
        encoder: The encoder in use; one that is not int8, or whose graph lies where nothing can be written, is left
            alone.
    """
    if not isinstance(encoder, OnnxEncoder) or encoder.compute_dtype != "int8" or encoder.resolved is None:
        return
    known = encoder.graph.check.get("quality")  # None where nobody has looked for data yet
    found = [name for name in FIGURES if name not in (known or {}) and _is_at_hand(name)]
    if not os.access(encoder.graph.folder, os.W_OK) or (known is not None and not found):
        return
    quality = {}
    if found:
        exact = load_encoder(encoder.resolved, backend="onnx")
        quality = {name: _figures(name, exact, encoder) for name in found}
    else:
        names = " and ".join(FIGURES)
        warn_user(f"set SIAMESE_TEXT_DATA to a folder with {names} to be told what int8 costs on them")
    for name, figures in quality.items():
        warn_user(
            f"int8 on {name}/validation ({figures['pairs']:,} pairs): {figures['figure']} {figures['int8']:.4f}, "
            f"fp32 {figures['fp32']:.4f}"
        )
    encoder.graph.add_to_check(quality={**(known or {}), **quality})


def _is_at_hand(name: str) -> bool:
    """Whether there is a local file; nothing is downloaded for a figure that was not asked for."""
    from siamese_text.data.catalogue import locate

    try:
        return isinstance(locate(name, "validation").place, Path)
    except MissingInput:
        return False


def _figures(name: str, exact: TextEncoder, quantised: TextEncoder) -> dict[str, Any]:
    from siamese_text.data.loading import load_pairs

    pairs = load_pairs(name, "validation").pairs[:MOST_PAIRS]
    labels = np.array([pair.label for pair in pairs])
    texts = [pair.sentence1 for pair in pairs] + [pair.sentence2 for pair in pairs]
    figures: dict[str, Any] = {"pairs": len(pairs), "figure": FIGURES[name][0]}
    for encoder in (exact, quantised):
        vectors = encoder.encode(texts)
        similarity = pairwise(encoder.similarity_fn_name, vectors[: len(pairs)], vectors[len(pairs) :])
        figures[encoder.compute_dtype] = round(FIGURES[name][1](labels, similarity), 6)
    return figures
