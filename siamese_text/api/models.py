"""Where a model comes from."""

from __future__ import annotations

from pathlib import Path

from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve


def model_place(name_or_path: str | Path = DEFAULT_MODEL) -> str:
    """Say where a model would be loaded from.

    Args:
        name_or_path: A model folder, or a name that is looked up locally first.

    Returns:
        Such as ``hub cache: /home/me/.cache/...``: its source and its folder.

    Raises:
        MissingInput: No place has the model.
    """
    found = resolve(name_or_path)
    return f"{found.source}: {found.folder}"
