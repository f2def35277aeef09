"""Where each text of a map lies: three ways from embeddings to a plane."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import UsageError
from siamese_text.evaluation.report.maps import project_pca, project_tsne
from siamese_text.maps.points import SEED
from siamese_text.records import FloatArray

Method = Literal["tsne", "pca", "umap"]
NAMES: dict[Method, str] = {"tsne": "t-SNE", "pca": "PCA", "umap": "UMAP"}
MEANING: dict[Method, str] = {
    "tsne": "Near texts lie near each other; far distances and the sizes of groups mean little.",
    "pca": "The plane in which the embeddings spread most.",
    "umap": "Near texts lie near each other; far distances mean little.",
}


def check_method(method: str) -> None:
    """Refuse a method that there is not, or whose library is not installed.

    Raises:
        UsageError: The message says what to do.
    """
    if method not in get_args(Method):
        raise UsageError(f"method is '{method}'; choose from {', '.join(get_args(Method))}")
    if method == "umap":
        try:
            import umap  # noqa: F401
        except ImportError:
            raise UsageError("umap is not installed; pip install 'siamese-text[umap]', or take tsne or pca") from None


def places_of(vectors: FloatArray, method: Method) -> NDArray[np.float64]:
    """Return the (N, 2) places of (N, D) unit vectors, N ≥ 3, in [0, 1] with one scale for both axes.

    Example:
        >>> places_of(np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), "pca").shape
        (3, 2)
    """
    if np.ptp(vectors, axis=0).max() < 1e-6:  # texts that are all the same have one place
        return np.full((len(vectors), 2), 0.5)
    if method == "pca":
        places = project_pca(vectors)[0]
    elif method == "tsne":
        places = project_tsne(vectors)
    else:
        places = _project_umap(vectors)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled: NDArray[np.float64] = 0.5 + (places - (low + high) / 2) / (high - low).max()
    return scaled


def _project_umap(vectors: FloatArray) -> NDArray[np.float64]:
    """Lay out by UMAP (McInnes et al. 2018), one thread and one seed: two runs give the same."""
    import umap

    neighbours = min(15, len(vectors) - 1)
    model = umap.UMAP(n_neighbors=neighbours, random_state=SEED, n_jobs=1, init="pca")
    places: NDArray[np.float64] = model.fit_transform(vectors).astype(np.float64)
    return places
