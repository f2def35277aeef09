"""How alike the rows of a pair are: one number or a few for each column, and for all columns together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import NothingToDo
from siamese_text.matching.candidates import Candidates, Places, find_candidates
from siamese_text.matching.columns import Column, date_in, number_in
from siamese_text.matching.records import Records
from siamese_text.matching.terms import Sparse, folded, letters_in, term_vectors, words_in
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows

BLOCK = 16384  # pairs compared at a time
ALL = "(all columns)"  # what is said of all columns together is said of no column of the user's
LEAD = "(lead over rivals)"
FAR_APART_DAYS = 30.0  # from which on two dates have little in common but their digits

Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How alike P pairs are in one respect.

    Attributes:
        column: The column, ``ALL`` or ``LEAD``.
        name: In which respect: words, letters, meaning, spelling, number, date or lead.
        values: (P,) float32, the more the more alike, in [0, 1] (lead: [-1, 1]); NaN where a cell is missing.
        part: How much it counts: the respects of one column share its weight, for they say much the same.
    """

    column: str
    name: str
    values: NDArray[np.float32]
    part: float


class Comparer:
    """Two tables, or one that is given twice, ready to be compared with each other and within themselves.

    Args:
        left: N rows.
        right: M rows.
        columns: What is compared.
        encode: Texts -> (T, D) embeddings; None compares no meaning.
    """

    def __init__(self, left: Records, right: Records, columns: Sequence[Column], encode: Encode | None) -> None:
        self.left, self.right, self.columns = left, right, columns
        tables = [left] if left is right else [left, right]
        names = [column.name for column in columns]
        joined = [
            [" ".join(row) for row in zip(*(table.cells[name] for name in names), strict=True)] for table in tables
        ]
        self._ways: dict[str, Sequence[Sparse | FloatArray]] = {
            "words": term_vectors(joined, words_in)[0],
            "letters": term_vectors(joined, letters_in)[0],
        }
        texts = [column.name for column in columns if column.kind == "text"]
        self._texts = {name: _text_vectors([table.cells[name] for table in tables], encode) for name in texts}
        meanings = [vectors["meaning"] for vectors in self._texts.values() if "meaning" in vectors]
        if meanings:
            self._ways["meaning"] = [unit_rows(np.sum(vectors, axis=0)) for vectors in zip(*meanings, strict=True)]

    def between(self, neighbours: int, given: tuple[Places, Places] | None = None) -> tuple[Candidates, list[Likeness]]:
        """Find the candidates among both tables, and compare them.

        Args:
            neighbours: How many neighbours of a row are candidates, in each way.
            given: Pairs that are compared in any case.

        Returns:
            P candidates, and how alike they are in each respect.
        """
        pairs, likenesses = self._compare((0, -1), neighbours, alone=self.left is self.right, given=given)
        if not len(pairs):
            raise NothingToDo(
                f"no row of {self.left.name} shares a word with one of {self.right.name}; compare other columns"
            )
        return pairs, likenesses

    def within(self, side: int, neighbours: int) -> tuple[Candidates, list[Likeness]]:
        """Find the candidates among the rows of one table, 0 or 1, and compare them as those of both are."""
        return self._compare((side, side), neighbours, alone=True)

    def _compare(
        self,
        sides: tuple[int, int],
        neighbours: int,
        *,
        alone: bool,
        given: tuple[Places, Places] | None = None,
    ) -> tuple[Candidates, list[Likeness]]:
        one, other = ((self.left, self.right)[side] for side in sides)
        ways = {name: (vectors[sides[0]], vectors[sides[1]]) for name, vectors in self._ways.items()}
        found = [(name, *vectors) for name, vectors in ways.items()]
        pairs = find_candidates(found, (len(one), len(other)), neighbours, alone=alone, given=given)
        likenesses = [Likeness(ALL, name, _products(pairs, *ways[name]), 0.5) for name in ("words", "letters")]
        for column in self.columns:
            cells = one.cells[column.name], other.cells[column.name]
            texts = self._texts.get(column.name, {})
            vectors = {name: (each[sides[0]], each[sides[1]]) for name, each in texts.items()}
            likenesses += _compared(column, pairs, cells, vectors)
        return pairs, likenesses


def lead(candidates: Candidates, values: NDArray[np.floating], sides: tuple[bool, bool]) -> NDArray[np.float32]:
    """Return by how much each pair is more alike than the best other pair of its rows.

    Args:
        candidates: P pairs.
        values: (P,), how alike they are.
        sides: On which side a row has at most one partner: only there are its other pairs rivals.

    Returns:
        (P,) float32, below 0 where another pair is more alike.
    """
    rival = np.zeros(len(values))
    for unique, rows, count in zip(sides, (candidates.left, candidates.right), candidates.rows, strict=True):
        if unique:
            first, second = two_best(rows, values, count)
            rival = np.maximum(rival, np.where(values >= first[rows], second[rows], first[rows]))
    return np.asarray(values - rival, dtype=np.float32)


def two_best(rows: Places, values: NDArray[np.floating], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (count,) largest and second largest values of each row's pairs, -inf where there is none."""
    best = np.full((2, count), -np.inf)
    order = np.lexsort((-values, rows))
    ordered = rows[order]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]] if len(rows) else np.zeros(0, bool)
    is_second = np.r_[False, is_first[:-1]] & ~is_first if len(rows) else is_first
    best[0, ordered[is_first]] = values[order][is_first]
    best[1, ordered[is_second]] = values[order][is_second]
    return best[0], best[1]


def _text_vectors(tables: Sequence[Sequence[str]], encode: Encode | None) -> dict[str, Sequence[Sparse | FloatArray]]:
    """Return the vectors of the texts of each table: by words, by letters and, with an encoder, by meaning."""
    found: dict[str, Sequence[Sparse | FloatArray]] = {
        "words": term_vectors(tables, words_in)[0],
        "letters": term_vectors(tables, letters_in)[0],
    }
    if encode is not None:
        found["meaning"] = [_embedded(cells, encode) for cells in tables]
    return found


def _compared(
    column: Column,
    pairs: Candidates,
    cells: tuple[Sequence[str], Sequence[str]],
    vectors: Mapping[str, tuple[Sparse | FloatArray, Sparse | FloatArray]],
) -> list[Likeness]:
    """Compare the cells of one column as its kind asks."""
    missing = ~(_filled(cells[0])[pairs.left] & _filled(cells[1])[pairs.right])
    found: list[tuple[str, NDArray[np.float32]]] = []
    if column.kind == "text":
        found += [(name, _products(pairs, *sides)) for name, sides in vectors.items()]
    elif column.kind == "number":
        numbers = [np.array([number_in(cell) for cell in side], np.float64) for side in cells]
        found.append(("number", _closeness(numbers[0][pairs.left], numbers[1][pairs.right])))
    elif column.kind == "date":
        found.append(("date", _date_likeness(cells, pairs)))
    else:
        found.append(("spelling", _spelling(cells, pairs)))
    return [
        Likeness(column.name, name, np.where(missing, np.float32(np.nan), values), 1 / len(found))
        for name, values in found
    ]


def _embedded(cells: Sequence[str], encode: Encode) -> FloatArray:
    """Return the (N, D) unit vectors of cells, zeros where one is empty; each text is encoded once."""
    distinct = list(dict.fromkeys(cell for cell in cells if cell))
    vectors = unit_rows(encode(distinct or ["-"]))
    place = {cell: row for row, cell in enumerate(distinct)}
    known = np.array([place.get(cell, -1) for cell in cells])
    return np.where(known[:, None] >= 0, vectors[known], np.float32(0))


def _products(pairs: Candidates, left: Sparse | FloatArray, right: Sparse | FloatArray) -> NDArray[np.float32]:
    """Return the (P,) products of the vectors of pairs."""
    found = [np.zeros(0)]
    for part in _parts(len(pairs)):
        one, other = left[pairs.left[part]], right[pairs.right[part]]
        if isinstance(one, np.ndarray):
            found.append(np.einsum("pd,pd->p", one, other))
        else:
            found.append(one.multiply(other).sum(axis=1))
    return np.concatenate(found).astype(np.float32)


def _spelling(cells: tuple[Sequence[str], Sequence[str]], pairs: Candidates) -> NDArray[np.float32]:
    """Return how alike pairs of short texts are spelt (Jaro 1989, Winkler 1990), 1 for the same."""
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cpdist

    left, right = (np.array([folded(cell) for cell in side], dtype=object) for side in cells)
    return _blockwise(pairs, lambda one, other: cpdist(left[one], right[other], scorer=JaroWinkler.similarity))


def _closeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return 1 less the difference of numbers relative to the larger one, at least 0; NaN where one is missing."""
    larger = np.maximum(np.abs(one), np.abs(other))
    return np.asarray(np.clip(1 - np.abs(one - other) / np.maximum(larger, 1e-12), 0, 1), dtype=np.float32)


def _date_likeness(cells: tuple[Sequence[str], Sequence[str]], pairs: Candidates) -> NDArray[np.float32]:
    """Return how alike dates are: close in days, or a slip of the pen apart in their digits."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    dates = [[date_in(cell) for cell in side] for side in cells]
    digits = [np.array([f"{day:%Y%m%d}" if day else "" for day in side], dtype=object) for side in dates]
    days = [np.array([day.toordinal() if day else np.nan for day in side]) for side in dates]

    def alike(one: Places, other: Places) -> NDArray[np.float64]:
        written = cpdist(digits[0][one], digits[1][other], scorer=OSA.normalized_similarity)
        apart = np.abs(days[0][one] - days[1][other])
        near = 0.95 * np.exp(-apart / FAR_APART_DAYS)
        return np.where(np.isnan(apart), np.nan, np.maximum(written, near))

    return _blockwise(pairs, alike)


def _blockwise(pairs: Candidates, alike: Callable[[Places, Places], NDArray[np.floating]]) -> NDArray[np.float32]:
    found = [np.asarray(alike(pairs.left[part], pairs.right[part]), np.float32) for part in _parts(len(pairs))]
    return np.concatenate([np.zeros(0, np.float32), *found])


def _parts(count: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, count, BLOCK)]


def _filled(cells: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([bool(cell) for cell in cells])
