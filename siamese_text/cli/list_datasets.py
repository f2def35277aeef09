"""``siamese-text datasets``: the data sets known by name, and where each would come from on this machine."""

from __future__ import annotations

from pathlib import Path

from siamese_text.cli.console import DataDir, Json, print_json, print_table


def datasets(data_dir: DataDir = None, json: Json = False) -> int:
    """List the data sets known by name, with their size, licence and place on this machine."""
    from siamese_text.data.catalogue import CATALOGUE, where

    folder = Path(data_dir) if data_dir else None
    places = {spec.name: {split: where(spec, split, folder) for split in spec.splits} for spec in CATALOGUE.values()}
    if json:
        listed = [
            {
                "name": spec.name,
                "description": spec.description,
                "kind": spec.kind,
                "labels": None if spec.labels is None else str(spec.labels),
                "splits": dict(spec.splits),
                "licence": spec.licence,
                "homepage": spec.homepage,
                "where": places[spec.name],
            }
            for spec in CATALOGUE.values()
        ]
        print_json({"datasets": listed})
        return 0
    rows = [
        [
            spec.name,
            spec.kind,
            "" if spec.labels is None else str(spec.labels),
            "\n".join(f"{split} {size:,}" for split, size in spec.splits.items()),
            spec.licence,
            "\n".join(places[spec.name].values()),
        ]
        for spec in CATALOGUE.values()
    ]
    print_table("name", "kind", "labels", "rows as published", "licence", "here", rows=rows)
    return 0
