"""``siamese-text augment``: plain sentences in, labelled look-alikes and rewordings out."""

from __future__ import annotations

import json as jsonlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.cli.console import Columns, DataDir, Json, Overwrite, print_json, print_table, progress_bar, say
from siamese_text.errors import EXIT_OK, NothingToDo, UsageError

if TYPE_CHECKING:
    from siamese_text.records import Pair


def augment(
    source: Annotated[
        str | None, typer.Argument(help="Text file with a sentence a line, or a data set, of which training rows.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON lines to write.")] = None,
    rules: Annotated[
        str, typer.Option(help="Names by commas; default, negatives, positives, all; -NAME leaves one out.")
    ] = "default",
    per_sentence: Annotated[int, typer.Option(help="At most so many pairs of a sentence.")] = 2,
    limit: Annotated[int | None, typer.Option(help="At most so many pairs in all.")] = None,
    seed: Annotated[int, typer.Option(help="Of all choices.")] = 0,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the rules with their error rates, and do nothing.")
    ] = False,
    columns: Columns = "",
    data_dir: DataDir = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> int:
    """Make training pairs by rule: the same words to another meaning, and other words to the same."""
    from siamese_text.atomic import check_output
    from siamese_text.augment import augment as make_pairs
    from siamese_text.augment import choose_rules, collect_names
    from siamese_text.data.sentences import read_sentences
    from siamese_text.settings import read_assignments

    if listed:
        _list_rules(as_json=json)
        return EXIT_OK
    if source is None or output is None:
        raise UsageError("augment needs a source and -o OUTPUT, such as: augment sentences.txt -o pairs.jsonl")
    if limit is not None and limit < 1:
        raise UsageError(f"--limit is {limit}; give 1 or more")
    chosen = choose_rules(rules)
    check_output(output, overwrite=overwrite)
    texts = read_sentences(
        source,
        data_dir=Path(data_dir) if data_dir else None,
        columns=read_assignments(columns.split(",") if columns else []),
    )
    names = collect_names(texts) if any(rule.name == "change-name" for rule in chosen) else None
    with progress_bar("sentences") as progress:
        pairs = make_pairs(_told(texts, progress), chosen, names=names, per_sentence=per_sentence, seed=seed)
        nothing = f"no rule fitted any of the {len(texts)} sentences of {source}"
        counts = _write(islice(pairs, limit), output, nothing=nothing)
    if json:
        print_json({"sentences": len(texts), "pairs": dict(counts)})
    else:
        shown = [[rule.name, _says(rule.label), f"{counts[rule.name]:,}"] for rule in chosen if counts[rule.name]]
        print_table("rule", "result says", "pairs", rows=shown, right=1)
    say(f"wrote {output}: {counts.total():,} pairs of {len(texts):,} sentences")
    return EXIT_OK


def _write(pairs: Iterable[Pair], output: Path, *, nothing: str) -> Counter[str]:
    """Write pairs as JSON lines, and count them by their rules; say ``nothing`` where there are none."""
    from siamese_text.atomic import atomic_file

    counts: Counter[str] = Counter()
    with atomic_file(output) as draft, draft.open("w", encoding="utf-8") as file:
        for pair in pairs:
            row = {**asdict(pair), "label": int(pair.label or 0)}
            file.write(jsonlib.dumps(row, ensure_ascii=False) + "\n")
            counts[pair.kind] += 1
        if not counts:
            raise NothingToDo(nothing)
    return counts


def _told(texts: list[str], progress: object) -> Iterator[str]:
    """Yield the texts, telling a progress bar of every hundredth."""
    for number, text in enumerate(texts):
        if callable(progress) and number % 100 == 0:
            progress(number, len(texts))
        yield text


def _list_rules(*, as_json: bool) -> None:
    from siamese_text.augment import RULES

    if as_json:
        keys = ("name", "label", "errors", "read", "default", "description")
        print_json({"rules": [{key: getattr(rule, key) for key in keys} for rule in RULES.values()]})
        return
    rows = [
        [
            rule.name,
            _says(rule.label),
            rule.description,
            "on" if rule.default else "off",
            f"{rule.errors} of {rule.read}",
        ]
        for rule in RULES.values()
    ]
    print_table("rule", "result says", "what it does", "default", "wrong", rows=rows, right=1)


def _says(label: int) -> str:
    return "the same" if label else "something else"
