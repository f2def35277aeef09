"""All pairs of texts that are near in meaning, and groups of such texts, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.api.index_encoder import encoding
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.api.text_rows import TextRow, check_rows_output, read_rows, write_rows
from siamese_text.data.given import texts_of
from siamese_text.duplicates.all_pairs import Pairs, pairs_above
from siamese_text.duplicates.choice import FoundPair, choose
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import Document, Verdict
from siamese_text.unit_rows import unit_rows

MOST = 5_000_000  # pairs that are held and written
PREDICTED = 16_384  # pairs that are predicted at a time


@dataclass(frozen=True, slots=True)
class ParaphrasePair:
    """Two texts with a large cosine.

    Attributes:
        one: The place of the first.
        other: The place of the second, which is larger.
        cosine: The cosine of their embeddings.
        probability: That they say the same, by the decision of the model; None where it has none.
        verdict: ``yes``, ``no`` or ``unsure``, by the same.
    """

    one: int
    other: int
    cosine: float
    probability: float | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ParaphraseFile:
    """What was written about the texts of a file.

    Attributes:
        output: The file.
        texts: How many texts there were.
        rows: How many pairs, or groups of two or more, were found.
        yes: How many of the pairs the decision calls the same; how many texts stand in groups.
        skipped: What holds no text or could not be read.
    """

    output: Path
    texts: int
    rows: int
    yes: int
    skipped: tuple[Document, ...]


def find_paraphrases(
    texts: Any,
    *,
    cosine: float = 0.8,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = False,
    progress: Progress | None = None,
    places: Sequence[str | Path] = (),
) -> list[ParaphrasePair]:
    """Find all pairs of texts whose embeddings have at least some cosine: every text is compared with every other.

    Args:
        texts: A list, a Series, an array or a generator of N texts.
        cosine: The least cosine, above 0 and at most 1.
        model: A name, a folder or a loaded scorer, whose decision says of each pair whether it says the same.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        progress: Called with the number of texts compared and of all.
        places: Where the texts come from, whose vectors may be stored there.

    Returns:
        The pairs, the largest cosine first.

    Raises:
        UsageError: ``cosine`` is out of its range, a text is empty, or there are more than 5,000,000 pairs.

    Example:
        >>> pairs = find_paraphrases(["Tea for two.", "Rain fell.", "tea for two"])  # doctest: +SKIP
        >>> [(pair.one, pair.other, pair.verdict) for pair in pairs]  # doctest: +SKIP
        [(0, 2, 'yes')]
    """
    if not 0 < cosine <= 1:
        raise UsageError(f"cosine is {cosine:g}; give a number above 0 and at most 1")
    given = texts_of(texts)
    for number, text in enumerate(given):
        if not text.strip():
            raise UsageError(f"text {number} is empty; leave it out")
    if not given:
        return []
    scorer = load_to_predict(model, backend=backend).keeping_words()
    with encoding(scorer, cache, places, prompt=None) as encoder:
        vectors = encoder.encode(given)
    known = dict(zip(given, vectors, strict=True))
    found: list[Pairs] = []
    count = 0
    for done, tile in pairs_above(unit_rows(vectors), cosine):
        found.append(tile)
        count += len(tile[0])
        if count > MOST:
            raise UsageError(f"more than {MOST:,} pairs have a cosine of {cosine:g} or more; give a larger one")
        if progress is not None:
            progress(done, len(given))
    later, earlier, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((later, earlier, -cosines))
    pairs = list(zip(earlier[order].tolist(), later[order].tolist(), strict=True))
    values = cosines[order].clip(-1, 1).tolist()
    written: list[ParaphrasePair] = []
    for start in range(0, len(pairs), PREDICTED):
        some = pairs[start : start + PREDICTED]
        said = scorer.predict([(given[one], given[other]) for one, other in some], vectors=known)
        chances = [None] * len(some) if said.probability is None else said.probability.tolist()
        written += map(ParaphrasePair, *zip(*some, strict=True), values[start:], chances, said.verdicts)
    return written


def cluster_texts(
    texts: Any,
    *,
    cosine: float = 0.8,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = False,
    progress: Progress | None = None,
) -> list[int]:
    """Group texts around those that are near to most others; each text of a group is near to its centre.

    A chain of near texts joins no strangers: a text that is near to a member of a group and not to its centre is in
    another group, or alone.

    Args:
        texts: A list, a Series, an array or a generator of N texts.
        cosine: The least cosine of a text and the centre of its group, above 0 and at most 1.
        model: A name, a folder or a loaded scorer.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        progress: Called with the number of texts compared and of all.

    Returns:
        For each text the place of the centre of its group; its own where it is one, or is alone.

    Raises:
        UsageError: ``cosine`` is out of its range, a text is empty, or there are more than 5,000,000 pairs.
    """
    given = texts_of(texts)
    found = find_paraphrases(given, cosine=cosine, model=model, backend=backend, cache=cache, progress=progress)
    return _centres(given, found)


def paraphrases_file(
    source: str | Path,
    output: str | Path,
    *,
    cosine: float = 0.8,
    groups: bool = False,
    column: str | None = None,
    id_column: str | None = None,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = True,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ParaphraseFile:
    """Write all pairs of texts of a file or folder that are near in meaning, or its texts in groups.

    Args:
        source: A table (CSV, TSV, JSON lines, Parquet), a file of lines (``.txt``) or a folder of documents or shards.
        output: The file to write, ``.jsonl``, ``.csv`` or ``.tsv``.
        cosine: The least cosine, above 0 and at most 1.
        groups: Whether each text is written with the centre of its group, in place of pairs; see ``cluster_texts``.
        column: The column of tables with the texts; by default ``text``, or the only one with texts.
        id_column: The column of tables with the ids; by default ``id``, or rows are numbered.
        model: A name, a folder or a loaded scorer.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        overwrite: Whether an existing output may be replaced.
        progress: Called with the number of texts compared and of all.

    Returns:
        What was written.

    Raises:
        UsageError: As ``find_paraphrases``, or the ending of ``output`` cannot be used.
        BadOutput: The output exists or cannot be written.
        NothingToDo: The source holds no text.
    """
    target = Path(output)
    check_rows_output(target, overwrite=overwrite)
    skipped: list[Document] = []
    rows = list(read_rows(Path(source), column, id_column, skipped))
    if not rows:
        raise NothingToDo(f"{source} holds no text; give a file of texts")
    texts = [row.text for row in rows]
    pairs = find_paraphrases(
        texts, cosine=cosine, model=model, backend=backend, cache=cache, progress=progress, places=[source]
    )
    if not groups:
        write_rows(target, [_pair_row(pair, rows) for pair in pairs], ["id1", "id2", "text1", "text2", "cosine"])
        yes = sum(pair.verdict == "yes" for pair in pairs)
        return ParaphraseFile(target, len(rows), len(pairs), yes, tuple(skipped))
    centres = _centres(texts, pairs)
    near = {(pair.one, pair.other): pair.cosine for pair in pairs}
    write_rows(target, [_group_row(place, centre, rows, near) for place, centre in enumerate(centres)], [])
    joined = {centre for place, centre in enumerate(centres) if place != centre}
    inside = sum(centre in joined for centre in centres)
    return ParaphraseFile(target, len(rows), len(joined), inside, tuple(skipped))


def _centres(texts: Sequence[str], pairs: Sequence[ParaphrasePair]) -> list[int]:
    found: list[FoundPair] = [(pair.one, pair.other, "meaning", pair.cosine, pair.cosine) for pair in pairs]
    centres = list(range(len(texts)))
    for each in choose(texts, found, 0, "best"):
        centres[each.text] = each.because_of
    return centres


def _pair_row(pair: ParaphrasePair, rows: Sequence[TextRow]) -> dict[str, Any]:
    one, other = rows[pair.one], rows[pair.other]
    named = {"id1": one.name, "id2": other.name, "text1": one.text, "text2": other.text}
    return {**named, "cosine": pair.cosine, "probability": pair.probability, "verdict": pair.verdict}


def _group_row(place: int, centre: int, rows: Sequence[TextRow], near: dict[tuple[int, int], float]) -> dict[str, Any]:
    cosine = 1.0 if place == centre else near[min(place, centre), max(place, centre)]
    return {"id": rows[place].name, "text": rows[place].text, "group": rows[centre].name, "cosine": cosine}
