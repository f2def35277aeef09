"""``siamese-text mine``: pairs that say the same in, hard negatives for them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from siamese_text.cli.console import (
    Backend,
    Columns,
    DataDir,
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
from siamese_text.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from siamese_text.augment.mining import Mined
    from siamese_text.records import FloatArray


def mine(
    dataset: Annotated[str, typer.Argument(help="Known name or file; its training rows that say the same are used.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON lines to write.")],
    model: Annotated[str, typer.Option(help="Encoder: a name or a folder.")] = "all-MiniLM-L6-v2",
    corpus: Annotated[
        Path | None, typer.Option(help="Texts to look in, one a line; by default all texts of the data set.")
    ] = None,
    negatives: Annotated[int, typer.Option("--negatives", "-k", help="At most so many for each positive.")] = 1,
    skip: Annotated[int, typer.Option(help="Pass over so many of the nearest neighbours.")] = 0,
    depth: Annotated[int, typer.Option(help="Look at so many neighbours.")] = 50,
    margin: Annotated[float | None, typer.Option(help="A negative's cosine is this far below the positive's.")] = None,
    relative_margin: Annotated[float, typer.Option(help="Likewise, as a share of it; 0 asks for none.")] = 0.05,
    max_score: Annotated[float | None, typer.Option(help="No negative has a cosine above this.")] = None,
    min_score: Annotated[float | None, typer.Option(help="No negative has a cosine below this.")] = None,
    sampling: Annotated[str, typer.Option(help="top takes the nearest, random any of those looked at.")] = "top",
    form: Annotated[
        str, typer.Option("--format", help="triplets; tuples, one row with all K negatives; or pairs with labels.")
    ] = "triplets",
    seed: Annotated[int, typer.Option(help="Of random sampling.")] = 0,
    columns: Columns = "",
    data_dir: DataDir = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Find hard negatives: near texts that do not say the same, without those that probably do."""
    from siamese_text.atomic import check_output
    from siamese_text.augment.files import check_output_format, read_minable, write_mined
    from siamese_text.augment.mining import MiningOptions
    from siamese_text.augment.mining import mine as mine_negatives
    from siamese_text.data.sentences import read_lines
    from siamese_text.encoder.loading import load_encoder
    from siamese_text.settings import read_assignments

    check_output_format(form)
    if sampling not in ("top", "random"):
        raise UsageError(f"--sampling is {sampling}; choose top or random")
    way: Literal["top", "random"] = "top" if sampling == "top" else "random"
    options = MiningOptions(negatives, skip, depth, margin, relative_margin or None, max_score, min_score, way, seed)
    check_output(output, overwrite=overwrite)
    renames = read_assignments(columns.split(",") if columns else [])
    found = read_minable(dataset, columns=renames, data_dir=data_dir)
    positives = found.positives
    texts = found.texts if corpus is None else read_lines(corpus)
    if verbose:
        tell_place(model)
    with progress_bar(f"encoding with {model}") as progress:
        encoder = _Encoding(partial(load_encoder(model, backend=backend).encode, progress=progress))
        mined = mine_negatives(positives, texts, encoder, options)
    written = write_mined(mined, output, form, overwrite=overwrite)
    if json:
        print_json(_figures(mined, len(positives)))
    else:
        _render(mined, len(positives))
    say(f"wrote {output}: {written:,} {form}")
    return EXIT_OK


@dataclass(frozen=True)
class _Encoding:
    """An encoder that tells a progress bar how far it is."""

    encode: Callable[[Sequence[str]], FloatArray]


def _figures(mined: Mined, positives: int) -> dict[str, Any]:
    kept = [score for row in mined.rows for score in row.similarities]
    return {
        "positives": positives,
        "with_negatives": len(mined.rows),
        "short": mined.short,
        "looked_at": mined.looked_at,
        "dropped": dict(mined.dropped),
        "spare": mined.spare,
        "kept": len(kept),
        "similarity_of_positives": mean(row.similarity for row in mined.rows),
        "similarity_of_negatives": mean(kept),
    }


def _render(mined: Mined, positives: int) -> None:
    figures = _figures(mined, positives)
    rows = [("neighbours looked at", mined.looked_at)]
    rows += [(f"dropped: {reason}", count) for reason, count in mined.dropped.items() if count]
    rows += [("not needed, enough were nearer or drawn", mined.spare), ("kept as negatives", figures["kept"])]
    print_table(
        "", "texts", "share", rows=[[n, f"{c:,}", percent(c / max(mined.looked_at, 1))] for n, c in rows], right=2
    )
    say(
        f"mean cosine: positives {figure(figures['similarity_of_positives'])}, "
        f"negatives {figure(figures['similarity_of_negatives'])}"
    )
    if mined.short:
        say(f"{mined.short:,} of {positives:,} positives got fewer than {mined.options.negatives}; raise --depth")
