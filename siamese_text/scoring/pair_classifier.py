"""A classifier of pairs: similarity and, where a model has them, heads and decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from siamese_text.protocols import EncodesTokens, KnowsWords, Progress
from siamese_text.records import FloatArray, Predictions
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.lexical import lexical_features
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.similarity import pairwise
from siamese_text.scoring.unread import MOST_UNREAD, unread_difference
from siamese_text.scoring.words_at_hand import WordsAtHand


@dataclass(frozen=True, slots=True)
class PairClassifier:
    """Turns pairs of texts into scores and predictions.

    Attributes:
        similarity_fn_name: The name of the similarity function that the encoder was made for.
        head: The trained twin head, if any.
        alignment: The trained alignment head, if any.
        decision: The fitted decision, if any; without it pairs get a similarity and no yes or no.
        trained: How the model was trained, for people to read.
        words: Keeps what is read of texts from call to call, for one run through many pairs of the same texts.
    """

    similarity_fn_name: str = "cosine"
    head: TwinHead | None = None
    alignment: AlignmentHead | None = None
    decision: Decision | None = None
    trained: Mapping[str, Any] = field(default_factory=dict)
    words: WordsAtHand | None = field(default=None, compare=False, repr=False)

    @property
    def aligns(self) -> bool:
        """Whether the decision reads the tokens of both sides, and not their embeddings alone."""
        return bool(self.alignment and self.decision and self.decision.score in {"alignment", "details", "blend"})

    def scores(
        self,
        pairs: Sequence[tuple[str, str]],
        encoder: EncodesTokens,
        progress: Progress | None = None,
        vectors: Mapping[str, FloatArray] | None = None,
    ) -> Scores:
        """Return the raw scores of N pairs of texts; both sides are encoded in one call, so no text is read twice.

        Args:
            pairs: The two texts of each pair.
            encoder: Turns texts into embeddings.
            progress: Called with the number of texts encoded and to encode.
            vectors: Embeddings of texts at hand, (D,) float32 each, which are then not encoded again. An alignment
                head needs the tokens of every text, so with one they are left aside.

        Returns:
            The similarity of each pair and, where the model has heads, the log-odds of each head and what the words
            of both sides say; and in which details they differ, if that decides or nothing decides yet.
        """
        details = self.decision is None or self.decision.score == "details"
        return self._scores(pairs, encoder, progress, vectors, details=details)

    def _scores(
        self,
        pairs: Sequence[tuple[str, str]],
        encoder: EncodesTokens,
        progress: Progress | None,
        vectors: Mapping[str, FloatArray] | None,
        *,
        details: bool,
    ) -> Scores:
        texts = [left for left, _ in pairs] + [right for _, right in pairs]
        count = len(pairs)
        aligned = None
        if self.alignment:
            embeddings, tokens = encoder.encode_tokens(texts, self.alignment.project, progress=progress)  # (2 N, D)
            aligned = self.alignment.logits(tokens[:count], tokens[count:])
        else:
            embeddings = _embeddings(texts, encoder, progress, vectors or {})  # (2 N, D)
        left, right = embeddings[:count], embeddings[count:]
        words = WordsAtHand() if self.words is None else self.words
        knows = encoder if isinstance(encoder, KnowsWords) else None
        differing, unknown = words.of(pairs, details=details, word_pieces=None if knows is None else knows.word_pieces)
        if knows is not None and unknown is not None:
            unread = words.unread(texts, knows.unread)
            beyond = unread_difference(pairs, unread[:count], unread[count:]) > MOST_UNREAD
            unknown = np.where(beyond, np.float32(1), unknown)
        return Scores(
            similarity=pairwise(self.similarity_fn_name, left, right),
            head=self.head.logits(left, right) if self.head else None,
            alignment=aligned,
            lexical=lexical_features(pairs) if self.head or self.alignment else None,  # read by a blend of scores alone
            details=differing,
            unknown=unknown,
        )

    def predict(
        self,
        pairs: Sequence[tuple[str, str]],
        encoder: EncodesTokens,
        progress: Progress | None = None,
        vectors: Mapping[str, FloatArray] | None = None,
    ) -> Predictions:
        """Predict of N pairs of texts whether they say the same.

        Args:
            pairs: The two texts of each pair.
            encoder: Turns texts into embeddings.
            progress: Called with the number of texts encoded and to encode.
            vectors: Embeddings of texts at hand, (D,) float32 each. Unless the decision aligns tokens, only the other
                texts are encoded.

        Returns:
            For each pair its similarity and, where there is a decision, probability and yes or no.
        """
        needed = self if vectors is None or self.aligns else replace(self, alignment=None)
        details = self.decision is not None and self.decision.score == "details"
        scores = needed._scores(pairs, encoder, progress, vectors, details=details)
        return self.decision.predict(scores) if self.decision else Predictions(scores.similarity)


def _embeddings(
    texts: Sequence[str], encoder: EncodesTokens, progress: Progress | None, at_hand: Mapping[str, FloatArray]
) -> FloatArray:
    """Return the (N, D) embeddings of N texts: those at hand, and what the encoder gives of the others."""
    if not (texts and at_hand):
        return encoder.encode(texts, progress=progress)
    missing = [text for text in dict.fromkeys(texts) if text not in at_hand]
    encoded = dict(zip(missing, encoder.encode(missing, progress=progress), strict=True)) if missing else {}
    return np.stack([encoded[text] if text in encoded else at_hand[text] for text in texts])
