"""Data sets on the Hugging Face hub, or in its cache, through the `datasets` library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from siamese_text.errors import MissingInput

HUB_TIMEOUT_S = 10  # for the first word of any hub; a machine without a network must hear a clear "no" soon
BATCH_ROWS = 1024  # decoded at a time


@dataclass(frozen=True, slots=True)
class HubCopy:
    """A data set on the Hugging Face hub; ``columns`` maps its columns to sentence1, sentence2 and label."""

    repository: str
    config: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.repository} {self.config}"


class HubTable:
    """The rows of a ``datasets.Dataset``, as a ``Table``."""

    def __init__(self, dataset: Any, name: str) -> None:
        self.name = name
        self.columns: Sequence[str] = tuple(dataset.column_names)
        self._dataset = dataset

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of some columns for each row, from the first."""
        for batch in self._dataset.select_columns(list(columns)).with_format("arrow").iter(BATCH_ROWS):
            yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)


def cached(hub: HubCopy, split: str) -> HubTable | None:
    """Find a split in the hub's cache, without a network.

    Args:
        hub: The copy on the hub.
        split: The split, as the hub names it.

    Returns:
        Its rows, or None where the cache does not hold it.
    """
    from datasets.packaged_modules.cache.cache import Cache

    name = hub.repository.rpartition("/")[2]
    try:
        with _quiet():
            builder = Cache(
                repo_id=hub.repository, dataset_name=name, config_name=hub.config, version="auto", hash="auto"
            )
            return HubTable(builder.as_dataset(split=split), f"{hub} {split} in the hub's cache")
    except (ValueError, OSError):  # not there, or half written
        return None


def download(hub: HubCopy, split: str) -> HubTable:
    """Download a split into the hub's cache.

    Args:
        hub: The copy on the hub.
        split: The split, as the hub names it.

    Returns:
        Its rows.

    Raises:
        MissingInput: The hub cannot be reached or does not have it; the message is the reason alone.
    """
    import datasets
    from huggingface_hub import HfApi

    try:
        with _quiet():
            # load_dataset repeats for half a minute what fails; one short question first tells whether to begin
            HfApi().dataset_info(hub.repository, revision=hub.revision, timeout=HUB_TIMEOUT_S)
            dataset = datasets.load_dataset(hub.repository, hub.config, split=split, revision=hub.revision)
    except Exception as error:  # the client lets through its own, httpx', the system's and pyarrow's errors
        lines = str(error).strip().splitlines()
        raise MissingInput(lines[0] if lines else type(error).__name__) from error
    return HubTable(dataset, f"{hub} {split} on the hub")


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
