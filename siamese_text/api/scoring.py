"""Pairs of texts from anywhere to what a model says of them, with the words that decide if that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamese_text.api.scorer import GivenPairs, Scorer, load_to_predict, sides
from siamese_text.atomic import check_output
from siamese_text.data.given import is_table
from siamese_text.encoder.resolve import DECIDING_MODEL
from siamese_text.errors import BadModel
from siamese_text.protocols import Progress
from siamese_text.records import Pair, Predictions, UnlabelledPairs
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.details import DETAILS

if TYPE_CHECKING:
    from siamese_text.data.columns import Columns
    from siamese_text.explain.occlusion import Explanation

CLEARLY = 1.0  # log-odds that a detail takes from a pair to be named
FEW_PAIRS = 500  # take less time to encode than PyTorch takes to import


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """What a model says of N pairs.

    Attributes:
        pairs: The pairs.
        predictions: Similarity, probability and decision of each.
        explanations: The words that decide, pair by pair; empty if they were not asked for.
        model: What the model was loaded as.
        similarity_fn_name: The model's similarity function: ``cosine``, ``dot`` or ``euclidean``.
        decision: The model's threshold and calibration; None where it has none.
        dropped: How many rows were left out because a text is empty.
        row_numbers: The number of each pair's row in what was given, counted from 1 without header and blank lines.
        ids: What the column ``id`` holds for each pair; empty where there is no such column.
        differs_in: Which of ``DETAILS`` speak clearly against each pair; empty where the decision reads none.
    """

    pairs: tuple[Pair, ...]
    predictions: Predictions
    explanations: tuple[Explanation, ...]
    model: str
    similarity_fn_name: str
    decision: Decision | None
    dropped: int = 0
    row_numbers: tuple[int, ...] = ()
    ids: tuple[Any, ...] = ()
    differs_in: tuple[tuple[str, ...], ...] = ()

    @property
    def rows(self) -> list[tuple[Pair, float, float | None, bool | None]]:
        """Each pair with its similarity, probability and decision, None where the model gives none; unsure is False."""
        said = self.predictions.to_dicts()
        return [
            (pair, row["similarity"], row["probability"], row["same"])
            for pair, row in zip(self.pairs, said, strict=True)
        ]

    @property
    def unknown(self) -> list[int]:
        """The places of the pairs of whose words the model knows or reads too few to decide."""
        unknown = self.predictions.unknown
        return [] if unknown is None else np.flatnonzero(unknown).tolist()

    @property
    def threshold(self) -> str:
        """A sentence that says where the threshold lies and where it comes from, or why there is none."""
        if self.decision is None:
            lacks = "has no fitted decision, so there is no probability and no verdict"
            return f"{self.model} {lacks}; train it on labelled pairs, or fit one with calibrate"
        score = self.decision.score
        unit = self.similarity_fn_name if score == "similarity" else f"probability of the {score}"
        if score == "details":
            unit = f"probability by {self.similarity_fn_name} and details"
        unsure = "" if self.decision.unsure_from is None else f" (unsure from {self.decision.unsure_from:.3f})"
        return f"threshold: {unit} {self.decision.threshold:.3f}{unsure}, {self.decision.source}"

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values; each pair has the number of its row and, if one was given, its id."""
        numbers = self.row_numbers or range(1, len(self.pairs) + 1)
        rows: list[dict[str, Any]] = [
            {"row": number, "sentence1": pair.sentence1, "sentence2": pair.sentence2, **said}
            for number, pair, said in zip(numbers, self.pairs, self.predictions.to_dicts(), strict=True)
        ]
        for row, key in zip(rows, self.ids, strict=bool(self.ids)):
            row["id"] = key
        for row, names in zip(rows, self.differs_in, strict=bool(self.differs_in)):
            row["differs_in"] = list(names)
        for row in (rows[place] for place in self.unknown):
            row["unsure_because"] = "the model does not know, or does not read, enough of its words"
        for row, explanation in zip(rows, self.explanations, strict=bool(self.explanations)):
            row["explanation"] = explanation.to_json()
        return {
            "model": self.model,
            "similarity_function": self.similarity_fn_name,
            "decision": None if self.decision is None else self.decision.to_json(),
            "dropped": self.dropped,
            "pairs": rows,
        }


def score_pairs(
    pairs: str | Path | GivenPairs,
    *,
    model: str | Path | Scorer = DECIDING_MODEL,
    columns: Columns = None,
    explain: bool = False,
    page: str | Path | None = None,
    overwrite: bool = False,
    must_decide: bool = False,
    backend: str = "auto",
    progress: Progress | None = None,
) -> ScoredPairs:
    """Say of each pair of texts how similar its sides are, how probably they say the same, and whether they do.

    Args:
        pairs: Pairs, each of which is answered, as tuples of two texts or as ``Pair`` records, in a list, a Series, an
            array or a generator. Or a table, whose labels are not read and whose rows without two texts are left out:
            a file, ``-`` for standard input, a DataFrame, a ``datasets.Dataset`` or a mapping of columns.
        model: A name, a folder, or a loaded scorer.
        columns: What columns are called in the file and what they are here, such as ``{"a": "sentence1"}`` or
            ``a=sentence1``.
        explain: Whether the words that decide are looked for, which takes some hundred encodings a pair.
        page: A file to write with the explanations, as a page that needs no other file; it includes ``explain``.
        overwrite: Whether an existing page may be replaced.
        must_decide: Whether a model without a decision is refused, before anything is encoded.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        progress: Called with the number of texts encoded and to encode, then with that of the pairs explained.

    Returns:
        The pairs with what the model says of them.

    Raises:
        BadModel: The model has no decision and must have one, or it holds for another backend.
        UsageError: It is no pair, or a text is empty, missing or none that can be written; the message names the row.
        MissingInput: The file or the model was not found.
        BadData: The file cannot be parsed, or has not the two columns.
        NothingToDo: No row holds two texts.
        BadOutput: The page exists or cannot be written.

    Example:
        >>> score_pairs([("A dog barks.", "A dog is barking.")]).predictions.same  # doctest: +SKIP
        array([ True])
    """
    if page is not None:
        check_output(Path(page), overwrite=overwrite)
    read = _read(pairs, columns)
    chosen = read.pairs
    device = "cpu" if backend == "auto" and len(chosen) <= FEW_PAIRS else None  # what starts soonest is quickest
    scorer = load_to_predict(model, backend=backend, device=device)
    if must_decide and scorer.decision is None:
        raise BadModel(f"{scorer.name} has no fitted decision, so there is nothing to check; fit one with calibrate")
    predictions, differs_in = _predict(scorer, chosen, progress)
    explanations = _explain(scorer, chosen, progress) if explain or page is not None else ()
    scored = ScoredPairs(
        chosen,
        predictions,
        explanations,
        scorer.name,
        scorer.encoder.similarity_fn_name,
        scorer.decision,
        sum(read.dropped.values()),
        read.rows,
        read.ids,
        differs_in,
    )
    if page is not None:
        from siamese_text.explain.page import write_explanations

        write_explanations(
            explanations, Path(page), model=scored.model, threshold=scored.threshold, overwrite=overwrite
        )
    return scored


def _read(pairs: str | Path | GivenPairs, columns: Columns) -> UnlabelledPairs:
    """Return the pairs to predict, with the numbers of their rows and counts of what was left out."""
    if isinstance(pairs, str | Path) or is_table(pairs):
        from siamese_text.data.unlabelled import load_piped, load_unlabelled

        if isinstance(pairs, str | Path) and str(pairs) == "-":
            return load_piped(columns=columns)
        return load_unlabelled(pairs, columns=columns)
    chosen = tuple(Pair(*both) for both in sides(pairs))
    return UnlabelledPairs(chosen, tuple(range(1, len(chosen) + 1)))


def _predict(
    scorer: Scorer, pairs: Sequence[Pair], progress: Progress | None
) -> tuple[Predictions, tuple[tuple[str, ...], ...]]:
    """Return the predictions and, from a decision that reads details, the names of those that speak against a pair."""
    if scorer.decision is None or scorer.decision.score != "details":
        return scorer.predict(pairs, progress=progress), ()
    scores = scorer.scores(pairs, progress=progress)
    assert scores.details is not None  # this decision has them scored
    against = scores.details * scorer.decision.weights[-len(DETAILS) :]  # (N, 7) log-odds
    names = (tuple(name for name, nats in zip(DETAILS, row, strict=True) if nats >= CLEARLY) for row in against)
    return scorer.decision.predict(scores), tuple(names)


def _explain(scorer: Scorer, pairs: Sequence[Pair], progress: Progress | None) -> tuple[Explanation, ...]:
    explanations = []
    for done, pair in enumerate(pairs, start=1):
        explanations.append(scorer.explain(pair))
        if progress:
            progress(done, len(pairs))
    return tuple(explanations)
