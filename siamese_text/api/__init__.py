"""The public functions and classes that need every part of the package: load, train, score, evaluate, check, search.

Each is loaded on first use: who scores a pair waits neither for the training loop nor for the search to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siamese_text.api.calibration import Calibrated, calibrate
    from siamese_text.api.disclosures import Disclosure
    from siamese_text.api.embedding import embed_file
    from siamese_text.api.evaluation import evaluate, examine
    from siamese_text.api.hub import Pulled, Pushed, pull, push
    from siamese_text.api.index import Index, read_documents
    from siamese_text.api.plagiarism import check_folder
    from siamese_text.api.scorer import UNTRAINED_DECISIONS, Scorer
    from siamese_text.api.training import distill, train

_HOMES = {
    "UNTRAINED_DECISIONS": "scorer",
    "Calibrated": "calibration",
    "Disclosure": "disclosures",
    "Index": "index",
    "Pulled": "hub",
    "Pushed": "hub",
    "Scorer": "scorer",
    "calibrate": "calibration",
    "check_folder": "plagiarism",
    "distill": "training",
    "embed_file": "embedding",
    "evaluate": "evaluation",
    "examine": "evaluation",
    "pull": "hub",
    "push": "hub",
    "read_documents": "index",
    "train": "training",
}

__all__ = [
    "UNTRAINED_DECISIONS",
    "Calibrated",
    "Disclosure",
    "Index",
    "Pulled",
    "Pushed",
    "Scorer",
    "calibrate",
    "check_folder",
    "distill",
    "embed_file",
    "evaluate",
    "examine",
    "pull",
    "push",
    "read_documents",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'siamese_text.api' has no attribute '{name}'")
    return getattr(import_module(f"siamese_text.api.{_HOMES[name]}"), name)
