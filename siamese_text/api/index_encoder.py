"""The encoder of an index: what it encoded is kept, and what its vectors depend on has a name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from siamese_text.api.keyed_encoder import vectors_key
from siamese_text.api.scorer import Scorer
from siamese_text.cache import cache_folder, file_sha256
from siamese_text.data.shard_layout import is_shard_folder
from siamese_text.encoder.base import ReportingEncoder
from siamese_text.encoder.onnx.graphs import model_files
from siamese_text.errors import TextsCut, TextsUnknown
from siamese_text.records import EncodeReport
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder
from siamese_text.vectors.shards import stored_vectors
from siamese_text.warn import warn_user


@contextmanager
def encoding(
    scorer: Scorer, cache: bool | str | Path, places: Iterable[str | Path] = (), *, prompt: str | None = "document"
) -> Iterator[CachedEncoder]:
    """Yield what encodes passages, from the cache where it can; a model that lies in no folder has none.

    Args:
        scorer: The model.
        cache: Where vectors are kept from run to run: True for the user's cache folder, False for nowhere.
        places: Where the texts come from: what folders of shards hold is put into the cache and not encoded again.
        prompt: The prompt before each text.
    """
    report = EncodeReport()
    encoder = ReportingEncoder(scorer.encoder, report, prompt)
    if not cache or not scorer.encoder.as_loaded:
        yield CachedEncoder(encoder)
    else:
        folder = cache_folder() if cache is True else Path(cache)
        key = vectors_key(scorer.encoder, prompt)
        shards = [Path(place) for place in places if place and is_shard_folder(Path(place))]
        with VectorCache(folder, key, forgiving=True) as vectors:
            yield CachedEncoder(encoder, vectors, partial(_take_over, shards, key))
    if report.truncated:
        warn_user(
            TextsCut(
                report.truncated, f"{report.truncated} passages were longer than the model reads; take fewer words"
            )
        )
    if report.unknown:
        warn_user(
            TextsUnknown(
                report.unknown,
                f"{report.unknown} passages are half or more of tokens that the model does not know, and it cannot "
                "tell such texts apart; take a model of their language or script",
            )
        )


def _take_over(shards: Sequence[Path], key: str, cache: VectorCache) -> None:
    """Put the vectors of folders of shards into a cache; say so where they are of no use."""
    for folder in shards:
        taken = False
        for texts, vectors in stored_vectors(folder, key):
            cache.put(texts, vectors)
            taken = True
        if not taken:
            warn_user(f"{folder} holds vectors of another model, prompt or dtype: its texts are encoded anew")


def model_key(scorer: Scorer) -> str:
    """Hash the weights of an encoder and what else decides its vectors; empty where they lie in no folder."""
    encoder = scorer.encoder
    if not encoder.as_loaded:
        return ""
    layout = encoder.layout
    weights = [file_sha256(path) for path in model_files(layout) if path.suffix == ".safetensors"]
    facts = (layout.pooling, layout.normalize, layout.truncate_dim, layout.prompts, encoder.compute_dtype)
    return hashlib.sha256(json.dumps([weights, *facts]).encode()).hexdigest()
