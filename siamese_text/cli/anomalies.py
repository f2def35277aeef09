"""``siamese-text anomalies``: the texts that are unlike the known ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import Encoder, Json, figure, percent, print_json, print_table, say
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Anomalies


def anomalies(
    source: Annotated[str, typer.Argument(help="Lines, a table, a document, a folder of documents, or - for stdin.")],
    known: Annotated[
        str | None, typer.Option(help="The same, of usual texts; without it only the order of strangeness is told.")
    ] = None,
    false_alarms: Annotated[float, typer.Option(help="Share of usual texts that may be called anomalies.")] = 0.05,
    neighbours: Annotated[int, typer.Option(help="How many of the nearest known texts count.")] = 3,
    top: Annotated[int, typer.Option("--top", "-k", help="How many texts to print at most.")] = 20,
    column: Annotated[str | None, typer.Option(help="Column of a table; by default text, or the only one.")] = None,
    model: Encoder = DEFAULT_MODEL,
    json: Json = False,
) -> int:
    """Find texts that are unlike those that are known, with at most a wanted share of false alarms."""
    if top < 1:
        raise UsageError(f"top is {top}; print 1 text or more")
    from siamese_text.api import find_anomalies

    found = find_anomalies(source, known, model=model, false_alarms=false_alarms, neighbours=neighbours, column=column)
    if json:
        rows = [asdict(text) for text in found.texts]
        print_json({"known": found.known, "false_alarms": found.false_alarms, "empty": found.empty, "texts": rows})
    else:
        _render(found, top)
    for document in found.skipped:
        say(f"not read: {document.name}: {document.problem}")
    if found.empty:
        say(f"{found.empty:,} rows have no text")
    _tell(found)
    return EXIT_PARTIAL if found.skipped or found.empty else EXIT_OK


def _render(found: Anomalies, top: int) -> None:
    """Print the anomalies or, where nothing is known to be usual, the strangest texts."""
    shown = [text for text in found.texts if text.anomaly is not False]
    rows = [
        [
            text.place,
            " ".join(text.text.split()),
            " ".join(text.nearest.split()),
            figure(text.strangeness),
            "–" if text.p_value is None else f"{text.p_value:.4f}",
        ]
        for text in shown[:top]
    ]
    nearest = "nearest known text" if found.false_alarms is not None else "nearest other text"
    if rows:
        print_table("place", "text", nearest, "distance", "p", rows=rows, right=2)
    if len(shown) > top:
        say(f"{len(shown) - top:,} more are not shown; --top {len(shown)} or --json shows them")


def _tell(found: Anomalies) -> None:
    if found.false_alarms is None:
        say("nothing says what is usual, so this is an order and no verdict; --known FILE gives usual texts")
        return
    alarms = sum(text.anomaly is True for text in found.texts)
    say(
        f"{alarms:,} of {len(found.texts):,} texts are unlike the {found.known:,} known ones; if all were like them, "
        f"about {found.false_alarms * len(found.texts):,.1f} would be called so ({percent(found.false_alarms)})"
    )
