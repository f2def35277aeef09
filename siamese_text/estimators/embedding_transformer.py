"""Texts to vectors as a step of a scikit-learn pipeline."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin

from siamese_text.estimators.base import TextEstimator
from siamese_text.records import FloatArray


class EmbeddingTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TextEstimator):  # type: ignore[misc]
    """It turns texts into embeddings, so that any model of scikit-learn stands on them.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        column: The column of a DataFrame that holds the texts; by default its only one.

    Attributes:
        dimensions_: D, the width of an embedding, once it is fitted.

    Example:
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> make_pipeline(EmbeddingTransformer(), LogisticRegression(C=10)).fit(texts, labels)  # doctest: +SKIP
    """

    def __init__(self, model: Any = None, *, column: str | None = None) -> None:
        self.model = model
        self.column = column

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002  # scikit-learn hands it on
        """Learn the width of the embeddings; there is nothing else to learn.

        Args:
            X: Texts.
            y: It is not read.

        Returns:
            The transformer.
        """
        first = self._texts(X)[:1]
        self.dimensions_ = self.open_encoder()[0].encode(first).shape[1]
        return self

    def transform(self, X: Any) -> FloatArray:
        """Embed texts.

        Args:
            X: N texts.

        Returns:
            (N, D) float32, as the encoder gives them.

        Raises:
            UsageError: A text is empty; the message names the row.
        """
        return self.open_encoder()[0].encode(self._texts(X))

    @property
    def _n_features_out(self) -> int:
        """What scikit-learn names the columns by."""
        return int(self.dimensions_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []  # embeddings are float32, whatever the texts are
        return tags
