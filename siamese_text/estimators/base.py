"""The contract of all estimators here: scikit-learn's, on texts, with an encoder that is named or given."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from sklearn.base import BaseEstimator

from siamese_text.errors import BadModel, UsageError
from siamese_text.estimators.saving import read_folder, write_folder
from siamese_text.estimators.texts import texts_from
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows


class TextEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator whose X are texts: a list, a Series, or one column of a DataFrame.

    Here the encoder is given; the classes of ``siamese_text.api`` also take the name of a model.

    Attributes:
        model: The encoder, or what ``open_encoder`` turns into one.
        column: The column of a DataFrame that holds the texts; by default its only one.
    """

    model: Any
    column: str | None

    def open_encoder(self) -> tuple[Encodes, str]:
        """Return the encoder, and a hash of what its vectors depend on where that is known, else an empty string.

        Raises:
            UsageError: The model is none that can encode.
        """
        if not callable(getattr(self.model, "encode", None)):
            raise UsageError(f"model is {self.model!r:.60}; give an encoder: what has encode(texts) -> (N, D)")
        return self.model, ""

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write parameters and what was learned to a folder of JSON and safetensors, without the encoder's weights.

        Args:
            folder: The folder to make.
            overwrite: Whether an existing one may be replaced.

        Raises:
            BadOutput: It exists, or cannot be written.
        """
        write_folder(self, Path(folder), self.open_encoder()[1], overwrite=overwrite)

    @classmethod
    def open(cls, folder: str | Path, *, model: Any = None) -> Self:
        """Open what ``save`` wrote.

        Args:
            folder: The folder.
            model: The encoder, where it was given and not named; or where the named one lies now.

        Returns:
            The estimator, which predicts as the saved one did.

        Raises:
            MissingInput: There is no such folder.
            BadModel: The folder is damaged or of another kind, or the encoder is not the one it was fitted with.
        """
        saved = read_folder(Path(folder), cls.__name__)
        parameters = dict(saved.parameters)
        if model is not None:
            parameters["model"] = model
        if "model" not in parameters:
            raise BadModel(f"{folder} was saved with an encoder that has no name; open it with model=ENCODER")
        estimator = cls(**parameters)
        for name, value in saved.learned.items():
            setattr(estimator, name, value)
        key = estimator.open_encoder()[1]
        if saved.encoder_key and key != saved.encoder_key:
            raise BadModel(
                f"{folder} was fitted with another model than {parameters['model']}; name that one, or refit"
            )
        return estimator

    def _texts(self, X: Any) -> list[str]:
        """Return the texts of X, none of them empty."""
        return texts_from(X, self.column)

    def _unit_vectors(self, X: Any) -> FloatArray:
        """Return the (N, D) embeddings of the texts of X, of unit length: all that is compared here are cosines."""
        return unit_rows(self.open_encoder()[0].encode(self._texts(X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
