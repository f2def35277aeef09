"""A model that scores pairs and decides. What the default or a trained one needs for a few pairs loads no torch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from siamese_text.data.given import is_table, sides_of
from siamese_text.deprecation import warn_renamed
from siamese_text.encoder.base import ReportingEncoder, TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import ModelFolder, open_model
from siamese_text.encoder.resolve import DECIDING_MODEL, weights_sha256
from siamese_text.errors import BadModel, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import ComputeDtype, EncodeReport, FloatArray, Pair, Predictions
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.siamese_text_json import read_classifier
from siamese_text.scoring.words_at_hand import WordsAtHand

if TYPE_CHECKING:
    from siamese_text.explain.occlusion import Explanation

GivenPairs = Iterable[tuple[str, str] | Pair] | Any  # Any: what has named columns, of libraries not imported here
UNTRAINED_DECISIONS = Path(__file__).parent.parent / "scoring" / "untrained_decisions.json"


class Scorer:
    """A model for pairs of texts: an encoder, and a classifier with its similarity, heads and decision.

    Args:
        encoder: Turns texts into embeddings.
        classifier: Turns pairs into scores and predictions.
        name: What the model was loaded as.
    """

    def __init__(self, encoder: TextEncoder, classifier: PairClassifier, name: str = "model") -> None:
        self.encoder = encoder
        self.classifier = classifier
        self.name = name

    @classmethod
    def load(
        cls,
        name_or_path: str | Path | ModelFolder = DECIDING_MODEL,
        *,
        device: str | None = None,
        backend: str = "auto",
        few_texts: bool | None = None,
        decides: bool | None = None,
    ) -> Self:
        """Load a model by name or from a folder.

        Args:
            name_or_path: A model folder, a name that is looked up locally first, or what ``open_model`` gave.
            device: A torch device; by default CUDA where there is one, else the CPU. With ``cpu``, backend ``auto``
                starts soonest, which counts most where few texts are read.
            backend: ``auto``, ``torch``, ``onnx`` or ``int8``; see ``load_encoder``.
            few_texts: Deprecated; give ``device="cpu"``.
            decides: Deprecated; a decision that does not fit the backend is refused when it is used.

        Returns:
            The scorer. A trained folder, such as that of the default, brings its own decision; the untrained
            all-MiniLM-L6-v2 gets the one that is shipped; any other untrained encoder has none and gives similarities
            only.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete or unsafe.
            UsageError: There is no such backend.
        """
        if few_texts is not None:
            warn_renamed("few_texts= of Scorer.load", "device='cpu'")
            device = "cpu" if few_texts and backend == "auto" else device
        if decides is None:
            return cls._load(name_or_path, device, backend)
        warn_renamed("decides= of Scorer.load", "Scorer.load without it: a decision is refused when it is used")
        scorer = cls._load(name_or_path, device, backend, to_predict=decides)
        if not _fits(scorer.decision, scorer.encoder.compute_dtype):
            scorer.classifier = replace(scorer.classifier, decision=None)
        return scorer

    @classmethod
    def _load(
        cls, name_or_path: str | Path | ModelFolder, device: str | None, backend: str, *, to_predict: bool = False
    ) -> Self:
        """Load a model; if it is to predict, refuse a decision that does not fit before an export that takes long."""
        found = open_model(name_or_path)
        name = str(found.folder if isinstance(name_or_path, ModelFolder) else name_or_path)
        classifier = read_classifier(found.folder)
        decision = classifier.decision or _untrained_decision(found.folder)
        if to_predict:
            _check_fits(name, decision, "int8" if backend == "int8" else "fp32")
        encoder = load_encoder(found, device=device, backend=backend)
        classifier = replace(classifier, similarity_fn_name=encoder.similarity_fn_name, decision=decision)
        return cls(encoder, classifier, name)

    @property
    def decision(self) -> Decision | None:
        """The fitted threshold and calibration, None where the model has none."""
        return self.classifier.decision

    def encode(self, texts: Iterable[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts, given as a list, a Series, an array or a generator."""
        return self.encoder.encode(texts)

    def scores(self, pairs: GivenPairs, *, progress: Progress | None = None) -> Scores:
        """Return the raw scores of pairs of texts, which no threshold or calibration has touched.

        Args:
            pairs: N pairs, as tuples of two texts or as ``Pair`` records, in a list, a Series, an array or a generator;
                or a DataFrame, a ``datasets.Dataset`` or a mapping with the columns ``sentence1`` and ``sentence2``.
            progress: Called with the number of texts encoded and to encode.

        Returns:
            (N,) float32 similarities and, where the model has heads, (N,) float32 log-odds of each head and the
            (N, 3) lexical features.

        Raises:
            UsageError: A text is empty, missing or none that can be written; the message names the row.
            NothingToDo: There are no pairs.
        """
        return self.classifier.scores(sides(pairs), self.encoder, progress)

    def predict(
        self,
        pairs: GivenPairs,
        *,
        progress: Progress | None = None,
        vectors: Mapping[str, FloatArray] | None = None,
    ) -> Predictions:
        """Predict whether the two texts of each pair say the same.

        Args:
            pairs: N pairs, as tuples of two texts or as ``Pair`` records, in a list, a Series, an array or a generator;
                or a DataFrame, a ``datasets.Dataset`` or a mapping with the columns ``sentence1`` and ``sentence2``.
            progress: Called with the number of texts encoded and to encode.
            vectors: Embeddings of texts at hand, (D,) float32 each, of this model's encoder; these texts are encoded
                again only where the decision aligns tokens.

        Returns:
            For each pair its similarity and, where the model has a decision, probability and yes or no.

        Raises:
            BadModel: The decision was fitted at another compute dtype than the encoder's.
            UsageError: A text is empty, missing or none that can be written; the message names the row.
            NothingToDo: There are no pairs.

        Example:
            >>> Scorer.load().predict([("A dog barks.", "A dog is barking.")]).to_dicts()  # doctest: +SKIP
        """
        given = sides(pairs)
        _check_fits(self.name, self.decision, self.encoder.compute_dtype)
        return self.classifier.predict(given, self.encoder, progress, vectors)

    def keeping_words(self) -> Scorer:
        """Return this scorer with a memory of the words of each text, for a run through many pairs of the same texts.

        It predicts the same, sooner where texts come again, and holds a few kilobytes of each text as long as it lives.
        """
        kept = replace(self.classifier, words=WordsAtHand())
        return Scorer(self.encoder, kept, self.name)

    def predict_proba(self, pairs: GivenPairs, *, progress: Progress | None = None) -> NDArray[np.float64]:
        """Return how probable it is that the two texts of each pair say something different, or the same.

        Args:
            pairs: N pairs, as tuples of two texts or as ``Pair`` records, in a list, a Series, an array or a generator;
                or a DataFrame, a ``datasets.Dataset`` or a mapping with the columns ``sentence1`` and ``sentence2``.
            progress: Called with the number of texts encoded and to encode.

        Returns:
            (N, 2) float64 in [0, 1]; the columns are the labels 0, different, and 1, same, and add up to 1.

        Raises:
            BadModel: The model knows no probability, or its decision was fitted at another compute dtype.
        """
        if self.decision is None or self.decision.calibration is None:
            lacks = "has no fitted decision" if self.decision is None else "has a threshold given by hand"
            raise BadModel(f"{self.name} {lacks}, so there is no probability; fit one with calibrate on labelled pairs")
        same = self.predict(pairs, progress=progress).probability
        assert same is not None  # a calibrated decision gives one
        return np.stack([1 - same, same], axis=1)

    def explain(self, pair: tuple[str, str] | Pair) -> Explanation:
        """Say which words of a pair of texts raise or lower its probability, and which words align.

        Args:
            pair: Two texts.

        Returns:
            The explanation: of the probability, or of the similarity where the model gives no probability. Words are
            aligned where the tokenizer knows the places of its tokens.

        Raises:
            UsageError: It is no pair, or a text is empty, missing or none that can be written.
        """
        from siamese_text.encoder.words import word_vectors
        from siamese_text.explain.occlusion import explain_pair

        [both] = sides([pair])
        vectors = partial(word_vectors, self.encoder) if self.encoder.tokenizer.knows_places else None
        _check_fits(self.name, self.decision, self.encoder.compute_dtype)
        # A text that is too long is said so when its pair is scored; here each of its variants would be counted.
        encoder = ReportingEncoder(self.encoder, EncodeReport())
        return explain_pair(both, partial(self.classifier.predict, encoder=encoder), word_vectors=vectors)

    @property
    def pair_judge(self) -> PairClassifier:
        """Deprecated: the attribute is ``classifier``."""
        warn_renamed("Scorer.pair_judge", "Scorer.classifier")
        return self.classifier

    def score(self, pairs: Sequence[tuple[str, str] | Pair], *, progress: Progress | None = None) -> Predictions:
        """Predict as ``predict`` does; deprecated."""
        warn_renamed("Scorer.score", "Scorer.predict")
        return self.predict(pairs, progress=progress)

    def judge(self, left: FloatArray, right: FloatArray, sides: Sequence[tuple[str, str]]) -> Predictions:
        """Predict of pairs whose embeddings are at hand, as two (N, D) arrays; deprecated."""
        warn_renamed("Scorer.judge", "Scorer.predict(pairs, vectors=...)")
        texts = [text for pair in zip(*sides, strict=True) for text in pair]
        return self.predict(sides, vectors=dict(zip(texts, (*left, *right), strict=True)))


def load_to_predict(model: str | Path | Scorer, *, backend: str = "auto", device: str | None = None) -> Scorer:
    """Return a scorer whose decision may be used, loaded if it is given by name.

    Args:
        model: A name, a folder, or a loaded scorer.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        device: The torch device of such a model.

    Returns:
        The scorer.

    Raises:
        BadModel: The decision was fitted at another compute dtype than the backend's, which is said before anything
            is exported or encoded.
    """
    if not isinstance(model, Scorer):
        return Scorer._load(model, device, backend, to_predict=True)
    _check_fits(model.name, model.decision, model.encoder.compute_dtype)
    return model


def sides(pairs: GivenPairs) -> list[tuple[str, str]]:
    """Return the two texts of each pair, however the pairs are given; none of them is empty.

    Raises:
        UsageError: It is no pair, or a text is empty, missing or none that can be written; the message names the row.
        NothingToDo: There are no pairs.
    """
    if isinstance(pairs, str | Path):
        raise UsageError(f"pairs are '{pairs}'; give rows such as [('a', 'b')] or a DataFrame; score_pairs reads files")
    if not is_table(pairs):
        return sides_of(pairs)
    from siamese_text.data.unlabelled import given_sides

    return given_sides(pairs)


def _untrained_decision(folder: Path) -> Decision | None:
    """Return the decision that is shipped for an untrained encoder, known by the checksum of its weights."""
    shipped = json.loads(UNTRAINED_DECISIONS.read_text(encoding="utf-8"))
    known = shipped.get(weights_sha256(folder))
    return Decision.from_json(known) if known else None


def _fits(decision: Decision | None, compute_dtype: ComputeDtype) -> bool:
    """Return whether scores that were computed so are those that the decision was fitted on."""
    return decision is None or decision.compute_dtype == compute_dtype


def _check_fits(name: str, decision: Decision | None, compute_dtype: ComputeDtype) -> None:
    """Refuse to decide by a threshold of other scores, and say what to do."""
    if decision is None or _fits(decision, compute_dtype):
        return
    fitting = "int8" if decision.compute_dtype == "int8" else "torch or onnx"
    asked = "int8" if compute_dtype == "int8" else "onnx"
    raise BadModel(
        f"the decision of {name} was fitted at {decision.compute_dtype}, and the backend computes at {compute_dtype}; "
        f"use backend {fitting}, or fit one: siamese-text calibrate --backend {asked} --model {name} --dataset ... "
        "-o ..."
    )
