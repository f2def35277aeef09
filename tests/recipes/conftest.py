"""A benchmark as a module: its folder stands first on the path, as when it runs as a script."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "recipes" / "bench"


@pytest.fixture(scope="session")
def load_bench():
    """Return a function that imports a benchmark by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        yield lambda name: import_module(f"recipes.bench.{name}")
        sys.modules.pop("_common", None)
