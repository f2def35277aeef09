"""``siamese-text datasets``: the data sets known by name, and where each would come from on this machine."""

from __future__ import annotations

from siamese_text.cli.console import DataDir, Json, print_json, print_table
from siamese_text.errors import EXIT_OK


def datasets(data_dir: DataDir = None, json: Json = False) -> int:
    """List the data sets known by name, with their kind, size, licence and place on this machine."""
    from siamese_text.api import list_datasets

    known = list_datasets(data_dir)
    if json:
        print_json({"datasets": [each.to_json() for each in known]})
        return EXIT_OK
    rows = [
        [
            each.spec.name,
            each.spec.kind,
            "" if each.spec.labels is None else str(each.spec.labels),
            "\n".join(f"{split} {size:,}" for split, size in each.spec.splits.items()),
            each.spec.licence,
            "\n".join(each.where.values()),
        ]
        for each in known
    ]
    print_table("name", "kind", "labels", "rows as published", "licence", "here", rows=rows)
    return EXIT_OK
