"""``siamese-text verify enrol|check|calibrate|remove``: is this text one that we know?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siamese_text.cli.console import Json, Overwrite, figure, percent, print_json, print_table, say
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError

Folder = Annotated[Path, typer.Argument(help="Folder of the references.")]


def verify(
    words: Annotated[list[str] | None, typer.Argument(help="enrol, check, calibrate or remove.")] = None,
) -> int:
    """Keep references and say whether a text is one of them: see verify enrol, check, calibrate and remove."""
    asked = f"'{words[0]}'" if words else "nothing"
    raise UsageError(f"verify got {asked}; choose from enrol, check, calibrate, remove, such as verify enrol --help")


def verify_enrol(
    folder: Folder,
    text: Annotated[str | None, typer.Argument(help="One text.")] = None,
    name: Annotated[str | None, typer.Option("--id", help="Its name.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Table with the columns id and text.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Encoder of a new folder: a name or a folder; by default all-MiniLM-L6-v2.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="A name that is there already gets the new text.")] = False,
    json: Json = False,
) -> int:
    """Add references to a folder, one embedding each; the folder is made if it is missing."""
    from siamese_text.api import enrol

    if (file is None) == (text is None):
        raise UsageError("give one text with its --id, or --file TABLE with the columns id and text")
    if text is not None and name is None:
        raise UsageError("the text has no name; add --id NAME")
    made = enrol(folder, file or [text or ""], [name or ""], model=model, replace=replace)
    if json:
        print_json({"folder": str(folder), "references": len(made.ids_)})
    say(f"wrote {folder}: {len(made.ids_):,} references")
    if made.calibrated_for_ not in (None, len(made.ids_)):
        say(f"its threshold was set with {made.calibrated_for_:,} references; set it anew with verify calibrate")
    return EXIT_OK


def verify_remove(
    folder: Folder, ids: Annotated[list[str], typer.Argument(help="Names of references.")], json: Json = False
) -> int:
    """Remove references from a folder, all that are named or none."""
    from siamese_text.api import remove_references

    left = remove_references(folder, ids)
    if json:
        print_json({"folder": str(folder), "references": len(left.ids_)})
    say(f"wrote {folder}: {len(left.ids_):,} references")
    return EXIT_OK


def verify_check(
    folder: Folder,
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to check.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="File of texts: lines, a table, or - for standard input.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of a table of texts.")] = None,
    json: Json = False,
) -> int:
    """Say of each text whether it is the same as a reference: accept, reject or unsure."""
    from siamese_text.api import verify as verify_texts

    if bool(texts) == bool(file):
        raise UsageError("give texts, or --file FILE")
    answers = verify_texts(folder, file or texts or [], column=column)
    if json:
        print_json({"texts": [None if said is None else asdict(said) for said in answers]})
    else:
        rows = [
            [shown, said.answer, said.reference, figure(said.similarity), figure(said.probability)]
            for shown, said in zip(texts or map(str, range(1, len(answers) + 1)), answers, strict=True)
            if said is not None
        ]
        print_table("text", "answer", "nearest reference", "similarity", "probability", rows=rows, right=2)
    empty = answers.count(None)
    if empty:
        say(f"{empty} texts are empty")
    return EXIT_PARTIAL if empty else EXIT_OK


def verify_calibrate(
    folder: Folder,
    tried: Annotated[
        Path, typer.Argument(help="Table with the columns text and id, which is empty where a text is none of them.")
    ],
    false_accepts: Annotated[
        float, typer.Option(help="Largest share of texts of no reference that are accepted.")
    ] = 0.01,
    false_rejects: Annotated[float, typer.Option(help="Largest share of texts of one that are rejected.")] = 0.05,
    confidence: Annotated[float, typer.Option(help="How sure both are to hold for new texts.")] = 0.95,
    plot: Annotated[Path | None, typer.Option(help="PNG file to draw the errors to: ROC and DET.")] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Set the threshold so that errors stay below wanted shares, by texts whose reference is known."""
    from siamese_text.api import calibrate_verifier

    made, shown = calibrate_verifier(
        folder,
        tried,
        false_accepts=false_accepts,
        false_rejects=false_rejects,
        confidence=confidence,
        plot=plot,
        overwrite=overwrite,
    )
    rejects = None if made.reject_below_ == float("-inf") else made.reject_below_
    if json:
        figures = {"equal_error_rate": shown.equal_error_rate, "auroc": shown.auroc, "genuine": shown.genuine}
        thresholds = {"accept_from": made.accept_from_, "reject_below": rejects}
        print_json({**figures, "impostors": shown.impostors, **thresholds})
    else:
        rows = [
            ["accept from", figure(made.accept_from_)],
            ["reject below", figure(rejects)],
            ["equal error rate", percent(shown.equal_error_rate)],
            ["AUROC", figure(shown.auroc)],
        ]
        print_table("", "", rows=rows, right=1)
    say(
        f"by {shown.genuine:,} texts of a reference and {shown.impostors:,} others: with confidence {confidence:g} "
        f"at most {percent(false_accepts)} false accepts and {percent(false_rejects)} false rejects"
    )
    if rejects is None:
        say("too few texts to promise a reject: what is not accepted is unsure")
    for path in (folder, plot):
        if path:
            say(f"wrote {path}")
    return EXIT_OK
