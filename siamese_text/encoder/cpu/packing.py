"""Texts of a batch laid one after the other without padding, and the attention that keeps them apart.

Every layer but attention treats each token alone, so it may read them in one row. Attention reads them in groups of
texts of similar length, each padded to its longest:

    (B, T) padded ids -> (1, N) ids of N real tokens -> transformer -> (1, N, D) -> (B, T, D) for pooling
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

SHORTEST = 0.8  # of a group's longest text: a shorter one begins a new group
ABSENT = torch.finfo(torch.float32).min  # added to the score of a token that is padding


@dataclass(frozen=True, slots=True)
class Group:
    """Some texts of similar length, as attention reads them: B texts padded to T tokens.

    Attributes:
        size: How many packed tokens are theirs; they stand together.
        shape: B and T.
        places: (B · T,) int64, which of the group's tokens stands in each place, any one where it is padding; None
            where nothing is padded.
        kept: (tokens,) int64, in which place each token stands; None likewise.
        mask: (B, 1, 1, T) added to the scores; None likewise.
    """

    size: int
    shape: tuple[int, int]
    places: Tensor | None = None
    kept: Tensor | None = None
    mask: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Packing:
    """Where the tokens of a padded batch stand when they are packed.

    Attributes:
        order: (N,) int64, the place in the flattened (B, T) batch of each packed token: long texts first.
        positions: (1, N) int64, each token's place in its text.
        unpacked: (B, T) int64, which packed token stands in each place of the batch, any one where it is padding.
        groups: As attention reads them.
    """

    order: Tensor
    positions: Tensor
    unpacked: Tensor
    groups: tuple[Group, ...]


def pack(attention_mask: Tensor) -> Packing:
    """Plan how a padded batch is packed.

    Args:
        attention_mask: (B, T) int64, 1 for a real token, padded on the right.

    Example:
        >>> packing = pack(torch.tensor([[1, 0, 0], [1, 1, 1]]))
        >>> packing.order.tolist(), packing.positions.tolist(), [group.shape for group in packing.groups]
        ([3, 4, 5, 0], [[0, 1, 2, 0]], [(1, 3), (1, 1)])
    """
    lengths = attention_mask.sum(dim=1).numpy()
    texts = np.argsort(-lengths, kind="stable")
    ordered = lengths[texts]
    starts = np.cumsum(ordered) - ordered
    positions = np.arange(int(lengths.sum())) - np.repeat(starts, ordered)
    order = np.repeat(texts * attention_mask.shape[1], ordered) + positions
    unpacked = np.zeros(attention_mask.numel(), dtype=np.int64)
    unpacked[order] = np.arange(len(order))
    return Packing(
        torch.from_numpy(order),
        torch.from_numpy(positions)[None],
        torch.from_numpy(unpacked).view(attention_mask.shape),
        tuple(_groups(ordered.tolist())),
    )


def _groups(lengths: Sequence[int]) -> Iterator[Group]:
    """Cut texts, longest first, where one is much shorter than the first of its group."""
    first = 0
    for place in range(1, len(lengths) + 1):
        if place < len(lengths) and lengths[place] >= SHORTEST * lengths[first]:
            continue
        yield _group(np.array(lengths[first:place]))
        first = place


def _group(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> Group:
    width = int(lengths[0])
    size = int(lengths.sum())
    shape = (len(lengths), width)
    real = np.arange(width) < lengths[:, None]  # (B, T)
    if real.all():
        return Group(size, shape)
    kept = np.flatnonzero(real)
    places = np.zeros(real.size, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    mask = torch.zeros(shape).masked_fill_(torch.from_numpy(~real), ABSENT)
    return Group(size, shape, torch.from_numpy(places), torch.from_numpy(kept), mask[:, None, None, :])


class _Pad(torch.autograd.Function):
    """Rows to padded places; what stands in padding is some row, which attention gives no weight."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, places: Tensor, kept: Tensor) -> Tensor:
        ctx.save_for_backward(kept)
        return rows.index_select(0, places)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (kept,) = ctx.saved_tensors
        return gradient.index_select(0, kept), None, None  # to gather is much quicker than to scatter and add


class _Unpad(torch.autograd.Function):
    """Padded places to rows; the gradient of padding is 0."""

    @staticmethod
    def forward(ctx: Any, padded: Tensor, kept: Tensor) -> Tensor:
        ctx.save_for_backward(kept)
        ctx.places = len(padded)
        return padded.index_select(0, kept)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        padded = gradient.new_zeros(ctx.places, gradient.shape[1])
        padded[kept] = gradient
        return padded, None


def unpack(packed: Tensor, packing: Packing) -> Tensor:
    """Return (N, D) packed rows as (B, T, D); what stands in padding is finite and means nothing."""
    padded: Tensor = _Pad.apply(packed, packing.unpacked.ravel(), packing.order)  # type: ignore[no-untyped-call]
    return padded.view(*packing.unpacked.shape, -1)


def attend_packed(
    query: Tensor, key: Tensor, value: Tensor, groups: Sequence[Group], attend: Callable[..., Tensor]
) -> Tensor:
    """Attend within each text of a packed row.

    Args:
        query: (1, heads, N, width).
        key: The keys, in the same shape.
        value: The values, in the same shape.
        groups: Which tokens belong to which text.
        attend: Takes (B, heads, T, width) three times and a mask, and gives (B, T, heads, width).

    Returns:
        (1, N, heads, width).
    """
    _, heads, _, width = query.shape
    # A row for each token, so that the tokens of a group are a slice.
    columns = [each.transpose(1, 2).squeeze(0).flatten(1) for each in (query, key, value)]  # (N, heads · width)
    sizes = [group.size for group in groups]
    # Cut all at once: the gradient of a slice is as large as what it was cut from, and mostly zeros.
    cuts = zip(*(torch.split(each, sizes) for each in columns), strict=True)
    parts = []
    for group, rows in zip(groups, cuts, strict=True):  # three times (n, heads · width)
        # Shorter texts of the group get copies of some token in padding, to which the mask gives no weight.
        if group.places is not None:
            rows = tuple(_Pad.apply(each, group.places, group.kept) for each in rows)  # type: ignore[no-untyped-call]
        padded = [each.view(*group.shape, heads, width).transpose(1, 2) for each in rows]
        # Beside float64 PyTorch's fused attention reads a mask of float32 as if it were of float64 too.
        mask = group.mask if group.mask is None else group.mask.to(torch.promote_types(group.mask.dtype, query.dtype))
        attended = attend(*padded, mask).flatten(2).flatten(0, 1)  # (B · T, heads · width)
        if group.kept is not None:  # what was attended from padding is left out again
            attended = _Unpad.apply(attended, group.kept)  # type: ignore[no-untyped-call]
        parts.append(attended)
    return torch.cat(parts).view(1, -1, heads, width)
