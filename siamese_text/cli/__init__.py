"""The command line: one module a command, each parses, makes one library call and renders.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from siamese_text.cli import (
    augment,
    calibrate,
    distill,
    embed,
    evaluate,
    index,
    list_datasets,
    mine,
    plagiarism,
    pull,
    push,
    score,
    search,
    sweep,
    train,
)
from siamese_text.cli.console import say, warnings_as_words
from siamese_text.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SiameseTextError

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.command("train")(train.train)
app.command("sweep")(sweep.sweep)
app.command("distill")(distill.distill)
app.command("score")(score.score)
app.command("evaluate")(evaluate.evaluate)
app.command("calibrate")(calibrate.calibrate)
app.command("plagiarism")(plagiarism.plagiarism)
app.command("index")(index.index)
app.command("search")(search.search)
app.command("mine")(mine.mine)
app.command("embed")(embed.embed)
app.command("augment")(augment.augment)
app.command("datasets")(list_datasets.datasets)
app.command("push")(push.push)
app.command("pull")(pull.pull)


@app.callback()
def root() -> None:
    """Sentence similarity that decides: train an encoder, score pairs, check folders, search by meaning.

    Exit codes: 0 fine, 1 a check asked for failed, 2 usage, 3 some inputs could not be used, 4 nothing to do,
    130 interrupted. Add --debug to any command for the traceback of an error.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: As after ``siamese-text`` on the command line.

    Returns:
        The exit code.
    """
    debug = "--debug" in arguments
    try:
        with warnings_as_words():
            code = app([argument for argument in arguments if argument != "--debug"], standalone_mode=False)
    except (SiameseTextError, TyperException) as error:
        if debug:
            raise
        return _fail(error)
    if code == EXIT_INTERRUPTED:  # Typer turns Ctrl-C into this code
        say("interrupted")
    return int(code or EXIT_OK)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def _fail(error: SiameseTextError | TyperException) -> int:
    if isinstance(error, SiameseTextError):
        say(f"error: {error}")
        return error.exit_code
    say(f"error: {error.format_message()} See siamese-text --help.")
    return EXIT_USAGE
