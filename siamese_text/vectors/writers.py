"""The files that are left in the end: vectors as ``.npy`` or ``.parquet``, and what has to be known about them.

vectors.npy             (N, columns), read by np.load; row i is row i of the source
vectors.npy.json        model, dtype, dimensions, scale, source, counts
vectors.npy.rows.jsonl  for documents, or where texts are asked for: the passage and the text of each row

A Parquet file holds id, text and vector in its columns, and what has to be known in its metadata too.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import write_array_header_1_0
from numpy.typing import NDArray

from siamese_text.atomic import atomic_file, check_output
from siamese_text.errors import UsageError
from siamese_text.vectors.storage import Storage, check_dtype

SUFFIXES = (".npy", ".parquet")
GROUP_ROWS = 4096  # in a row group of Parquet, and in memory
# The files in which an output grows: rows of vectors, a byte a row that says whether it has a text, places and texts.
VECTORS, FILLED, ROWS = "vectors.npy", "filled", "rows.jsonl"


def check_target(output: Path, dtype: str, *, overwrite: bool) -> None:
    """Refuse what cannot be written, before any work is done for it.

    Args:
        output: The file that is going to be written.
        dtype: How its vectors are to be stored.
        overwrite: Whether an existing one may be replaced.

    Raises:
        UsageError: The ending is not one of ``SUFFIXES``, or ``dtype`` is unknown.
        BadOutput: The file exists, or its folder is not writable.
    """
    if output.suffix not in SUFFIXES:
        raise UsageError(
            f"{output} has the ending '{output.suffix}'; vectors are written as {' or '.join(SUFFIXES)}, "
            "or into a folder with --shards N"
        )
    check_dtype(dtype)
    check_output(output, overwrite=overwrite)


def header(rows: int, storage: Storage) -> bytes:
    """Return the head of a ``.npy`` file, which has the same length for any number of rows."""
    file = BytesIO()
    shape = (rows, storage.columns)
    write_array_header_1_0(file, {"descr": storage.numpy.str, "fortran_order": False, "shape": shape})
    return file.getvalue()


def finish(folder: Path, output: Path, facts: Mapping[str, Any], storage: Storage) -> None:
    """Turn the grown files into the output; the vectors come last, so that where they are all is.

    Args:
        folder: Holds ``VECTORS``, ``FILLED`` and mostly ``ROWS``.
        output: The file to write.
        facts: What has to be known about it; ``rows`` is the number of rows.
        storage: How the vectors are stored.
    """
    with atomic_file(output.with_name(f"{output.name}.json")) as draft:
        draft.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if output.suffix == ".parquet":
        with atomic_file(output) as draft:
            _write_parquet(folder, draft, facts, storage)
        return
    places = output.with_name(f"{output.name}.rows.jsonl")
    if (folder / ROWS).exists():
        with atomic_file(places) as draft:
            shutil.copyfile(folder / ROWS, draft)
    else:
        places.unlink(missing_ok=True)  # of an output that is replaced
    with (folder / VECTORS).open("r+b") as file:
        file.write(header(facts["rows"], storage))
        file.flush()
        os.fsync(file.fileno())
    (folder / VECTORS).replace(output)


def vectors_schema(facts: Mapping[str, Any], storage: Storage) -> Any:
    """Return the Arrow schema of a Parquet file: id, text where ``facts`` say so, and vector."""
    import pyarrow as pa

    kind = pa.list_(pa.from_numpy_dtype(storage.numpy), storage.columns)
    fields = {"id": pa.string() if facts["documents"] else pa.int64(), "text": pa.string(), "vector": kind}
    if not facts["with_text"]:
        del fields["text"]
    return pa.schema(fields.items(), metadata={"siamese_text": json.dumps(facts)})


def vectors_table(
    schema: Any, columns: Mapping[str, list[Any]], values: NDArray[Any], filled: NDArray[np.bool_]
) -> Any:
    """Return rows as an Arrow table; a row without text has null for a vector.

    Args:
        schema: What ``vectors_schema`` gave.
        columns: The cells of each column but the vectors, B each.
        values: (B * columns,) of the stored type, one vector after the other.
        filled: (B,) whether a row has a text.
    """
    import pyarrow as pa

    lists = pa.FixedSizeListArray.from_arrays(
        pa.array(values), type=schema.field("vector").type, mask=pa.array(~filled)
    )
    return pa.table({**columns, "vector": lists}, schema=schema)


def _write_parquet(folder: Path, draft: Path, facts: Mapping[str, Any], storage: Storage) -> None:
    """Copy the rows, one group in memory at a time."""
    from pyarrow.parquet import ParquetWriter

    schema = vectors_schema(facts, storage)
    with (
        (folder / VECTORS).open("rb") as vectors,
        (folder / FILLED).open("rb") as filled,
        ParquetWriter(draft, schema) as writer,
    ):
        vectors.seek(len(header(facts["rows"], storage)))
        for rows in _groups(folder / ROWS, facts["rows"]):
            values = np.fromfile(vectors, storage.numpy, count=len(rows) * storage.columns)
            columns = {name: [row[name] for row in rows] for name in schema.names if name != "vector"}
            writer.write_table(vectors_table(schema, columns, values, np.fromfile(filled, np.bool_, count=len(rows))))


def _groups(path: Path, count: int) -> Iterator[list[dict[str, Any]]]:
    """Yield what is known of the rows beside their vectors: what the file says, else their numbers."""
    if not path.exists():
        numbers = range(count)
        for first in numbers[::GROUP_ROWS]:
            yield [{"id": number} for number in numbers[first : first + GROUP_ROWS]]
        return
    with path.open(encoding="utf-8") as lines:
        while group := list(islice(lines, GROUP_ROWS)):
            yield [json.loads(line) for line in group]
