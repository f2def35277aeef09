"""Sentence similarity that decides: train a Siamese encoder, score pairs, check folders, search by meaning.

The public names are those of ``siamese_text.api``. Each is loaded on first use, so that ``import siamese_text`` costs
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siamese_text import api
from siamese_text._lazy import loader
from siamese_text._version import __version__ as __version__

if TYPE_CHECKING:
    from siamese_text.api import *  # noqa: F403
else:  # hidden from type checkers, which would take any name for good
    __all__ = api.__all__
    __getattr__ = loader(__name__, api.HOMES, api.OLD)

    def __dir__():
        return [*__all__, "__version__"]
