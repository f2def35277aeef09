"""Every error that siamese-text raises on purpose, each with its exit code.

    SiameseTextError
    ├── UsageError            2  an option or an argument cannot be used
    │   ├── MissingInput      2  a file, folder, data set or model was not found
    │   ├── BadData           2  the columns or the labels are not what the task needs
    │   │   ├── Unreadable    2  the bytes of a file hold no text that can be used
    │   │   ├── OneClass      2  all labels are the same
    │   │   └── BadExamples   2  no estimator can learn from these examples
    │   ├── BadModel          2  a model folder is incomplete or unsafe to load
    │   └── BadOutput         2  the output exists or cannot be written
    ├── NothingToDo           4  the input holds nothing to work on
    └── Interrupted         130  the user stopped a run, whose state was saved

A message is one line with the value seen, the values allowed and the next step. A run that goes on without
some of its inputs raises nothing: it counts them, says so and ends with ``EXIT_PARTIAL``, as a check does that leaves
some pairs unsure.
"""

EXIT_OK = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_PARTIAL = 3
EXIT_NOTHING = 4
EXIT_INTERRUPTED = 130


class SiameseTextError(Exception):
    """The root: catching it catches every error that is meant for the user's eyes."""

    exit_code = EXIT_USAGE


class UsageError(SiameseTextError):
    """An option or an argument cannot be used as it was given."""


class MissingInput(UsageError):
    """A file, folder, data set or model was not found; the message names each place that was tried."""


class BadData(UsageError):
    """The columns or the labels of a data set are not what the task needs."""


class Unreadable(BadData):
    """The bytes of a file hold no text that can be used; the message is the reason and what to do."""


class OneClass(BadData):
    """All labels are the same, where there must be two different ones to tell apart."""

    def __init__(self, labels: int, value: float | None, where: str = "") -> None:
        seen = "none" if value is None else f"{value:g}"
        super().__init__(f"one class only: all {labels} labels{where} are {seen}; add rows of another class")


class BadExamples(BadData, ValueError):
    """No estimator can learn from these examples; a ValueError too, as scikit-learn's contract has it."""


class BadModel(UsageError):
    """A model folder is incomplete, or holds only what is unsafe to load."""


class BadOutput(UsageError):
    """The output exists already or cannot be written."""


class NothingToDo(SiameseTextError):
    """The input could be read but holds nothing to work on."""

    exit_code = EXIT_NOTHING


class Interrupted(SiameseTextError):
    """The user stopped a run; the message says how to go on."""

    exit_code = EXIT_INTERRUPTED


class TextsCut(UserWarning):
    """Warns of texts that were longer than an encoder reads; ``cut`` counts them."""

    def __init__(self, cut: int, message: str) -> None:
        super().__init__(message)
        self.cut = cut


class TextsUnknown(UserWarning):
    """Warns of texts at least half of whose tokens an encoder does not know; ``unknown`` counts them."""

    def __init__(self, unknown: int, message: str) -> None:
        super().__init__(message)
        self.unknown = unknown
