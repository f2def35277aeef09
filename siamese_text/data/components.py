"""The connected components of a graph: what is linked to what, directly or over others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def connected_components(left: ArrayLike, right: ArrayLike, nodes: int) -> NDArray[np.int64]:
    """Number the nodes of a graph so that two of them have the same number if a path of links joins them.

    Args:
        left: (E,) int, the node at one end of each link.
        right: (E,) int, the node at the other end.
        nodes: N, how many nodes there are; each is below it.

    Returns:
        (N,) int64, counted from 0 in the order of the first nodes.

    Example:
        >>> connected_components([0, 3], [2, 2], 5).tolist()
        [0, 1, 0, 0, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as components_of

    ends = (np.asarray(left, np.int64), np.asarray(right, np.int64))
    links = coo_array((np.ones(len(ends[0]), np.int32), ends), shape=(nodes, nodes))
    _, numbers = components_of(links, directed=False)
    return np.asarray(numbers, dtype=np.int64)
