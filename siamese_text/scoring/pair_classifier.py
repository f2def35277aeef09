"""A classifier of pairs: similarity and, where a model has them, heads and decision, read from siamese_text.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text.errors import BadModel
from siamese_text.protocols import EncodesTokens, Progress
from siamese_text.records import SETTINGS_FILE, FloatArray, Predictions
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.lexical import lexical_features
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.similarity import pairwise

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PairClassifier:
    """Turns pairs of texts into scores and predictions.

    Attributes:
        similarity_fn_name: The name of the similarity function that the encoder was made for.
        head: The trained twin head, if any.
        alignment: The trained alignment head, if any.
        decision: The fitted decision, if any; without it pairs get a similarity and no yes or no.
        trained: How the model was trained, for people to read.
    """

    similarity_fn_name: str = "cosine"
    head: TwinHead | None = None
    alignment: AlignmentHead | None = None
    decision: Decision | None = None
    trained: Mapping[str, Any] = field(default_factory=dict)

    @property
    def aligns(self) -> bool:
        """Whether the decision reads the tokens of both sides, and not their embeddings alone."""
        return bool(self.alignment and self.decision and self.decision.score in {"alignment", "blend"})

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
            of both sides say.
        """
        texts = [left for left, _ in pairs] + [right for _, right in pairs]
        count = len(pairs)
        aligned = None
        if self.alignment:
            embeddings, tokens = encoder.encode_tokens(texts, self.alignment.project, progress=progress)  # (2 N, D)
            aligned = self.alignment.logits(tokens[:count], tokens[count:])
        else:
            embeddings = _embeddings(texts, encoder, progress, vectors or {})  # (2 N, D)
        left, right = embeddings[:count], embeddings[count:]
        return Scores(
            similarity=pairwise(self.similarity_fn_name, left, right),
            head=self.head.logits(left, right) if self.head else None,
            alignment=aligned,
            lexical=lexical_features(pairs) if self.head or self.alignment else None,  # read by a blend of scores alone
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
        scores = needed.scores(pairs, encoder, progress, vectors)
        return self.decision.predict(scores) if self.decision else Predictions(scores.similarity)

    def write(self, folder: Path) -> None:
        """Write heads, decision and history of training into a model folder."""
        values = {
            "format": FORMAT,
            "decision": self.decision.to_json() if self.decision else None,
            "heads": [head.FILE for head in (self.head, self.alignment) if head],
            "trained": dict(self.trained),
        }
        for head in filter(None, (self.head, self.alignment)):
            head.write(folder)
        (folder / SETTINGS_FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, *, similarity_fn_name: str = "cosine") -> PairClassifier:
        """Read what a model folder says of pairs; a folder that we did not write has neither head nor decision.

        Raises:
            BadModel: The file is damaged, or was written by a newer release.
        """
        path = folder / SETTINGS_FILE
        if not path.is_file():
            return cls(similarity_fn_name)
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadModel(f"{path} is not valid JSON ({error}); the model folder is damaged") from error
        found = values.get("format") if isinstance(values, dict) else None
        if found != FORMAT:
            raise BadModel(f"{path} has format {found}, this release reads {FORMAT}; upgrade siamese-text")
        head, alignment = TwinHead.read(folder), AlignmentHead.read(folder)
        decision = Decision.from_json(values["decision"]) if values.get("decision") else None
        named = values.get("heads", [TwinHead.FILE] if values.get("head") else [])
        missing = sorted(set(named) - {found.FILE for found in (head, alignment) if found})
        if missing:
            raise BadModel(f"{folder} lacks {missing[0]}, which {SETTINGS_FILE} names; the model folder is incomplete")
        scores = 1 + bool(head) + bool(alignment)
        blend = decision.blend if decision else None
        if decision and (len(decision.weights) > scores or (blend and len(blend.factors) != 2 * scores + 4)):
            raise BadModel(f"{folder} decides by other scores than its heads give; the model folder is damaged")
        return cls(similarity_fn_name, head, alignment, decision, values.get("trained", {}))


def _embeddings(
    texts: Sequence[str], encoder: EncodesTokens, progress: Progress | None, at_hand: Mapping[str, FloatArray]
) -> FloatArray:
    """Return the (N, D) embeddings of N texts: those at hand, and what the encoder gives of the others."""
    if not (texts and at_hand):
        return encoder.encode(texts, progress=progress)
    missing = [text for text in dict.fromkeys(texts) if text not in at_hand]
    encoded = dict(zip(missing, encoder.encode(missing, progress=progress), strict=True)) if missing else {}
    return np.stack([encoded[text] if text in encoded else at_hand[text] for text in texts])
