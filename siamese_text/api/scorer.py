"""A model that judges pairs. What a trained or the default model needs for a few pairs loads no torch (``backend``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve, weights_sha256
from siamese_text.errors import BadModel
from siamese_text.protocols import Progress
from siamese_text.records import ComputeDtype, FloatArray, Pair, Predictions
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.pair_classifier import PairClassifier

if TYPE_CHECKING:
    from siamese_text.explain.occlusion import Explanation

UNTRAINED_DECISIONS = Path(__file__).parent.parent / "scoring" / "untrained_decisions.json"


class Scorer:
    """A model that judges pairs: an encoder with its similarity, twin head and decision.

    Args:
        encoder: Turns texts into embeddings.
        judge: Turns pairs of embeddings into judgements.
        name: What the model was loaded as.
    """

    def __init__(self, encoder: TextEncoder, judge: PairClassifier, name: str = "model") -> None:
        self.encoder = encoder
        self.pair_judge = judge
        self.name = name

    @classmethod
    def load(
        cls,
        name_or_path: str | Path = DEFAULT_MODEL,
        *,
        device: str | None = None,
        backend: str = "auto",
        few_texts: bool = False,
        decides: bool = True,
    ) -> Self:
        """Load a model by name or from a folder.

        Args:
            name_or_path: A model folder, or a name that is looked up locally first.
            device: A torch device; by default CUDA where there is one, else the CPU.
            backend: ``auto``, ``torch``, ``onnx`` or ``int8``; see ``load_encoder``.
            few_texts: Whether so few texts will be read that the start counts most.
            decides: Whether pairs will be judged: a decision that was fitted at another precision is then refused,
                and is else left out.

        Returns:
            The scorer. A trained folder brings its own decision; the untrained all-MiniLM-L6-v2 gets the one that is
            shipped; any other untrained encoder has none and gives similarities only.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete or unsafe, or its decision was fitted at another precision.
            UsageError: There is no such backend.
        """
        compute_dtype: ComputeDtype = "int8" if backend == "int8" else "fp32"
        folder = resolve(name_or_path).folder
        judge = PairClassifier.read(folder)
        decision = judge.decision or _untrained_decision(folder)
        if decision and decision.compute_dtype != compute_dtype:
            if decides:  # said before an export that would take seconds
                raise BadModel(_of_other_precision(str(name_or_path), decision, compute_dtype))
            decision = None
        encoder = load_encoder(folder, device=device, backend=backend, few_texts=few_texts)
        judge = replace(judge, similarity_fn_name=encoder.similarity_fn_name, decision=decision)
        if encoder.compute_dtype == "int8":
            from siamese_text.api.int8_quality import record_int8_quality

            record_int8_quality(encoder)
        return cls(encoder, judge, str(name_or_path))

    @property
    def decision(self) -> Decision | None:
        """The fitted threshold and calibration, None where the model has none."""
        return self.pair_judge.decision

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts."""
        return self.encoder.encode(texts)

    def judge(self, left: FloatArray, right: FloatArray, sides: Sequence[tuple[str, str]]) -> Predictions:
        """Judge N pairs of texts whose embeddings are at hand, as two (N, D) float32 arrays.

        A decision that aligns tokens or counts words reads the texts again; any other reads the embeddings alone.
        """
        return self.score(sides) if self.pair_judge.reads_texts else self.pair_judge.judge(left, right)

    def score(self, pairs: Sequence[tuple[str, str] | Pair], *, progress: Progress | None = None) -> Predictions:
        """Judge pairs of texts.

        Args:
            pairs: N pairs, as tuples of two texts or as ``Pair`` records.
            progress: Called with the number of texts encoded and to encode.

        Returns:
            For each pair its similarity and, where the model has a decision, probability and yes or no.
        """
        sides = [pair.sides if isinstance(pair, Pair) else pair for pair in pairs]
        return self.pair_judge.decide(self.pair_judge.scores_of(sides, self.encoder, progress))

    def explain(self, pair: tuple[str, str] | Pair) -> Explanation:
        """Say which words of a pair of texts raise or lower its probability, and which words align.

        Args:
            pair: Two texts.

        Returns:
            The explanation: of the probability, or of the similarity where the model gives no probability. Words are
            aligned where the tokenizer knows the places of its tokens.
        """
        from siamese_text.encoder.words import word_vectors
        from siamese_text.explain.occlusion import explain_pair

        sides = pair.sides if isinstance(pair, Pair) else pair
        vectors = partial(word_vectors, self.encoder) if self.encoder.tokenizer.knows_places else None
        return explain_pair(sides, self.score, word_vectors=vectors)


def _untrained_decision(folder: Path) -> Decision | None:
    """Return the decision that is shipped for an untrained encoder, known by the checksum of its weights."""
    shipped = json.loads(UNTRAINED_DECISIONS.read_text(encoding="utf-8"))
    known = shipped.get(weights_sha256(folder))
    return Decision.from_json(known) if known else None


def _of_other_precision(name: str, decision: Decision, compute_dtype: ComputeDtype) -> str:
    """Return why a decision is not applied, and what to do."""
    held = "int8" if decision.compute_dtype == "int8" else "torch or onnx"
    asked = "int8" if compute_dtype == "int8" else "onnx"
    return (
        f"the decision of {name} was fitted at {decision.compute_dtype}, and the backend computes at {compute_dtype}; "
        f"use backend {held}, or fit one: siamese-text calibrate --backend {asked} --model {name} --dataset ... -o ..."
    )
