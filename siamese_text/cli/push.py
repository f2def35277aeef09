"""``siamese-text push``: a model folder to the Hugging Face hub."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Json, print_json, say
from siamese_text.errors import EXIT_OK


def push(
    folder: Annotated[Path, typer.Argument(help="Model folder to send.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Repository; it is made if there is none.")],
    private: Annotated[
        bool, typer.Option("--private/--public", help="Whether a new repository is seen by its owner alone.")
    ] = True,
    strip_paths: Annotated[
        bool, typer.Option("--strip-paths", help="Send only the last part of each path of this machine.")
    ] = False,
    graphs: Annotated[bool, typer.Option("--graphs", help="Send the exported ONNX graphs too.")] = False,
    message: Annotated[str, typer.Option(help="Message of the commit.")] = "A model of siamese-text",
    json: Json = False,
) -> int:
    """Send a model to the Hugging Face hub, unless its files hold an access token or a path of this machine.

    The access token is the one of `hf auth login`, or of the environment variable HF_TOKEN.
    """
    from siamese_text import api

    done = api.push(
        folder,
        repository,
        private=private,
        strip_paths=strip_paths,
        graphs=graphs,
        message=message,
        bars=sys.stderr.isatty(),
    )
    if json:
        print_json(asdict(done))
    for path in done.stripped:
        say(f"shortened in what was sent: {path.shown} in {path.file}, {path.place}")
    for name in done.removed:
        say(f"removed from the repository: {name}, which an earlier model left there")
    if done.left_out:
        say(f"not sent, no files of a model: {', '.join(done.left_out)}")
    if "README.md" not in done.files:
        say("there is no README.md: the page of the model will be empty")
    seen_by = "private" if done.private else "public"
    say(f"pushed {len(done.files)} files to {done.url} ({seen_by}) as commit {done.revision}")
    return EXIT_OK
