"""The command line: one module a command, each parses, makes one library call and renders.

Nothing heavy is imported before a command runs, and of the commands only the one that is asked for, so that an answer
comes at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from typer.exceptions import TyperException

from siamese_text.cli.console import say, warnings_as_words
from siamese_text.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SiameseTextError

COMMANDS = {  # each is a function of its own name, with _ for a space, in the module named here
    "train": "train",
    "sweep": "sweep",
    "distill": "distill",
    "score": "score",
    "evaluate": "evaluate",
    "probe": "probe",
    "calibrate": "calibrate",
    "plagiarism": "plagiarism",
    "plagiarism verify": "plagiarism_verify",
    "index": "index",
    "index add": "index_add",
    "index remove": "index_remove",
    "index compact": "index_compact",
    "index info": "index_info",
    "search": "search",
    "similar": "similar",
    "map": "map",
    "dedupe": "dedupe",
    "paraphrases": "paraphrases",
    "match": "match",
    "mine": "mine",
    "embed": "embed",
    "classify": "classify",
    "verify": "verify",
    "verify enrol": "verify",
    "verify check": "verify",
    "verify calibrate": "verify",
    "verify remove": "verify",
    "anomalies": "anomalies",
    "augment": "augment",
    "datasets": "list_datasets",
    "push": "push",
    "pull": "pull",
}


def root() -> None:
    """Sentence similarity that decides: train an encoder, score pairs, check folders, search by meaning.

    Exit codes: 0 fine, 1 a check asked for failed, 2 usage, 3 some inputs could not be used, 4 nothing to do,
    130 interrupted. Add --debug to any command for the traceback of an error.
    """


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the command that is asked for or, where none is, with all of them.

    Args:
        arguments: As after ``siamese-text`` on the command line.

    Returns:
        The application; only what it knows is imported.
    """
    app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(root)
    asked = [name for name in arguments[:1] if name in COMMANDS]
    for name in asked or COMMANDS:
        module = import_module(f"siamese_text.cli.{COMMANDS[name]}")
        app.command(name)(getattr(module, name.replace(" ", "_")))
    return app


def joined(arguments: Sequence[str]) -> list[str]:
    """Return arguments with the two words of a command such as ``index add`` as one."""
    first = " ".join(arguments[:2])
    return [first, *arguments[2:]] if len(arguments) > 1 and first in COMMANDS else list(arguments)


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
            asked = joined([argument for argument in arguments if argument != "--debug"])
            code = app_for(asked)(asked, standalone_mode=False)
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
