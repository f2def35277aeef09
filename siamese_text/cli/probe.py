"""``siamese-text probe``: what models do not see, by minimal pairs of one's own sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.cli.console import Backend, Json, Overwrite, print_json, print_table, say, staged_bar
from siamese_text.errors import EXIT_OK

if TYPE_CHECKING:
    from siamese_text.api import ProbeReport


def probe(
    model: Annotated[list[str] | None, typer.Option(help="Model: a name or a folder; repeat to compare.")] = None,
    sentences: Annotated[
        Path | None, typer.Option(help="Text file with a sentence a line; by default sentences of the package.")
    ] = None,
    per_family: Annotated[int, typer.Option(help="Make at most this many pairs of a family.")] = 60,
    seed: Annotated[int, typer.Option(help="Seed of all choices.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="JSON lines to write: each pair and what each model says.")
    ] = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Probe models for blind spots: roles swapped, negation, numbers, names, dates, rewordings that say the same."""
    from siamese_text import api

    with staged_bar(always=False) as (stage, progress):
        report = api.probe(
            model or [api.DECIDING_MODEL],
            sentences,
            per_family=per_family,
            seed=seed,
            backend=backend,
            output=output,
            overwrite=overwrite,
            progress=progress,
            stage=stage,
        )
    if json:
        print_json(report.to_json())
    else:
        _render(report)
    _say_what_is_missing(report)
    if output is not None:
        say(f"wrote {output}: {len(report.pairs):,} pairs")
    return EXIT_OK


def _render(report: ProbeReport) -> None:
    """Print one table of a single model, and one for each figure where several stand side by side."""
    from siamese_text.api.rendering import PROBE_FIGURES

    title = f"{len(report.pairs):,} minimal pairs of {report.sentences:,} sentences"
    heads = ("family", "says", "pairs")
    if len(report.models) == 1:
        print_table(*heads, *PROBE_FIGURES.values(), rows=report.rows(), title=title, right=4)
        return
    names = [model.name for model in report.models]
    for figure, words in PROBE_FIGURES.items():
        print_table(*heads, *names, rows=report.rows(figure), title=f"{words}; {title}", right=1 + len(names))


def _say_what_is_missing(report: ProbeReport) -> None:
    """Say where the thresholds come from, which models have none, and which families have few pairs."""
    from siamese_text.api.rendering import FEWEST_OF_FAMILY

    for model in report.models:
        lacks = "has no threshold of its own; fit one with calibrate to see what it gets wrong"
        say(f"{model.name}: threshold {model.threshold}" if model.threshold else f"{model.name} {lacks}")
    few = [f"{name} {count}" for name, count in report.counts.items() if count < FEWEST_OF_FAMILY]
    if few:
        say(f"* fewer than {FEWEST_OF_FAMILY} pairs, too few to tell: {', '.join(few)}; give more sentences")
