"""``siamese-text score``: do these texts say the same, and why?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.api import DECIDING_MODEL
from siamese_text.cli.console import (
    Backend,
    Columns,
    Json,
    Model,
    Overwrite,
    Verbose,
    figure,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_CHECK_FAILED, EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import ScoredPairs


def score(
    text1: Annotated[str | None, typer.Argument(help="One text.")] = None,
    text2: Annotated[str | None, typer.Argument(help="The other text.")] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file", "-f", help="File of pairs, or - for standard input: tab-separated lines, or what files hold."
        ),
    ] = None,
    model: Model = DECIDING_MODEL,
    explain: Annotated[bool, typer.Option("--explain", help="Show which words decide and which align.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the explanation as a page; includes --explain.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if a pair differs, else with 3 if one is unsure or left out.")
    ] = False,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    columns: Columns = "",
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Say how similar two texts are, how probable it is that they say the same, and decide."""
    pairs = _pairs(text1, text2, file)
    from siamese_text import api

    if verbose:
        tell_place(model)
    with progress_bar("encoding") as progress:
        scored = api.score_pairs(
            pairs,
            model=model,
            columns=columns,
            explain=explain,
            page=html,
            must_decide=check,
            overwrite=overwrite,
            backend=backend,
            progress=progress,
        )
    if json:
        print_json(scored.to_json())
    else:
        _render(scored)
    _say_what_decides(scored, json=json)
    if html:
        say(f"wrote {html}")
    if scored.unknown:
        say(
            f"{len(scored.unknown)} of {len(scored.pairs)} pairs are in words that the model does not know, or differ "
            f"beyond what it reads, and are left unsure; take a model of their language, split long texts, or "
            f"calibrate on labelled pairs like them"
        )
    if scored.dropped:
        say(f"{scored.dropped} rows were left out: a text is empty")
    verdicts = set(scored.predictions.verdicts) if check else set()
    if "no" in verdicts:
        return EXIT_CHECK_FAILED
    return EXIT_PARTIAL if scored.dropped or "unsure" in verdicts else EXIT_OK


def _pairs(text1: str | None, text2: str | None, file: str | None) -> str | list[tuple[str, str]]:
    """Return the pair of texts, or the file of pairs, whichever was given."""
    if file is None:
        if text1 is None or text2 is None:
            raise UsageError('give two texts, such as score "a" "b", or --file FILE')
        return [(text1, text2)]
    if text1 is not None:
        raise UsageError(f"got both the text '{text1}' and --file {file}; give one of them")
    return file


def _render(scored: ScoredPairs) -> None:
    rows = [
        [pair.sentence1, pair.sentence2, figure(similarity), figure(probability), verdict or "–"]
        for (pair, similarity, probability, _), verdict in zip(scored.rows, scored.predictions.verdicts, strict=True)
    ]
    titles, right = ["text 1", "text 2", "similarity", "probability", "same?"], 3
    if any(scored.differs_in):
        titles, right = [*titles, "differs in"], 4
        rows = [[*row, ", ".join(names)] for row, names in zip(rows, scored.differs_in, strict=True)]
    print_table(*titles, rows=rows, right=right)
    if scored.explanations:
        from siamese_text.cli.explanation import render

        for explanation in scored.explanations:
            render(explanation)


def _say_what_decides(scored: ScoredPairs, *, json: bool) -> None:
    if scored.decision is None or not json:
        say(scored.threshold)
    if scored.explanations and (scored.decision is None or scored.decision.calibration is None):
        say("there is no probability to explain: contributions are those of words to the similarity")
