"""The estimators of the room of that name, with an encoder that may be named: it is loaded once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from siamese_text.api.keyed_encoder import vectors_key
from siamese_text.encoder.base import SteadyEncoder, TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import open_model
from siamese_text.encoder.onnx.graphs import graph_key
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.estimators import anomalies, embedding_transformer, few_shot, multi_label, record_matcher, verifier
from siamese_text.estimators.base import TextEstimator
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.saving import write_folder
from siamese_text.estimators.tuning import Train
from siamese_text.protocols import Encodes, Progress

MOST_MODELS = 4  # that are kept loaded
TUNED = "encoder"  # the folder of an encoder that was trained, in that of its estimator


class NamedModel(TextEstimator):
    """An estimator whose ``model`` is the name of a model, its folder, or an encoder; None is the default model.

    A named model is loaded when it is first needed, and shared, with the vectors of the texts that it read, by all
    estimators of the process: copies of an estimator, the folds of a cross-validation and the steps of a search encode
    no text twice. An encoder that is given is copied by ``clone``, unless it is a ``CachedEncoder``.
    """

    def open_encoder(self) -> tuple[Encodes, str]:
        """Return the encoder, and a hash of what its vectors depend on where it has a name.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete or unsafe.
            UsageError: The model is neither a name nor an encoder.
        """
        if isinstance(self.model, TextEncoder):
            return self.model, vectors_key(self.model)
        if not isinstance(self.model, str | Path | None):
            return super().open_encoder()
        name = str(self.model or DEFAULT_MODEL)
        # The hash of the weights is part of what it is kept by: a folder that was trained anew is loaded anew.
        return _shared(name, graph_key(open_model(name).layout))


@lru_cache(MOST_MODELS)
def _shared(name: str, _key: str) -> tuple[CachedEncoder, str]:
    encoder = load_encoder(name)
    # What is kept must not depend on the texts that shared its batch.
    return CachedEncoder(SteadyEncoder(encoder)), vectors_key(encoder)


class AnomalyDetector(NamedModel, anomalies.AnomalyDetector):  # noqa: D101
    __doc__ = anomalies.AnomalyDetector.__doc__


class EmbeddingTransformer(NamedModel, embedding_transformer.EmbeddingTransformer):  # noqa: D101
    __doc__ = embedding_transformer.EmbeddingTransformer.__doc__


class FewShotClassifier(NamedModel, few_shot.FewShotClassifier):  # noqa: D101
    __doc__ = few_shot.FewShotClassifier.__doc__
    _progress: Progress | None = None  # is told how far the training of an encoder is

    def _trainer(self) -> Train:
        from siamese_text.api.finetuning import trainer

        model = DEFAULT_MODEL if self.model is None else self.model
        return trainer(model, "pairs" if self.finetune is True else str(self.finetune), self._progress)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write parameters and what was learned to a folder, with the weights of an encoder that was trained.

        Args:
            folder: The folder to make.
            overwrite: Whether an existing one may be replaced.

        Raises:
            BadOutput: It exists, or cannot be written.
        """
        tuned: Any = self._tuned
        beside = None if tuned is None else lambda draft: tuned.encoder.encoder.save(draft / TUNED)
        write_folder(self, Path(folder), self.open_encoder()[1], overwrite=overwrite, beside=beside)

    @classmethod
    def open(cls, folder: str | Path, *, model: Any = None) -> Self:
        """Open what ``save`` wrote; see ``TextEstimator.open``."""
        opened = super().open(folder, model=model)
        if (getattr(opened, "tuning_", None) or {}).get("kept") == "after":
            from siamese_text.api.finetuning import kept

            opened._tuned = kept(load_encoder(Path(folder) / TUNED, backend="torch"))
        return opened


class MultiLabelClassifier(NamedModel, multi_label.MultiLabelClassifier):  # noqa: D101
    __doc__ = multi_label.MultiLabelClassifier.__doc__


class RecordMatcher(NamedModel, record_matcher.RecordMatcher):  # noqa: D101
    __doc__ = record_matcher.RecordMatcher.__doc__


class Verifier(NamedModel, verifier.Verifier):  # noqa: D101
    __doc__ = verifier.Verifier.__doc__
