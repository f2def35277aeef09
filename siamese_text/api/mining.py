"""Hard negatives for a file of pairs, found by an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

from siamese_text.atomic import check_output
from siamese_text.augment.files import OutputFormat, check_output_format, read_minable, write_mined
from siamese_text.augment.mining import Mined, MiningOptions, mine
from siamese_text.data.columns import Columns
from siamese_text.data.given import texts_of
from siamese_text.data.sentences import read_lines
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.protocols import Progress
from siamese_text.records import FloatArray


@dataclass(frozen=True, slots=True)
class MinedFile:
    """What ``mine_file`` wrote.

    Attributes:
        output: The file.
        rows: How many rows it has.
        positives: How many pairs that say the same negatives were looked for.
        mined: What was found for them, and what was left out and why.
    """

    output: Path
    rows: int
    positives: int
    mined: Mined

    @property
    def similarity_of_positives(self) -> float:
        """The mean cosine of the positives that got a negative, in [-1, 1]."""
        return mean(row.similarity for row in self.mined.rows)

    @property
    def similarity_of_negatives(self) -> float:
        """The mean cosine of the negatives with their anchors, in [-1, 1]."""
        return mean(score for row in self.mined.rows for score in row.similarities)

    @property
    def kept(self) -> int:
        """How many negatives were found in all."""
        return sum(len(row.negatives) for row in self.mined.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the counts and mean cosines as plain values."""
        return {
            "positives": self.positives,
            "with_negatives": len(self.mined.rows),
            "short": self.mined.short,
            "looked_at": self.mined.looked_at,
            "dropped": dict(self.mined.dropped),
            "spare": self.mined.spare,
            "kept": self.kept,
            "similarity_of_positives": self.similarity_of_positives,
            "similarity_of_negatives": self.similarity_of_negatives,
        }


def mine_file(
    dataset: str | Path | Any,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    corpus: str | Path | Iterable[str] | None = None,
    options: MiningOptions | None = None,
    output_format: OutputFormat = "triplets",
    columns: Columns = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    backend: str = "auto",
    progress: Progress | None = None,
) -> MinedFile:
    """Find hard negatives for the rows of a data set that say the same, and write them as JSON lines.

    Args:
        dataset: A known name, whose training rows are read, or a file, of which every row is; or rows in memory: a
            DataFrame, a ``datasets.Dataset``, a mapping of columns, or rows such as ``("a", "b", 1)``.
        output: The file to write; ``train`` reads it.
        model: The encoder whose neighbours are looked at: a name or a folder.
        corpus: Texts to look in, or a file of them, one a line; by default all texts of the data set.
        options: How many negatives are kept, and how near they may be.
        output_format: ``triplets``; ``tuples``, one row with all negatives of a positive; or ``pairs`` with labels.
        columns: What columns are called in the file and what they are here, such as ``{"a": "sentence1"}`` or
            ``a=sentence1``.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing output may be replaced.
        backend: The backend of the model; see ``load_encoder``.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        What was written and found, and counts of what was left out.

    Raises:
        UsageError: The format is unknown.
        MissingInput: The data set, the corpus or the model was not found.
        BadData: The rows do not tell what says the same.
        BadOutput: The output exists or cannot be written.
        NothingToDo: No row says that two texts say the same, or no negative was left.

    Example:
        >>> mine_file("sample", "negatives.jsonl", options=MiningOptions(negatives=3)).kept  # doctest: +SKIP
    """
    check_output_format(output_format)
    check_output(Path(output), overwrite=overwrite)
    found = read_minable(dataset, columns=columns, data_dir=data_dir)
    texts: Sequence[str] = found.texts
    if corpus is not None:
        texts = read_lines(corpus) if isinstance(corpus, str | Path) else texts_of(corpus, "the corpus")
    encoder = _Encoding(partial(load_encoder(model, backend=backend).encode, progress=progress))
    mined = mine(found.positives, texts, encoder, options or MiningOptions())
    rows = write_mined(mined, output, output_format, overwrite=overwrite)
    return MinedFile(Path(output), rows, len(found.positives), mined)


@dataclass(frozen=True)
class _Encoding:
    """An encoder that tells of its progress."""

    encode: Callable[[Sequence[str]], FloatArray]
