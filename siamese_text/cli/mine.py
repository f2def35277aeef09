"""``siamese-text mine``: pairs that say the same in, hard negatives for them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from siamese_text.api import DEFAULT_MODEL
from siamese_text.cli.console import (
    Backend,
    Columns,
    DataDir,
    Encoder,
    Json,
    Overwrite,
    Verbose,
    figure,
    percent,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_OK

if TYPE_CHECKING:
    from siamese_text.api import MinedFile


def mine(
    dataset: Annotated[str, typer.Argument(help="Known name or file; its training rows that say the same are used.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON lines to write.")],
    model: Encoder = DEFAULT_MODEL,
    corpus: Annotated[
        Path | None, typer.Option(help="Texts to look in, one a line; by default all texts of the data set.")
    ] = None,
    negatives: Annotated[int, typer.Option("--negatives", "-k", help="Keep at most this many for each positive.")] = 1,
    skip: Annotated[int, typer.Option(help="Pass over this many of the nearest neighbours.")] = 0,
    depth: Annotated[int, typer.Option(help="Look at this many neighbours.")] = 50,
    margin: Annotated[float | None, typer.Option(help="A negative's cosine is this far below the positive's.")] = None,
    relative_margin: Annotated[
        float, typer.Option(help="A negative's cosine is this share below the positive's; 0: none.")
    ] = 0.05,
    max_score: Annotated[float | None, typer.Option(help="No negative has a cosine above this.")] = None,
    min_score: Annotated[float | None, typer.Option(help="No negative has a cosine below this.")] = None,
    sampling: Annotated[
        Literal["top", "random"],
        typer.Option(help="Which to keep: top, the nearest, or random, any of those seen."),
    ] = "top",
    form: Annotated[
        Literal["triplets", "tuples", "pairs"],
        typer.Option("--format", help="Rows: triplets; tuples, with all K negatives in one; or labelled pairs."),
    ] = "triplets",
    seed: Annotated[int, typer.Option(help="Seed of random sampling.")] = 0,
    columns: Columns = "",
    data_dir: DataDir = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Find hard negatives: near texts that do not say the same, without those that probably do."""
    from siamese_text import api

    options = api.MiningOptions(
        negatives, skip, depth, margin, relative_margin or None, max_score, min_score, sampling, seed
    )
    if verbose:
        tell_place(model)
    with progress_bar(f"encoding with {model}") as progress:
        done = api.mine_file(
            dataset,
            output,
            model=model,
            corpus=corpus,
            options=options,
            output_format=form,
            columns=columns,
            data_dir=data_dir,
            overwrite=overwrite,
            backend=backend,
            progress=progress,
        )
    if json:
        print_json(done.to_json())
    else:
        _render(done)
    say(f"wrote {output}: {done.rows:,} {form}")
    return EXIT_OK


def _render(done: MinedFile) -> None:
    mined = done.mined
    counts = [("neighbours looked at", mined.looked_at)]
    counts += [(f"dropped: {reason}", count) for reason, count in mined.dropped.items() if count]
    counts += [("not needed, enough were nearer or drawn", mined.spare), ("kept as negatives", done.kept)]
    rows = [[name, f"{count:,}", percent(count / max(mined.looked_at, 1))] for name, count in counts]
    print_table("", "texts", "share", rows=rows, right=2)
    say(
        f"mean cosine: positives {figure(done.similarity_of_positives)}, "
        f"negatives {figure(done.similarity_of_negatives)}"
    )
    if mined.short:
        say(f"{mined.short:,} of {done.positives:,} positives got fewer than {mined.options.negatives}; raise --depth")
