"""What a model says of pairs: similarity, and where it has them, heads and decision, from siamese_text.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from siamese_text.errors import BadModel
from siamese_text.protocols import EncodesTokens, Progress
from siamese_text.records import FloatArray, Predictions
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.lexical import lexical_features
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.similarity import pairwise

SETTINGS_FILE = "siamese_text.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class PairClassifier:
    """Embeddings of two sides in, judgements out.

    Attributes:
        similarity_fn_name: The name of the similarity function that the encoder was made for.
        head: The trained twin head, if any.
        alignment: The trained alignment head, if any.
        decision: The fitted decision, if any; without it pairs get a similarity and no verdict.
        trained: How the model was trained, for people to read.
    """

    similarity_fn_name: str = "cosine"
    head: TwinHead | None = None
    alignment: AlignmentHead | None = None
    decision: Decision | None = None
    trained: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads_texts(self) -> bool:
        """Whether the decision needs more of a pair than its embeddings: tokens to align, or their words."""
        if self.decision is None:
            return False
        return bool(self.decision.blend or (self.alignment and self.decision.score in {"alignment", "blend"}))

    def scores(self, left: FloatArray, right: FloatArray) -> Scores:
        """Return the raw scores of N pairs given as two (N, D) float32 arrays: what embeddings tell."""
        head = self.head.logits(left, right) if self.head else None
        return Scores(pairwise(self.similarity_fn_name, left, right), head)

    def judge(self, left: FloatArray, right: FloatArray) -> Predictions:
        """Judge N pairs given as two (N, D) float32 arrays of embeddings, by a decision that reads no texts."""
        return self.decide(self.scores(left, right))

    def scores_of(
        self, sides: Sequence[tuple[str, str]], encoder: EncodesTokens, progress: Progress | None = None
    ) -> Scores:
        """Return the raw scores of N pairs of texts; both sides are encoded in one call, so no text is read twice.

        Args:
            sides: The two texts of each pair.
            encoder: Turns texts into embeddings.
            progress: Called with the number of texts encoded and to encode.
        """
        texts = [left for left, _ in sides] + [right for _, right in sides]
        count = len(sides)
        lexical = (
            lexical_features(sides) if self.head or self.alignment else None
        )  # only scores of several kinds are mixed
        if self.alignment is None:
            vectors = encoder.encode(texts, progress=progress)  # (2 N, D)
            return replace(self.scores(vectors[:count], vectors[count:]), lexical=lexical)
        vectors, tokens = encoder.encode_tokens(texts, self.alignment.project, progress=progress)
        aligned = self.alignment.logits(tokens[:count], tokens[count:])
        return replace(self.scores(vectors[:count], vectors[count:]), alignment=aligned, lexical=lexical)

    def decide(self, scores: Scores) -> Predictions:
        """Judge N pairs by their raw scores."""
        return self.decision.apply(scores) if self.decision else Predictions(scores.similarity)

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
