"""What a check tells while it works: what begins, and how far it is, from which a bar says the time that is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from siamese_text.protocols import Progress, Stage

T = TypeVar("T")


class Steps:
    """Tells what begins and how much of it is done, or nobody.

    Args:
        stage: Called with what begins, in words.
        progress: Called with how many are done, and of how many.

    Example:
        >>> steps = Steps(print, lambda done, total: print(done, "of", total))
        >>> for letter in steps.through("reading", "ab"):
        ...     print(letter)
        reading
        a
        1 of 2
        b
        2 of 2
    """

    def __init__(self, stage: Stage | None = None, progress: Progress | None = None) -> None:
        self.begin: Stage = stage or (lambda _what: None)
        self.progress: Progress = progress or (lambda _done, _total: None)

    def through(self, what: str, items: Sequence[T]) -> Iterator[T]:
        """Begin something that is done with one after the other; each is done when the next is asked for."""
        self.begin(what)
        for done, item in enumerate(items, start=1):
            yield item
            self.progress(done, len(items))
