"""A model as a small change of another: what training did to each weight matrix, kept to its largest directions.

    W' = W + L R        L: (out, r), R: (r, in), the r largest singular values of W' - W shared between both

The best approximation of a matrix by one of rank r is that of its singular value decomposition (Eckart and Young 1936);
that a fine-tuned model differs from its start by little more is what LoRA rests on (Hu et al. 2021). Tables of token
vectors stay as they were; vectors, such as biases, are kept whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadModel

Weights = Mapping[str, NDArray[Any]]
LEFT, RIGHT, WHOLE = ".left", ".right", ".whole"
TABLES = "embeddings.weight"  # how the names of token and position tables end


def low_rank_change(base: Weights, tuned: Weights, rank: int) -> dict[str, NDArray[np.float16]]:
    """Return what leads from the weights of one model to those of another, in few numbers.

    Args:
        base: The weights of a model by name.
        tuned: The weights of the same names after training.
        rank: How many directions of each matrix are kept, 1 or more.

    Returns:
        For each matrix ``NAME.left`` (out, r) and ``NAME.right`` (r, in), for each vector ``NAME.whole``, all float16.

    Raises:
        BadModel: The models have weights of other names or shapes.

    Example:
        >>> base = {"dense.weight": np.zeros((3, 2)), "dense.bias": np.zeros(3)}
        >>> tuned = {"dense.weight": np.outer([1, 2, 3], [1, -1]), "dense.bias": np.ones(3)}
        >>> change = low_rank_change(base, tuned, rank=1)
        >>> {name: values.shape for name, values in change.items()}
        {'dense.weight.left': (3, 1), 'dense.weight.right': (1, 2), 'dense.bias.whole': (3,)}
        >>> bool(np.allclose(with_change(base, change)["dense.weight"], tuned["dense.weight"], atol=0.01))
        True
    """
    change: dict[str, NDArray[np.float16]] = {}
    for name, before in base.items():
        if name.endswith(TABLES) or not np.issubdtype(before.dtype, np.floating):  # such as the numbers of places
            continue
        if name not in tuned or tuned[name].shape != before.shape:
            raise BadModel(f"{name} is not in both models, or of another shape; take two models of one architecture")
        difference = tuned[name].astype(np.float64) - before.astype(np.float64)
        if before.ndim != 2:
            change[name + WHOLE] = difference.astype(np.float16)
            continue
        left, sizes, right = np.linalg.svd(difference, full_matrices=False)
        scale = np.sqrt(sizes[:rank])
        change[name + LEFT] = (left[:, :rank] * scale).astype(np.float16)
        change[name + RIGHT] = (scale[:, None] * right[:rank]).astype(np.float16)
    return change


def with_change(base: Weights, change: Weights) -> dict[str, NDArray[Any]]:
    """Return the weights of a model with a change added, computed in float64 so that processors agree.

    Args:
        base: The weights by name.
        change: What ``low_rank_change`` gave.

    Returns:
        Weights of the same names, shapes and types; those without a change are those of ``base``.

    Raises:
        BadModel: The change is of a model with other weights.
    """
    names = {name.rpartition(".")[0] for name in change}
    if not names <= set(base):
        raise BadModel(f"the change is of a model with {min(names - set(base))}, which this one has not")
    merged = dict(base)
    for name in names:
        if name + WHOLE in change:
            added = change[name + WHOLE].astype(np.float64)
        else:
            added = change[name + LEFT].astype(np.float64) @ change[name + RIGHT].astype(np.float64)
        merged[name] = (base[name].astype(np.float64) + added).astype(base[name].dtype)
    return merged
