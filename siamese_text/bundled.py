"""The files that travel with the package: the sample data and the recipes."""

from __future__ import annotations

from pathlib import Path


def bundled(*parts: str) -> Path:
    """Say where a bundled file or folder lies: in the repository, or inside the installed package.

    Args:
        parts: The names on the way to it, beginning with ``data`` or ``recipes``.

    Returns:
        Its path, whether or not there is anything.

    Example:
        >>> bundled("data", "pairs").parts[-2:]
        ('data', 'pairs')
    """
    package = Path(__file__).parent
    installed = package / "bundled_files"  # the wheel copies data/ and recipes/ there; a checkout has no such folder
    return (installed if installed.is_dir() else package.parent).joinpath(*parts)
