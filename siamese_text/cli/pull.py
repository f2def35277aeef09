"""``siamese-text pull``: a model from the Hugging Face hub."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Json, Overwrite, print_json, say
from siamese_text.errors import EXIT_OK


def pull(
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Repository of the model.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Model folder to make; by default the hub's cache keeps it.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit; by default the main branch.")] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Fetch a model from the Hugging Face hub: safetensors and settings, never a pickle or a program.

    Commands find a model in the hub's cache by the name of its repository: `score --model OWNER/NAME`.
    """
    from siamese_text import api

    done = api.pull(repository, output, revision=revision, overwrite=overwrite, bars=sys.stderr.isatty())
    if json:
        print_json(asdict(done) | {"folder": str(done.folder)})
    if done.left_out:
        say(f"not fetched: {', '.join(done.left_out)}")
    say(f"pulled {len(done.files)} files ({done.size / 1e6:,.1f} MB) of {repository}, commit {done.revision}")
    say(f"the model lies in {done.folder}")
    return EXIT_OK
