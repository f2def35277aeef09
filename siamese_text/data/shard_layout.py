"""How a folder of shards is laid out, for those who write one and those who read it.

OUT/part-00000.parquet       id, text and vector of the rows of shard 0; the parts by their names are the rows in order
OUT/_shards/plan.json        what all rows depend on, and which of them are in which shard
OUT/_shards/part-00000.json  the marker of shard 0: it is whole, and has so many bytes

Names that begin with ``_`` or ``.`` are nobody's data to pyarrow, pandas, Spark and Ray: they read OUT as one table.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from siamese_text.errors import BadData

NOTES = "_shards"
PLAN = "plan.json"
VECTOR_COLUMN = "vector"


def part_path(folder: Path, number: int) -> Path:
    """Return the file of a shard."""
    return folder / f"part-{number:05}.parquet"


def marker_path(folder: Path, number: int) -> Path:
    """Return the file that is there when a shard is whole."""
    return folder / NOTES / f"part-{number:05}.json"


def is_shard_folder(path: Path) -> bool:
    """Tell whether a folder holds shards, whole ones or not."""
    return (path / NOTES / PLAN).is_file()


def read_marker(folder: Path, number: int) -> dict[str, Any] | None:
    """Return what is noted of a shard; None where it is not there, or not as long as it was written."""
    try:
        marker: dict[str, Any] = json.loads(marker_path(folder, number).read_text(encoding="utf-8"))
        return marker if part_path(folder, number).stat().st_size == marker["bytes"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_plan(folder: Path) -> dict[str, Any]:
    """Return what a folder of shards says of itself.

    Raises:
        BadData: It is damaged or of another version.
    """
    path = folder / NOTES / PLAN
    try:
        plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if plan["format"] != 1:
            raise ValueError(f"its format is {plan['format']}, and this version reads 1")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadData(f"{path} cannot be used ({error}); embed the source anew with --overwrite") from error
    return plan


def whole_parts(folder: Path) -> list[Path]:
    """Return the files of all shards, in the order of their rows.

    Raises:
        BadData: Some are not there yet, or are damaged.
    """
    count = len(read_plan(folder)["cuts"]) - 1
    missing = [number for number in range(count) if read_marker(folder, number) is None]
    if missing:
        first = part_path(folder, missing[0]).name
        raise BadData(
            f"{folder} lacks {len(missing)} of its {count} shards, such as {first}; run its embed command once more"
        )
    return [part_path(folder, number) for number in range(count)]
