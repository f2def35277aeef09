"""``siamese-text match``: two tables in, the rows that stand for the same thing out, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Encoder, Json, Overwrite, percent, print_json, say
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL

if TYPE_CHECKING:
    from siamese_text.api import MatchedTables


def match(
    left: Annotated[Path, typer.Argument(help="Table: CSV, TSV, JSON lines or Parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the matches: .csv or .tsv.")],
    right: Annotated[
        Path | None, typer.Argument(help="The other table; without it the duplicates in the first are found.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            help="Columns to compare, such as title,price:number; kinds: text, short, number, date. What the tables "
            "call differently is title=name,price=cost:number. By default all columns that both have, of the kind "
            "that their cells look like."
        ),
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            help="Table with the columns left, right, label (1 or 0), such as a filled-in review; repeatable."
        ),
    ] = None,
    review: Annotated[
        Path | None, typer.Option(help="File for pairs that you should label next: .csv or .tsv.")
    ] = None,
    review_pairs: Annotated[int, typer.Option(help="How many pairs it has.")] = 50,
    html: Annotated[
        Path | None, typer.Option(help="Page to write: what made some matches and near misses, column by column.")
    ] = None,
    one_to_one: Annotated[
        bool | None,
        typer.Option(
            "--one-to-one/--many-to-many", help="Whether a row has at most one partner; by default the tables tell."
        ),
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names rows; by default id, or rows are numbered.")
    ] = None,
    by_words: Annotated[
        bool, typer.Option("--by-words", help="Compare texts by words and letters alone: no model is loaded.")
    ] = False,
    neighbours: Annotated[int, typer.Option(help="Neighbours of a row that it is compared with, in each way.")] = 10,
    model: Encoder = DEFAULT_MODEL,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Find the rows of two tables, or of one, that stand for the same thing.

    No label is needed. With --review you get the pairs that teach and measure most: fill in the column label with 1 or
    0, give the file back as --labels, and precision and recall are estimated with an interval.
    """
    from siamese_text.api import match_tables

    done = match_tables(
        left,
        right,
        output,
        on=on,
        labels=labels or (),
        review=review,
        review_pairs=review_pairs,
        html=html,
        id_column=id_column,
        one_to_one=one_to_one,
        by_words=by_words,
        neighbours=neighbours,
        model=model,
        seed=seed,
        overwrite=overwrite,
    )
    if json:
        print_json(_numbers(done))
    _tell(done)
    if html is not None:
        say(f"wrote {html}")
    return EXIT_PARTIAL if done.blank else EXIT_OK


def _numbers(done: MatchedTables) -> dict[str, Any]:
    found = done.found
    said = done.estimate
    return {
        "output": str(done.output),
        "review": None if done.review is None else str(done.review),
        "columns": dict(done.columns),
        "rows": list(found.pairs.rows),
        "candidates": len(found.pairs),
        "matches": int(found.matches.sum()),
        "one_partner": {"left": found.mixture.one_left, "right": found.mixture.one_right},
        "labels": done.labels,
        "without_label": done.blank,
        "labelled_matches_that_are_candidates": done.blocking,
        "estimated_share_missed_by_blocking": found.missed,
        "estimate": None
        if said is None
        else {"labels": said.labels, "precision": list(said.precision), "recall": list(said.recall)},
    }


def _tell(done: MatchedTables) -> None:
    """Say what was compared, what was found and how far it can be trusted."""
    found, said = done.found, done.estimate
    one, other = found.left.name, found.right.name
    say("compared: " + ", ".join(f"{name} ({kind})" for name, kind in done.columns))
    if not found.pairs.alone:
        partners = {
            (True, True): "a row has at most one partner (--many-to-many if not)",
            (False, False): "a row may have several partners (--one-to-one if not)",
            (True, False): f"a row of {one} has at most one partner, one of {other} may have several",
            (False, True): f"a row of {one} may have several partners, one of {other} has at most one",
        }
        say(partners[found.mixture.sides])
    missed = f"an estimated {percent(found.missed)} of the matches or more are not among them"
    if done.blocking is not None:
        missed = f"{percent(done.blocking)} of the labelled matches are among them"
    say(f"candidates: {len(found.pairs):,} pairs; {missed}")
    if done.blank:
        say(f"{done.blank:,} rows of the labels have no label")
    if said is not None:
        precision, recall = (
            f"{percent(value)} ({percent(low)} to {percent(high)})"
            for value, low, high in (said.precision, said.recall)
        )
        say(f"estimated from {said.labels:,} labels: precision {precision}, recall among the candidates {recall}")
    elif done.labels:
        say("labels that were not drawn by --review tell nothing of precision and recall")
    else:
        say("probabilities were learned without labels; --review FILE gives pairs to label, which measure them")
    if done.review is not None:
        say(f"wrote {done.review}: {done.reviewed:,} pairs to label; fill in 1 or 0 and give it as --labels")
    say(f"wrote {done.output}: {int(found.matches.sum()):,} matches")
