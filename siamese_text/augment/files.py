"""Files of training pairs: sentences become pairs by rule, and pairs become rows with hard negatives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from siamese_text.atomic import atomic_file, check_output
from siamese_text.augment.making import augment, collect_names
from siamese_text.augment.mining import Mined
from siamese_text.augment.rule import Rule
from siamese_text.augment.rules import choose_rules
from siamese_text.data.columns import Columns
from siamese_text.data.given import as_source, texts_of
from siamese_text.data.loading import default_split, load_examples
from siamese_text.data.sentences import read_sentences
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.protocols import Progress

OutputFormat = Literal["triplets", "tuples", "pairs"]
OUTPUT_FORMATS: tuple[str, ...] = get_args(OutputFormat)
TOLD_EVERY = 100  # sentences between two words to a progress bar


@dataclass(frozen=True, slots=True)
class Augmented:
    """What ``augment_file`` wrote.

    Attributes:
        output: The file.
        sentences: How many sentences there were.
        pairs: How many pairs each rule made, by its name.
    """

    output: Path
    sentences: int
    pairs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Minable:
    """What hard negatives are mined for, and where.

    Attributes:
        positives: Pairs of an anchor and a text that says the same.
        texts: All texts of the same rows, each once.
    """

    positives: Sequence[tuple[str, str]]
    texts: Sequence[str]


def augment_file(
    source: str | Path | Iterable[str],
    output: str | Path,
    *,
    rules: str | Sequence[Rule] = "default",
    per_sentence: int = 2,
    limit: int | None = None,
    seed: int = 0,
    columns: Columns = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Augmented:
    """Make pairs of sentences by rule and write them as JSON lines.

    Args:
        source: Sentences, as a list, a Series or a generator; or a text file with one a line; or a data set, whose
            training rows are taken.
        output: The file to write.
        rules: Names of rules by commas, as ``choose_rules`` reads them, or rules.
        per_sentence: The largest number of pairs of one sentence.
        limit: The largest number of pairs in all.
        seed: Decides all choices.
        columns: What a column of the data set is called there and what it is here.
        data_dir: A folder with data sets by name.
        overwrite: Whether an existing output may be replaced.
        progress: Is told how many sentences are done.

    Returns:
        The output, with counts.

    Raises:
        UsageError: A rule is unknown, a number is below 1, or the source is held-out data.
        MissingInput: There is no such file or data set.
        BadOutput: The output exists or cannot be written.
        NothingToDo: No rule fitted any sentence.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"limit is {limit}; give 1 or more")
    chosen = choose_rules(rules) if isinstance(rules, str) else tuple(rules)
    check_output(Path(output), overwrite=overwrite)
    named = isinstance(source, str | Path)
    if isinstance(source, str | Path):
        texts = read_sentences(source, data_dir=data_dir, columns=columns)
    else:
        texts = [text for text in texts_of(source, "sentences") if text.strip()]
    names = collect_names(texts) if any(rule.name == "change-name" for rule in chosen) else None
    pairs = augment(_telling(texts, progress), chosen, names=names, per_sentence=per_sentence, seed=seed)
    nothing = f"no rule fitted any of the {len(texts)} sentences{f' of {source}' if named else ''}"
    rows = ({**asdict(pair), "label": int(pair.label or 0)} for pair in islice(pairs, limit))
    return Augmented(Path(output), len(texts), _write_rows(rows, Path(output), nothing=nothing))


def read_minable(source: Any, *, columns: Columns = None, data_dir: str | Path | None = None) -> Minable:
    """Read the rows of a data set that hard negatives can be mined for.

    Args:
        source: A known name, whose training rows are read, or a file or data in memory, of which every row is.
        columns: What a column is called there and what it is here.
        data_dir: A folder with data sets by name.

    Returns:
        The pairs that say the same, and all texts.

    Raises:
        MissingInput: There is no such file or data set.
        BadData: The rows do not tell what says the same.
        NothingToDo: No row says that two texts say the same.
    """
    source = as_source(source)
    found = next(load_examples(source, (default_split(source, "train"),), data_dir=data_dir, columns=columns))
    if found.kind not in ("pairs", "positives", "triplets"):
        raise BadData(f"{source} holds {found.kind}, which do not tell what says the same; give pairs or triplets")
    positives = [(row.texts[0], row.texts[1]) for row in found.examples if row.label in (1, None)]
    if not positives:
        raise NothingToDo(f"no row of {source} says that two texts say the same; negatives are mined for those")
    return Minable(positives, list(dict.fromkeys(text for row in found.examples for text in row.texts)))


def check_output_format(output_format: str) -> None:
    """Refuse a format in which mined rows cannot be written.

    Raises:
        UsageError: It is none of ``OUTPUT_FORMATS``.
    """
    if output_format not in OUTPUT_FORMATS:
        raise UsageError(f"format is {output_format}; choose from {', '.join(OUTPUT_FORMATS)}")


def write_mined(mined: Mined, output: str | Path, output_format: str = "triplets", *, overwrite: bool = False) -> int:
    """Write what mining found as JSON lines that ``train`` reads.

    Args:
        mined: What was found.
        output: The file to write.
        output_format: ``triplets``, ``tuples`` or ``pairs``; see ``mined_rows``.
        overwrite: Whether an existing output may be replaced.

    Returns:
        How many rows were written.

    Raises:
        UsageError: The format is unknown.
        BadOutput: The output exists or cannot be written.
        NothingToDo: Nothing was found.
    """
    check_output_format(output_format)
    check_output(Path(output), overwrite=overwrite)
    nothing = "no negative was left for any of the positives; lower the margins"
    return _write_rows(mined_rows(mined, output_format), Path(output), nothing=nothing).total()


def mined_rows(mined: Mined, output_format: str) -> Iterator[Mapping[str, str | int]]:
    """Yield the rows that mining gives.

    Args:
        mined: What was found.
        output_format: ``triplets``; ``tuples``, without the rows that have fewer negatives than were asked for, since a
            table has no gaps; or ``pairs``, each positive once.

    Yields:
        Values by column, as ``train`` reads them.
    """
    told: set[tuple[str, str]] = set()
    for row in mined.rows:
        sides: dict[str, str | int] = {"anchor": row.anchor, "positive": row.positive}
        if output_format == "triplets":
            yield from ({**sides, "negative": negative} for negative in row.negatives)
        elif output_format == "tuples" and len(row.negatives) == mined.options.negatives:
            yield {**sides, **{f"negative_{place}": text for place, text in enumerate(row.negatives, start=1)}}
        elif output_format == "pairs":
            for other, label in ((row.positive, 1), *((negative, 0) for negative in row.negatives)):
                if (row.anchor, other) not in told:
                    told.add((row.anchor, other))
                    yield {"sentence1": row.anchor, "sentence2": other, "label": label}


def _write_rows(rows: Iterable[Mapping[str, Any]], output: Path, *, nothing: str) -> Counter[str]:
    """Write rows as JSON lines, and count them by their kind; raise ``NothingToDo(nothing)`` where there are none."""
    counts: Counter[str] = Counter()
    with atomic_file(output) as draft, draft.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            counts[row.get("kind", "")] += 1
        if not counts:
            raise NothingToDo(nothing)
    return counts


def _telling(texts: Sequence[str], progress: Progress | None) -> Iterator[str]:
    """Yield the texts, and tell a progress bar how many there were."""
    for number, text in enumerate(texts):
        if progress is not None and number % TOLD_EVERY == 0:
            progress(number, len(texts))
        yield text
