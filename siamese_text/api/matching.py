"""Two tables, or one, to the rows that stand for the same thing, by one call."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.api.estimators import RecordMatcher
from siamese_text.atomic import atomic_file, check_output
from siamese_text.data.cells import cell_text
from siamese_text.data.tables import FileTable, open_table
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import BadData, MissingInput, NothingToDo, UsageError
from siamese_text.matching.labels import Label
from siamese_text.matching.matched import Matched
from siamese_text.matching.review import Estimate, estimate, pairs_to_label
from siamese_text.matching.waterfall import write_waterfalls

YES, NO = ("1", "yes", "same", "true", "match"), ("0", "no", "different", "false")


@dataclass(frozen=True, slots=True, eq=False)
class MatchedTables:
    """What became of two tables.

    Attributes:
        found: The candidates, their probabilities and the matches.
        columns: The columns that were compared, with their kinds.
        output: The file with the matches.
        review: The file with pairs to label; None where none was asked for.
        reviewed: How many pairs it has.
        labels: How many labels were read.
        blank: How many rows of the labels have none.
        blocking: The share of the labelled matches that are candidates; None without such labels.
        estimate: Precision and recall with intervals; None where no labels were drawn at random.
    """

    found: Matched
    columns: Sequence[tuple[str, str]]
    output: Path
    review: Path | None
    reviewed: int
    labels: int
    blank: int
    blocking: float | None
    estimate: Estimate | None


def match_tables(
    left: str | Path,
    right: str | Path | None,
    output: str | Path,
    *,
    on: str | Sequence[str] | None = None,
    labels: Sequence[str | Path] = (),
    review: str | Path | None = None,
    review_pairs: int = 50,
    html: str | Path | None = None,
    id_column: str | None = None,
    one_to_one: bool | None = None,
    by_words: bool = False,
    neighbours: int = 10,
    model: str | Path = DEFAULT_MODEL,
    seed: int = 0,
    overwrite: bool = False,
) -> MatchedTables:
    """Write which rows of two tables stand for the same thing, with a probability and the weight of each column.

    Args:
        left: A table.
        right: Another one; None finds the duplicates in the first.
        output: The CSV or TSV file to write: the ids of both rows, the probability, the cluster, and what each column
            is worth in log-odds.
        on: See ``RecordMatcher``, and so for ``id_column``, ``one_to_one``, ``by_words`` and ``neighbours``.
        labels: Tables with the columns ``left``, ``right`` and ``label`` (1 or 0; without it all rows match), such as
            a review that was filled in; rows without a label are counted.
        review: A CSV or TSV file to write the pairs to that somebody should label next.
        review_pairs: How many.
        html: A page to write, in which the weights of some matches and near misses are drawn.
        id_column: The column that names rows.
        one_to_one: Whether a row has at most one partner.
        by_words: Whether no model is used.
        neighbours: How many neighbours of a row are compared with it, in each way.
        model: The encoder: a name or a folder.
        seed: Of what is drawn at random.
        overwrite: Whether existing files may be replaced.

    Returns:
        What was found and where it is.

    Raises:
        MissingInput: A file or the model was not found.
        BadData: A column is missing, an id stands twice, or a label names an unknown row.
        BadOutput: A file exists or cannot be written.
        NothingToDo: There is nothing to compare.

    Example:
        >>> match_tables("ours.csv", "theirs.csv", "matches.csv", on="title,price").output  # doctest: +SKIP
        PosixPath('matches.csv')
    """
    if review_pairs < 2:
        raise UsageError(f"review pairs are {review_pairs}; give 2 or more")
    target, later, page = (None if path is None else Path(path) for path in (output, review, html))
    assert target is not None
    _check_outputs([path for path in (target, later) if path], page, overwrite=overwrite)
    tables = [_open(path) for path in (left, right) if path is not None]
    said, blank = _read_labels(labels)
    matcher = RecordMatcher(
        str(model),
        on=on,
        id_column=id_column,
        one_to_one=one_to_one,
        by_words=by_words,
        neighbours=neighbours,
        random_state=seed,
    )
    found = matcher.fit_predict(tuple(tables), said or None)
    known = found.labels
    same = 0 if known is None else int(known.same.sum())
    chosen = pairs_to_label(found, review_pairs, seed) if later is not None else None
    if later is not None and chosen is not None:
        names = [name for name, _ in matcher.columns_]
        _write(later, _review_rows(found, names, chosen.places, chosen.strata, chosen.sizes))
    if page is not None:
        write_waterfalls(found, page)
    _write(target, _match_rows(found))
    return MatchedTables(
        found,
        [(name, kind) for name, kind in matcher.columns_],
        target,
        later,
        0 if chosen is None else len(chosen.places),
        len(said),
        blank,
        None if known is None or not same else known.found / same,
        estimate(found, seed),
    )


def _check_outputs(tables: Sequence[Path], page: Path | None, *, overwrite: bool) -> None:
    """Refuse files that cannot be written, before any work is done for them."""
    for path in tables:
        if path.suffix not in (".csv", ".tsv"):
            raise UsageError(f"{path} has the ending '{path.suffix}'; tables are written as .csv or .tsv")
    if page is not None and page.suffix not in (".html", ".htm"):
        raise UsageError(f"{page} has the ending '{page.suffix}'; a page is written as .html")
    paths = [*tables, *([page] if page else [])]
    for path in paths:
        check_output(path, overwrite=overwrite)
    if len({path.absolute() for path in tables}) < len(tables):
        raise UsageError(f"{tables[0]} cannot hold both matches and the review; choose another file for one")


def _open(path: str | Path) -> FileTable:
    if not Path(path).is_file():
        raise MissingInput(f"{path} is no file; give a table: CSV, TSV, JSON lines or Parquet")
    return open_table(Path(path), all_columns=True)


def _read_labels(files: Sequence[str | Path]) -> tuple[list[Label], int]:
    """Return the labels of some tables, and how many rows have none; the last drawn at random are measured with."""
    found: list[Label] = []
    blank = 0
    for file in files:
        table = _open(file)
        for column in ("left", "right"):
            if column not in table.columns:
                raise BadData(
                    f"{file} has no column '{column}'; name the ids of both rows left and right; its columns: "
                    f"{', '.join(table.columns)}"
                )
        asked = [name for name in ("label", "stratum", "stratum_size") if name in table.columns]
        rows: list[Label] = []
        for number, cells in enumerate(table.rows(["left", "right", *asked]), start=1):
            one, other, *rest = (cell_text(cell).strip() for cell in cells)
            given = dict(zip(asked, rest, strict=True))
            label = given.get("label", "1").lower()
            if not label:
                blank += 1
            elif label not in (*YES, *NO):
                raise BadData(f"row {number} of {file} has the label '{label}'; write 1 for a match and 0 for none")
            else:
                drawn = [given.get(name, "") for name in ("stratum", "stratum_size")]
                stratum, size = map(int, drawn) if all(part.isdecimal() for part in drawn) else (-1, 0)
                rows.append(Label(one, other, label in YES, stratum, size))
        if any(row.stratum >= 0 for row in rows):
            found = [Label(*row[:3]) for row in found]
        found += rows
    if files and not found:
        raise NothingToDo(f"{files[0]} has no label; fill in the column label with 1 and 0, or leave --labels out")
    return found, blank


def _match_rows(found: Matched) -> Iterable[dict[str, Any]]:
    """Yield the matches, the surest first."""
    places = np.flatnonzero(found.matches)
    places = places[np.argsort(-found.log_odds[places], kind="stable")]
    weights, clusters = found.weights(places), found.clusters()
    said = np.full(len(found.pairs), -1)
    if found.labels is not None:
        said[found.labels.places] = found.labels.same
    if not len(places):
        yield dict.fromkeys(("left", "right", "probability", "cluster", "labelled"))
    for number, place in enumerate(places.tolist()):
        one, other = int(found.pairs.left[place]), int(found.pairs.right[place])
        yield {
            "left": found.left.ids[one],
            "right": found.right.ids[other],
            "probability": f"{found.probability[place]:.4f}",
            "cluster": int(clusters[one]) + 1,
            "labelled": "yes" if said[place] == 1 else "",
            **{f"weight {name}": f"{round(values[number], 2) + 0.0:.2f}" for name, values in weights.items()},
        }


def _review_rows(
    found: Matched, names: Sequence[str], places: Any, strata: Any, sizes: Any
) -> Iterable[dict[str, Any]]:
    """Yield pairs to label, with what stands in both rows."""
    for place, stratum, size in zip(places.tolist(), strata.tolist(), sizes.tolist(), strict=True):
        one, other = int(found.pairs.left[place]), int(found.pairs.right[place])
        sides = (("left", found.left.cells, one), ("right", found.right.cells, other))
        texts = {f"{side} {name}": cells[name][row] for name in names for side, cells, row in sides}
        yield {
            "left": found.left.ids[one],
            "right": found.right.ids[other],
            "label": "",
            "probability": f"{found.probability[place]:.4f}",
            **texts,
            "stratum": stratum if stratum >= 0 else "",
            "stratum_size": size if stratum >= 0 else "",
        }


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as a table, whole or not at all."""
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        table: csv.DictWriter[str] | None = None
        for row in rows:
            if table is None:
                table = csv.DictWriter(file, list(row), delimiter="\t" if path.suffix == ".tsv" else ",")
                table.writeheader()
            if any(value is not None for value in row.values()):
                table.writerow(row)
