"""The worst errors of a model: decisions that were wrong and sure, each with what its two texts differ in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

import numpy as np

from siamese_text import text
from siamese_text.evaluation.evaluated_model import EvaluatedModel
from siamese_text.records import Pair

Kind = Literal["both", "moved", "only"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one text: on both sides, on both but elsewhere, or on this side only."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class WorstError:
    """A wrong decision.

    Attributes:
        pair: With the label that it should have got.
        score: The one that decided.
        probability: That the sides say the same, as the model had it; None where its threshold was given by hand.
        sides: Both texts in pieces; those of a side join to the text.
        explanation: A piece of HTML that says why, once ``explain_error`` has asked for it.
    """

    pair: Pair
    score: float
    probability: float | None
    sides: tuple[Sequence[Piece], Sequence[Piece]]
    explanation: str | None = None


def worst_errors(evaluated: EvaluatedModel, most: int) -> list[WorstError]:
    """Return the wrong decisions of a model, those first whose score is farthest beyond the threshold.

    Args:
        evaluated: What the model said of each pair, and its figures.
        most: How many to return at the most.

    Returns:
        The errors, not yet explained; none where the model decides nothing.
    """
    predictions = evaluated.predictions
    if predictions.errors is None or predictions.threshold is None:
        return []
    beyond = np.where(predictions.errors, np.abs(predictions.compared - predictions.threshold), -1)
    rows = np.argsort(-beyond, kind="stable")[: min(most, predictions.wrong)]
    probability = predictions.probability
    return [
        WorstError(
            pair := evaluated.pairs[row],
            float(predictions.compared[row]),
            None if probability is None else float(probability[row]),
            difference(*pair.sides),
        )
        for row in rows
    ]


def explain_error(evaluated: EvaluatedModel, error: WorstError) -> WorstError:
    """Return an error with what explains it, where its model can say; that takes as long as judging some 100 pairs."""
    return replace(error, explanation=evaluated.explain(error.pair.sides)) if evaluated.explain else error


def difference(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Mark what two texts differ in, word by word.

    Args:
        left: A text.
        right: The other one.

    Returns:
        The pieces of either. Words count as equal in their folded form; what is no word is on both sides.

    Example:
        >>> left, right = difference("Ann owes Bo ten pounds.", "Bo owes Ann five pounds.")
        >>> [(piece.text, piece.kind) for piece in left if piece.kind != "both"]
        [('owes Bo', 'moved'), ('ten', 'only')]
    """
    found = text.words(left), text.words(right)
    forms = [[word.form for word in side] for side in found]
    blocks = SequenceMatcher(None, forms[0], forms[1], autojunk=False).get_matching_blocks()
    kept = [{block[side] + place for block in blocks for place in range(block.size)} for side in (0, 1)]
    loose = [Counter(form for at, form in enumerate(forms[side]) if at not in kept[side]) for side in (0, 1)]
    moved = loose[0] & loose[1]
    return _pieces(left, found[0], kept[0], moved), _pieces(right, found[1], kept[1], moved)


def _pieces(whole: str, words: Sequence[text.Word], kept: set[int], moved: Counter[str]) -> list[Piece]:
    left_to_move = Counter(moved)
    pieces: list[Piece] = []
    end = 0
    for at, word in enumerate(words):
        if at in kept:
            continue
        kind: Kind = "moved" if left_to_move[word.form] > 0 else "only"
        left_to_move[word.form] -= 1
        between, surface = whole[end : word.span.start], whole[word.span.start : word.span.end]
        if pieces and pieces[-1].kind == kind and between.isspace():  # neighbours read better under one mark
            pieces[-1] = Piece(pieces[-1].text + between + surface, kind)
        else:
            pieces += [Piece(between, "both"), Piece(surface, kind)]
        end = word.span.end
    return [piece for piece in (*pieces, Piece(whole[end:], "both")) if piece.text]
