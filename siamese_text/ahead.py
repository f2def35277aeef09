"""An iterator that works ahead of whoever uses its items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, each made by another thread while the one before is worked on.

    Args:
        items: Made by calls that let other threads run, such as reading a file or tokenising; one item at a time.

    Example:
        >>> list(ahead(letter.upper() for letter in "abc"))
        ['A', 'B', 'C']
    """
    remaining, end = iter(items), object()
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, remaining, end)
        while (item := coming.result()) is not end:
            coming = maker.submit(next, remaining, end)
            yield cast(T, item)
