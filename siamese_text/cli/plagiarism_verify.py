"""``siamese-text plagiarism verify``: whether the evidence of a report still stands in the files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Json, print_json, print_table, say
from siamese_text.errors import EXIT_CHECK_FAILED, EXIT_OK


def plagiarism_verify(
    report: Annotated[Path, typer.Argument(help="The report.json of a plagiarism check, or its folder.")],
    documents: Annotated[
        Path | None, typer.Option(help="Folder of the documents; by default where the report says.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Folder of the named sources; by default where the report says.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File of passwords, as for the check; a report keeps none.")
    ] = None,
    json: Json = False,
) -> int:
    """Find each passage of a report again in the files; exit code 1 if anything is not as it was."""
    from siamese_text import api
    from siamese_text.api.rendering import counted

    found = api.verify_report(report, folder=documents, against=against, password_file=password_file)
    if json:
        print_json(asdict(found))
    elif found.faults:
        print_table("what", "fault", rows=[list(fault) for fault in found.faults], title="Not as it was")
    looked_up = f"{counted(found.passages, 'passage')} in {counted(found.documents, 'document')} looked up"
    say(f"{looked_up}; {counted(len(found.faults), 'fault') if found.faults else 'all is as it was'}")
    return EXIT_CHECK_FAILED if found.faults else EXIT_OK
