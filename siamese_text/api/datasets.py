"""The data sets known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamese_text.data.catalogue import CATALOGUE, DatasetSpec, where


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A data set known by name, and where it would be read from on this machine.

    Attributes:
        spec: What it is, whose terms hold, and how many rows it has as published.
        where: For each split a path, ``hub cache``, ``hub (download)``, or why it is not available.
    """

    spec: DatasetSpec
    where: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return all that is known of it as plain values."""
        spec = self.spec
        return {
            "name": spec.name,
            "description": spec.description,
            "kind": spec.kind,
            "labels": None if spec.labels is None else str(spec.labels),
            "splits": dict(spec.splits),
            "licence": spec.licence,
            "homepage": spec.homepage,
            "where": dict(self.where),
        }


def list_datasets(data_dir: str | Path | None = None) -> list[KnownDataset]:
    """List the data sets that are known by name, and where each of them would be read from; nothing is downloaded.

    Args:
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.

    Returns:
        The data sets in the order of the catalogue.

    Raises:
        UsageError: ``data_dir`` is no folder.

    Example:
        >>> [known.spec.name for known in list_datasets()][:2]
        ['sample', 'paws']
    """
    folder = data_dir
    return [
        KnownDataset(spec, {split: where(spec, split, folder) for split in spec.splits}) for spec in CATALOGUE.values()
    ]
