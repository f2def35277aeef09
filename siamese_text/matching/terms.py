"""Texts as sparse vectors of their words or of their runs of three letters, weighted by how rare these are.

    w(t) = ln((N + 1) / df(t))    inverse document frequency among the rows of both tables (Sparck Jones 1972)

A vector has unit length, so that the product of two is their cosine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.unit_rows import TINY

Sparse = Any  # a csr_array of scipy, which has no types
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[^\W_]+(?:[-./'][^\W_]+)+")  # MB-13, 310/246, 1.5: one word, too, where it holds a digit


def folded(text: str) -> str:
    """Return a text in small letters without accents, its words with single spaces between them.

    Example:
        >>> folded("Café-Bar, 2nd  Floor")
        'cafe bar 2nd floor'
    """
    return " ".join(_WORD.findall(_small(text)))


def words_in(text: str) -> set[str]:
    """Return the words of a text, and codes that are written in parts as one word, too.

    Example:
        >>> sorted(words_in("Sony DSC-W120/B"))
        ['b', 'dsc', 'dscw120b', 'sony', 'w120']
    """
    small = _small(text)
    found = set(_WORD.findall(small))
    joined = ("".join(_WORD.findall(code)) for code in _CODE.findall(small))
    return found.union(code for code in joined if any(map(str.isdigit, code)))


def letters_in(text: str) -> set[str]:
    """Return the runs of three characters of a text, with a space at both of its ends.

    Example:
        >>> sorted(letters_in("Abc"))
        [' ab', 'abc', 'bc ']
    """
    padded = f" {folded(text)} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def term_vectors(
    texts: Sequence[Sequence[str]], terms: Callable[[str], Iterable[str]]
) -> tuple[list[Sparse], NDArray[np.float32]]:
    """Turn the texts of one or two tables into vectors of unit length over the same terms.

    Args:
        texts: The texts of each table.
        terms: Takes a text apart.

    Returns:
        Of each table a sparse (rows, T) float32 array; and the (T,) float32 weights of the terms.
    """
    from scipy.sparse import csr_array

    known: dict[str, int] = {}
    counted: list[tuple[NDArray[np.int32], NDArray[np.int64]]] = []
    for table in texts:
        places: list[int] = []
        begins = [0]
        for text in table:
            places += sorted(known.setdefault(term, len(known)) for term in terms(text))
            begins.append(len(places))
        counted.append((np.array(places, np.int32), np.array(begins, np.int64)))
    rows = sum(map(len, texts))
    frequency = sum(np.bincount(held, minlength=len(known)) for held, _ in counted)
    weights = np.log((rows + 1) / np.maximum(frequency, 1)).astype(np.float32)
    vectors = []
    for held, ends in counted:
        values = weights[held]
        squares = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
        lengths = np.sqrt(squares[ends[1:]] - squares[ends[:-1]]).astype(np.float32)
        values = values / np.repeat(np.maximum(lengths, TINY), np.diff(ends))
        vectors.append(csr_array((values, held, ends), shape=(len(ends) - 1, len(known))))
    return vectors, weights


def _small(text: str) -> str:
    """Return a text in small letters, without accents and other forms of the same characters."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
