"""What a model says of pairs: similarity, and where it has them, twin head and decision, from siamese_text.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siamese_text.errors import BadModel
from siamese_text.records import FloatArray, Judgements
from siamese_text.scoring.decision import Decision, Scores
from siamese_text.scoring.head import TwinHead
from siamese_text.scoring.similarity import pairwise

Encode = Callable[[Sequence[str]], FloatArray]
SETTINGS_FILE = "siamese_text.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class PairJudge:
    """Embeddings of two sides in, judgements out.

    Attributes:
        similarity: The name of the similarity function that the encoder was made for.
        head: The trained twin head, if any.
        decision: The fitted decision, if any; without it pairs get a similarity and no verdict.
        trained: How the model was trained, for people to read.
    """

    similarity: str = "cosine"
    head: TwinHead | None = None
    decision: Decision | None = None
    trained: Mapping[str, Any] = field(default_factory=dict)

    def scores(self, left: FloatArray, right: FloatArray) -> Scores:
        """Return the raw scores of N pairs given as two (N, D) float32 arrays of embeddings."""
        head = self.head.logits(left, right) if self.head else None
        return Scores(pairwise(self.similarity, left, right), head)

    def judge(self, left: FloatArray, right: FloatArray) -> Judgements:
        """Judge N pairs given as two (N, D) float32 arrays of embeddings."""
        return self.decide(self.scores(left, right))

    def scores_of(self, sides: Sequence[tuple[str, str]], encode: Encode) -> Scores:
        """Return the raw scores of N pairs of texts; both sides are encoded in one call, so no text is read twice.

        Args:
            sides: The two texts of each pair.
            encode: Turns texts into embeddings.
        """
        vectors = encode([left for left, _ in sides] + [right for _, right in sides])  # (2 N, D)
        return self.scores(vectors[: len(sides)], vectors[len(sides) :])

    def decide(self, scores: Scores) -> Judgements:
        """Judge N pairs by their raw scores."""
        return self.decision.apply(scores) if self.decision else Judgements(scores.similarity)

    def write(self, folder: Path) -> None:
        """Write head, decision and history of training into a model folder."""
        values = {
            "format": FORMAT,
            "decision": self.decision.to_json() if self.decision else None,
            "head": "twin" if self.head else None,
            "trained": dict(self.trained),
        }
        if self.head:
            self.head.write(folder)
        (folder / SETTINGS_FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, *, similarity: str = "cosine") -> PairJudge:
        """Read what a model folder says of pairs; a folder that we did not write has neither head nor decision.

        Raises:
            BadModel: The file is damaged, or was written by a newer release.
        """
        path = folder / SETTINGS_FILE
        if not path.is_file():
            return cls(similarity)
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadModel(f"{path} is not valid JSON ({error}); the model folder is damaged") from error
        found = values.get("format") if isinstance(values, dict) else None
        if found != FORMAT:
            raise BadModel(f"{path} has format {found}, this release reads {FORMAT}; upgrade siamese-text")
        head = TwinHead.read(folder)
        decision = Decision.from_json(values["decision"]) if values.get("decision") else None
        if head is None and (values.get("head") or (decision and decision.score != "similarity")):
            raise BadModel(f"{folder} lacks the twin head that {SETTINGS_FILE} names; the model folder is incomplete")
        return cls(similarity, head, decision, values.get("trained", {}))
