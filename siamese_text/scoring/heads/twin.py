"""Heads, as a few matrices that numpy multiplies; and the twin head, an MLP over symmetric features of two embeddings.

Swapping the sentences cannot change the answer, because each feature is the same for (u, v) and (v, u).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from siamese_text.errors import BadModel
from siamese_text.records import FloatArray

if TYPE_CHECKING:
    from torch import Tensor

Array = TypeVar("Array", FloatArray, "Tensor")


def symmetric_features(u: Array, v: Array) -> tuple[Array, Array, Array, Array]:
    """Return what the head sees of two embeddings: u + v, |u − v|, u · v and (u − v)², element by element.

    The components of a unit vector are about 1/√D, their products 1/D; scaling by √D first gives all features the
    same order of magnitude at any width, which is what an MLP learns well from.

    Args:
        u: (N, D) embeddings, numpy or torch.
        v: (N, D) embeddings of the other side.

    Returns:
        Four arrays (N, D) of the same kind.
    """
    scale = u.shape[1] ** 0.5
    u, v = u * scale, v * scale
    difference = u - v
    return u + v, abs(difference), u * v, difference * difference


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A trained head: a few float32 matrices by name, in a file of their own in the model folder."""

    weights: Mapping[str, FloatArray]

    FILE: ClassVar[str]
    NAMES: ClassVar[tuple[str, ...]]

    def write(self, folder: Path) -> None:
        """Write the head into a model folder."""
        save_file({name: np.ascontiguousarray(self.weights[name]) for name in self.NAMES}, folder / self.FILE)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the head of a model folder, None where it has none.

        Raises:
            BadModel: The file is damaged.
        """
        path = folder / cls.FILE
        if not path.is_file():
            return None
        try:
            weights = load_file(path)
            return cls({name: weights[name] for name in cls.NAMES})
        except (SafetensorError, KeyError) as error:
            raise BadModel(f"{path} cannot be read ({error}); train the model anew") from error


class TwinHead(Head):
    """A trained twin head.

    Attributes:
        weights: ``hidden.weight`` (H, 4 D), ``hidden.bias`` (H,), ``output.weight`` (1, H), ``output.bias`` (1,).
    """

    FILE = "twin_head.safetensors"
    NAMES = ("hidden.weight", "hidden.bias", "output.weight", "output.bias")

    def logits(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """Return (N,) float32 log-odds that the rows of two (N, D) arrays say the same."""
        features = np.concatenate(symmetric_features(left, right), axis=1)  # (N, 4 D)
        return perceptron(features, self.weights)


def perceptron(features: FloatArray, weights: Mapping[str, FloatArray]) -> FloatArray:
    """Return (N,) float32: the output of one hidden layer of rectified units over (N, F) features."""
    hidden = np.maximum(features @ weights["hidden.weight"].T + weights["hidden.bias"], 0)  # (N, H)
    outputs: FloatArray = (hidden @ weights["output.weight"].T + weights["output.bias"])[:, 0]
    return outputs
