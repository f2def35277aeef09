"""Tables of rows through the `datasets` library: from a file, from the hub's cache, from the hub."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from siamese_text.errors import BadData, MissingInput, NothingToDo
from siamese_text.text.separated import separator_and_quoting

SUFFIXES = (".jsonl.gz", ".jsonl", ".csv", ".tsv", ".parquet")
HUB_TIMEOUT_S = 5  # for the first word from the hub; a machine without a network must hear a clear "no" soon


@dataclass(frozen=True, slots=True)
class HubCopy:
    """A data set on the Hugging Face hub; ``columns`` maps its columns to sentence1, sentence2 and label."""

    repository: str
    config: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.repository} {self.config}"


def read_table(path: Path) -> Any:
    """Read a file of rows into memory.

    Cells of CSV and TSV come as strings, so that a sentence such as ``None`` or ``007`` stays what it is.

    Args:
        path: A ``.jsonl``, ``.jsonl.gz``, ``.csv``, ``.tsv`` or ``.parquet`` file in UTF-8.

    Returns:
        A ``datasets.Dataset``.

    Raises:
        BadData: The ending is another one, or the file cannot be parsed.
        NothingToDo: There are no rows.
    """
    if not path.name.endswith(SUFFIXES):
        raise BadData(f"{path} cannot be read as a data set; endings allowed: {' '.join(SUFFIXES)}")
    try:
        if _holds_rows(path):
            with _quiet(), TemporaryDirectory() as cache:  # the library writes a copy of every file it reads
                return _parse(path, {"cache_dir": cache, "keep_in_memory": True})
    except Exception as error:  # the library lets through pandas', pyarrow's, gzip's and its own errors
        reason = _first_line(error.__cause__ or error)
        raise BadData(f"{path} cannot be parsed: {reason}; repair it or save it as UTF-8 JSON lines") from error
    raise NothingToDo(f"{path} holds no rows")


def cached(hub: HubCopy, split: str) -> Any | None:
    """Read a split out of the hub's cache, without a network.

    Args:
        hub: The copy on the hub.
        split: The split, as the hub names it.

    Returns:
        A ``datasets.Dataset``, or None where the cache does not hold it.
    """
    from datasets.packaged_modules.cache.cache import Cache

    name = hub.repository.rpartition("/")[2]
    try:
        with _quiet():
            builder = Cache(
                repo_id=hub.repository, dataset_name=name, config_name=hub.config, version="auto", hash="auto"
            )
            return builder.as_dataset(split=split)
    except (ValueError, OSError):  # not there, or half written
        return None


def download(hub: HubCopy, split: str) -> Any:
    """Download a split into the hub's cache.

    Args:
        hub: The copy on the hub.
        split: The split, as the hub names it.

    Returns:
        A ``datasets.Dataset``.

    Raises:
        MissingInput: The hub cannot be reached or does not have it; the message is the reason alone.
    """
    import datasets
    from huggingface_hub import HfApi

    try:
        with _quiet():
            # load_dataset repeats for half a minute what fails; one short question first tells whether to begin
            HfApi().dataset_info(hub.repository, revision=hub.revision, timeout=HUB_TIMEOUT_S)
            return datasets.load_dataset(hub.repository, hub.config, split=split, revision=hub.revision)
    except Exception as error:  # the client lets through its own, httpx', the system's and pyarrow's errors
        raise MissingInput(_first_line(error)) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries that read data sets from drawing progress bars and from logging what we report."""
    import datasets
    import huggingface_hub.utils as hub

    level = datasets.logging.get_verbosity()
    switches = [switch for switch in (datasets, hub) if not switch.are_progress_bars_disabled()]
    datasets.logging.set_verbosity(datasets.logging.CRITICAL + 1)
    for switch in switches:
        switch.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(level)
        for switch in switches:
            switch.enable_progress_bars()


def _first_line(error: BaseException) -> str:
    """Return what an error says in one line: the first of its message, or its name where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _holds_rows(path: Path) -> bool:
    """Look for a first row: the library answers to a file without one differently for each format and version."""
    if path.suffix == ".parquet":
        from pyarrow import parquet

        return bool(parquet.read_metadata(path).num_rows)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        if path.suffix in (".csv", ".tsv"):
            file.readline()
        return any(line.strip() for line in file)


def _parse(path: Path, options: dict[str, Any]) -> Any:
    """Let the library read one file; its `from_...` readers, unlike `load_dataset`, count no use on the hub."""
    from datasets import Dataset, Features, Value

    if path.suffix == ".parquet":
        return Dataset.from_parquet(str(path), **options)
    if path.suffix not in (".csv", ".tsv"):
        return Dataset.from_json(str(path), **options)
    separator, quoting = separator_and_quoting(path.name)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=separator, quoting=quoting), [])
    features = Features({column: Value("string") for column in header})
    return Dataset.from_csv(
        str(path), features=features, sep=separator, quoting=quoting, keep_default_na=False, **options
    )
