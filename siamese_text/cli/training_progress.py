"""How a command that trains tells the user of its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from siamese_text.cli.console import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from siamese_text.api import StepRecord, ValidationRecord


class TrainingProgress:
    """Tells the user what happens: a line for each validation, and a bar with loss and speed on a terminal."""

    unit = "pairs"

    def __init__(self) -> None:
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, total: int, description: str = "", done: int = 0) -> None:
        """Show a bar on a terminal."""
        import sys

        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(description, total=total, completed=done)
        self.bar.start()

    def move(self, done: int, description: str) -> None:
        """Move the bar, if there is one."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done, description=description)

    def close(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar.stop()
        self.bar = None

    def started(self, steps: int, done: int) -> None:
        """Say how long training is, and show the bar."""
        say(f"training: {steps} steps" + (f", going on after step {done}" if done else ""))
        self.open(steps, done=done)

    def stepped(self, record: StepRecord) -> None:
        """Move the bar by a step."""
        self.move(record.step, f"loss {record.loss:.3f}  {record.pairs_per_second:.0f} {self.unit}/s")

    def validated(self, record: ValidationRecord) -> None:
        """Say what a validation gave."""
        kept = "  kept" if record.best else ""
        line = (
            f"  epoch {record.epoch:.2f}  step {record.step}  validation loss {record.loss:.3f}  "
            f"{record.metric} {record.value:.3f} ({record.score}){kept}"
        )
        if self.bar:
            self.bar.console.print(line, highlight=False)
        else:
            say(line)
