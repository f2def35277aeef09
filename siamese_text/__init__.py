"""Sentence similarity that decides: train a Siamese encoder, score pairs, check folders, search by meaning.

Public names are loaded on first use, so that ``import siamese_text`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from siamese_text._version import __version__ as __version__

if TYPE_CHECKING:
    from siamese_text.api import Index, Scorer, calibrate, check_folder, distill, embed_file, evaluate, train
    from siamese_text.encoder.loading import load_encoder
    from siamese_text.encoder.torch_encoder import TorchEncoder
    from siamese_text.errors import SiameseTextError
    from siamese_text.plagiarism.findings import Findings
    from siamese_text.records import Document, Hit, Pair, Passage, Predictions

_HOMES = {
    "Document": "records",
    "TorchEncoder": "encoder.torch_encoder",
    "Findings": "plagiarism.findings",
    "Hit": "records",
    "Index": "api",
    "Predictions": "records",
    "Pair": "records",
    "Passage": "records",
    "Scorer": "api",
    "SiameseTextError": "errors",
    "calibrate": "api",
    "check_folder": "api",
    "distill": "api",
    "embed_file": "api",
    "evaluate": "api",
    "load_encoder": "encoder.loading",
    "train": "api",
}

__all__ = [
    "Document",
    "Findings",
    "Hit",
    "Index",
    "Pair",
    "Passage",
    "Predictions",
    "Scorer",
    "SiameseTextError",
    "TorchEncoder",
    "calibrate",
    "check_folder",
    "distill",
    "embed_file",
    "evaluate",
    "load_encoder",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'siamese_text' has no attribute '{name}'")
    return getattr(import_module(f"siamese_text.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
