"""Tables made harder: the published ones with few partners, of unequal sizes, with lost or misplaced fields.

Every second one, by table and kind, is for looking at while the design is chosen; the others are for reports.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
Truth = set[tuple[str, str]]
Tables = tuple[list[Row], list[Row], Truth]
Random = np.random.Generator

HALVES = ("look", "report")
TABLES = ("abt_buy", "dblp_acm", "fodors_zagats", "febrl4")  # of two; the next are of one, and are cut in two
RECORDS = ("cora", "febrl3")


def rows_of(file: Path) -> list[Row]:
    """Return the rows of a file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tables_of(data_dir: Path, name: str) -> Tables:
    """Return two published tables and the ids of the rows that match."""
    parts = ("left", "right", "matches")
    left, right, links = (rows_of(data_dir / f"match_{name}" / f"{part}.jsonl.gz") for part in parts)
    return left, right, {(str(link["left"]), str(link["right"])) for link in links}


def cut_in_two(data_dir: Path, name: str, random: Random) -> Tables:
    """Deal the records of one table to two, at random: a row may have several partners in either."""
    sides: tuple[list[Row], list[Row]] = ([], [])
    for number, row in enumerate(rows_of(data_dir / f"dedupe_{name}" / "records.jsonl.gz")):
        sides[int(random.random() < 0.5)].append({"id": str(number)} | row)
    left, right = ([{**row, "id": str(row["id"])} for row in side] for side in sides)
    of: dict[Any, list[str]] = {}
    for row in left:
        of.setdefault(row.pop("cluster"), []).append(row["id"])
    return left, right, {(one, row["id"]) for row in right for one in of.get(row.pop("cluster"), [])}


def only(tables: Tables, ones: set[str], others: set[str]) -> Tables:
    """Return the tables with some of their rows, by their ids."""
    left, right, true = tables
    kept = {(one, other) for one, other in true if one in ones and other in others}
    return [row for row in left if str(row["id"]) in ones], [row for row in right if str(row["id"]) in others], kept


def partnered(share: float) -> Callable[[Tables, Random], Tables]:
    """Return how to leave a partner to about so many rows of either table: of other matches one side is left out."""

    def make(tables: Tables, random: Random) -> Tables:
        left, right, true = tables
        ones, others = {str(row["id"]) for row in left}, {str(row["id"]) for row in right}
        matches = [sorted(true)[place] for place in random.permutation(len(true))]
        # k matches stay where k is the share of the rows that the smaller table has then
        most = share * (min(len(left), len(right)) - len(true) / 2) / (1 - share / 2)
        for number, (one, other) in enumerate(matches[round(most) :]):
            if one in ones and other in others:
                (ones if number % 2 else others).discard(one if number % 2 else other)
        return only(tables, ones, others)

    return make


def sampled(shares: tuple[float, float]) -> Callable[[Tables, Random], Tables]:
    """Return how to keep a share of the rows of either table, drawn at random."""

    def make(tables: Tables, random: Random) -> Tables:
        ones, others = (
            {str(row["id"]) for row in rows if random.random() < share}
            for rows, share in zip(tables[:2], shares, strict=True)
        )
        return only(tables, ones, others)

    return make


def changed(change: Callable[[Row, list[str], Random], Row]) -> Callable[[Tables, Random], Tables]:
    """Return how to change each row of both tables, given the names of its columns."""

    def make(tables: Tables, random: Random) -> Tables:
        left, right = (
            [{"id": row["id"], **change(row, [name for name in row if name != "id"], random)} for row in rows]
            for rows in tables[:2]
        )
        return left, right, tables[2]

    return make


def blank(row: Row, names: list[str], random: Random) -> Row:
    """Empty a cell in three, but for the first one."""
    return {name: "" if name != names[0] and random.random() < 1 / 3 else row[name] for name in names}


def move(row: Row, names: list[str], random: Random) -> Row:
    """Put a cell in two behind what stands in the first (Mudgal et al. 2018)."""
    found = {name: row[name] for name in names}
    for name in names[1:]:
        if found[name] and random.random() < 0.5:
            found[names[0]], found[name] = f"{found[names[0]]} {found[name]}", ""
    return found


def first_alone(row: Row, names: list[str], _: Random) -> Row:
    """Keep the first cell."""
    return {names[0]: row[names[0]]}


KINDS: dict[str, Callable[[Tables, Random], Tables]] = {
    "2 % have a partner": partnered(0.02),
    "5 % have a partner": partnered(0.05),
    "15 % have a partner": partnered(0.15),
    "40 % have a partner": partnered(0.4),
    "a tenth of the left rows": sampled((0.1, 1)),
    "a tenth of the right rows": sampled((1, 0.1)),
    "six rows in ten, a third of the cells lost": lambda tables, random: changed(blank)(
        sampled((0.6, 0.6))(tables, random), random
    ),
    "a third of the cells lost": changed(blank),
    "cells in the wrong column": changed(move),
    "first column alone": changed(first_alone),
}


def variants(data_dir: Path, half: str) -> Iterator[tuple[str, Tables]]:
    """Yield the names and tables of one half.

    Args:
        data_dir: The folder of the published tables.
        half: One of ``HALVES``.
    """
    for place, name in enumerate((*TABLES, *RECORDS)):
        tables = tables_of(data_dir, name) if name in TABLES else cut_in_two(data_dir, name, np.random.default_rng(7))
        if name in RECORDS and HALVES[place % 2] == half:
            yield f"{name}, cut in two", tables
        for number, (kind, make) in enumerate(KINDS.items()):
            if HALVES[(place + number) % 2] == half and (name in TABLES or not kind.endswith("partner")):
                yield f"{name}, {kind}", make(tables, np.random.default_rng(number))
