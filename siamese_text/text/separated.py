"""CSV and TSV: what stands between their cells, and whether cells are quoted."""

from __future__ import annotations

import csv
from typing import Literal

Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL and csv.QUOTE_NONE


def separator_and_quoting(name: str) -> tuple[str, Quoting]:
    r"""Say how the cells of a table are written, as the module ``csv`` and pandas take it.

    TSV knows no quotes, as its media type says and as the published paraphrase sets are written.

    Args:
        name: Of a file of comma- or tab-separated values, which may be compressed.

    Returns:
        What separates cells, and ``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``.

    Example:
        >>> separator_and_quoting("pairs.tsv.gz") == ("\t", csv.QUOTE_NONE)
        True
    """
    if name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t", csv.QUOTE_NONE
    return ",", csv.QUOTE_MINIMAL
