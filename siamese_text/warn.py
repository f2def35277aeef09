"""Warnings that show the user's own line, from wherever in this package they are raised."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

_PACKAGE = str(Path(__file__).parent)


def warn_user(warning: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside this package that called into it, however many calls lie between.

    Args:
        warning: What to say, or an instance that says it.
        category: The class of the warning where it is given as text.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(warning, category, stacklevel=level)
