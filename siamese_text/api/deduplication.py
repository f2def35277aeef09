"""Duplicates out of a file, a folder or texts in memory, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamese_text.api.index_encoder import encoding
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.api.text_rows import TextRow, check_rows_output, read_rows, write_rows
from siamese_text.data.given import texts_of
from siamese_text.duplicates.choice import Duplicate, Keep
from siamese_text.duplicates.run import Found, find_duplicates
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import Document

COLUMNS = ("id", "text")


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What became of the texts of a file.

    Attributes:
        output: The file with the rows that are kept.
        removed: The file with those that go, each with the kept one because of which.
        texts: How many texts there were.
        kept: How many are kept.
        found: The duplicates; places count the known texts first, then those of the file.
        known: How many texts were known from before.
        skipped: What holds no text or could not be read.
    """

    output: Path
    removed: Path
    texts: int
    kept: int
    found: Found
    known: int
    skipped: tuple[Document, ...]

    def count(self, kind: str) -> int:
        """Return how many texts go for one kind of reason: ``exact``, ``near`` or ``meaning``."""
        return sum(each.kind == kind for each in self.found.duplicates)


def deduplicate(
    texts: Any,
    *,
    against: Any = (),
    keep: Keep = "first",
    near: float = 0.7,
    at_least: float = 0.9,
    meaning: bool = True,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = False,
    progress: Progress | None = None,
) -> list[Duplicate]:
    """Find the duplicates among texts.

    Args:
        texts: A list, a Series, an array or a generator of texts.
        against: Texts that were kept earlier: what duplicates one of them goes.
        keep: Which of several is kept: the ``first``, the ``longest``, or the ``best``, which has most duplicates.
        near: The Jaccard index, of runs of three words, from which on two texts are nearly the same.
        at_least: The probability from which on two texts that the decision calls the same are duplicates.
        meaning: Whether texts that say the same in other words are duplicates.
        model: A name, a folder or a loaded scorer, whose decision says what is the same.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        progress: Called with the number of texts compared by meaning and of all.

    Returns:
        The texts that go. ``text`` is a place in ``texts``; ``because_of`` too, or, below 0, one in ``against`` counted
        from its end, as Python counts.

    Raises:
        UsageError: A text is empty or none, or an option cannot be used.
        BadModel: The model has no fitted decision.

    Example:
        >>> found = deduplicate(["Tea for two.", "tea for  two.", "Milk."], meaning=False)
        >>> [(each.text, each.because_of, each.kind) for each in found]
        [(1, 0, 'exact')]
    """
    before, now = texts_of(against), texts_of(texts)
    for number, text in enumerate([*before, *now]):
        if not text.strip():
            raise UsageError(f"text {number - len(before)} is empty; leave it out")
    found = _find([*before, *now], len(before), keep, near, at_least, meaning, model, backend, cache, progress)
    shift = len(before)
    return [
        Duplicate(each.text - shift, each.because_of - shift, each.kind, each.score, each.cosine)
        for each in found.duplicates
    ]


def deduplicate_file(
    source: str | Path,
    output: str | Path,
    *,
    against: Sequence[str | Path] = (),
    state: str | Path | None = None,
    keep: Keep = "first",
    near: float = 0.7,
    at_least: float = 0.9,
    meaning: bool = True,
    column: str | None = None,
    id_column: str | None = None,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = True,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Deduplicated:
    """Write the texts of a file or folder without duplicates, and beside them those that go with the reason.

    Args:
        source: A table (CSV, TSV, JSON lines, Parquet), a file of lines (``.txt``), a folder of documents, or of shards
            that ``embed_file`` wrote, whose vectors are used.
        output: The file to write, ``.jsonl``, ``.csv`` or ``.tsv``: ``id``, ``text`` and what else is known of each
            text. Beside it ``NAME.removed.jsonl`` has the others.
        against: Files and folders of texts that were kept earlier.
        state: A file that is made, compared against, and then holds what this run keeps too, so that the next file is
            deduplicated against all before it. A text that it has under the same id is itself and no duplicate.
        keep: Which of several is kept: the ``first``, the ``longest``, or the ``best``, which has most duplicates.
        near: The Jaccard index, of runs of three words, from which on two texts are nearly the same.
        at_least: The probability from which on two texts that the decision calls the same are duplicates.
        meaning: Whether texts that say the same in other words are duplicates.
        column: The column of tables with the texts; by default ``text``, or the only one with texts.
        id_column: The column of tables with the ids; by default ``id``, or rows are numbered.
        model: A name, a folder or a loaded scorer, whose decision says what is the same.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        overwrite: Whether an existing output may be replaced.
        progress: Called with the number of texts compared by meaning and of all.

    Returns:
        What was kept, what goes, and why.

    Raises:
        UsageError: The ending of ``output``, or an option, cannot be used.
        BadOutput: The output exists or cannot be written.
        NothingToDo: The source holds no text.
        BadModel: The model has no fitted decision.
    """
    target = Path(output)
    check_rows_output(target, overwrite=overwrite)
    skipped: list[Document] = []
    now = list(read_rows(Path(source), column, id_column, skipped))
    if not now:
        raise NothingToDo(f"{source} holds no text; give a file of texts")
    before = [row for path in against for row in read_rows(Path(path), column, id_column, [])]
    remembered = _remembered(Path(state)) if state else []
    mine = {(row.name, row.text) for row in now}
    before += [row for row in remembered if (row.name, row.text) not in mine]
    rows = [*before, *now]
    texts = [row.text for row in rows]
    places = [source, *against]
    found = _find(texts, len(before), keep, near, at_least, meaning, model, backend, cache, progress, places)
    gone = {each.text for each in found.duplicates}
    kept = [row for place, row in enumerate(now, start=len(before)) if place not in gone]
    removed = target.with_name(f"{target.name}.removed.jsonl")
    write_rows(removed, [_reason(each, rows) for each in found.duplicates], COLUMNS)
    write_rows(target, [{"id": row.name, "text": row.text, **row.known} for row in kept], COLUMNS)
    if state:
        held = {(row.name, row.text) for row in remembered}
        new = [row for row in kept if (row.name, row.text) not in held]
        write_rows(
            Path(state), [{"id": row.name, "text": row.text} for row in [*remembered, *new]], COLUMNS, suffix=".jsonl"
        )
    return Deduplicated(target, removed, len(now), len(kept), found, len(before), tuple(skipped))


def _find(
    texts: Sequence[str],
    known: int,
    keep: Keep,
    near: float,
    at_least: float,
    meaning: bool,
    model: str | Path | Scorer,
    backend: str,
    cache: bool | str | Path,
    progress: Progress | None,
    places: Sequence[str | Path] = (),
) -> Found:
    """Find duplicates, by the meaning too if that is wanted."""
    if not meaning:
        return find_duplicates(texts, known=known, keep=keep, near=near)
    scorer = load_to_predict(model, backend=backend)
    with encoding(scorer, cache, places, prompt=None) as encoder:
        return find_duplicates(
            texts,
            known=known,
            keep=keep,
            near=near,
            at_least=at_least,
            encode=encoder.encode,
            classifier=scorer.keeping_words(),
            progress=progress,
        )


def _remembered(state: Path) -> list[TextRow]:
    """Return the texts that earlier runs kept."""
    if not state.exists():
        return []
    return list(read_rows(state, "text", "id", [])) if state.stat().st_size else []


def _reason(each: Duplicate, rows: Sequence[TextRow]) -> dict[str, Any]:
    """Return a text that goes, with the kept one because of which."""
    mine, kept = rows[each.text], rows[each.because_of]
    score = {"exact": {}, "near": {"jaccard": each.score}, "meaning": {"probability": each.score}}[each.kind]
    cosine = {} if each.cosine is None else {"cosine": each.cosine}
    reason = {"kind": each.kind, "because_of": kept.name, "because_of_text": kept.text}
    return {"id": mine.name, "text": mine.text, **reason, **score, **cosine}
