"""Ctrl-C and SIGTERM as something that a loop can look at between two steps."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


class Signals:
    """Turns SIGINT and SIGTERM into a flag that the loop reads between steps; a second one interrupts at once."""

    def __init__(self) -> None:
        self.received = False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self.before[number] = signal.signal(number, self._note)
            except ValueError:  # only the main thread may listen; elsewhere signals are its own affair
                break
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = True
