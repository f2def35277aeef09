"""Token embeddings to one embedding a text: the pooling modes, under the names that sentence-transformers saves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from siamese_text.errors import UsageError

SMALLEST_COUNT = 1e-9  # keeps a text of no tokens from dividing by zero


def mean(tokens: Tensor, mask: Tensor) -> Tensor:
    """Average the embeddings of real tokens."""
    return _sum(tokens, mask) / _count(mask)


def mean_sqrt_len(tokens: Tensor, mask: Tensor) -> Tensor:
    """Sum the embeddings of real tokens and divide by the square root of their number."""
    return _sum(tokens, mask) / _count(mask).sqrt()


def weighted_mean(tokens: Tensor, mask: Tensor) -> Tensor:
    """Average with the weight 1, 2, 3 … by position, so that later tokens of a causal model count more."""
    position = torch.arange(1, tokens.shape[1] + 1, device=tokens.device, dtype=tokens.dtype)
    return mean(tokens, mask * position)


def maximum(tokens: Tensor, mask: Tensor) -> Tensor:
    """Take the largest value of each dimension over the real tokens."""
    return tokens.masked_fill(mask.unsqueeze(-1) == 0, float("-inf")).amax(dim=1)


def cls(tokens: Tensor, mask: Tensor) -> Tensor:
    """Take the first real token."""
    return _gather(tokens, mask.argmax(dim=1))


def last_token(tokens: Tensor, mask: Tensor) -> Tensor:
    """Take the last real token; zeros for a text of no tokens."""
    last = _gather(tokens, mask.shape[1] - 1 - mask.flip(1).argmax(dim=1))
    return last.masked_fill(mask.sum(dim=1, keepdim=True) == 0, 0)


POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": mean,
    "cls": cls,
    "max": maximum,
    "mean_sqrt_len_tokens": mean_sqrt_len,
    "weightedmean": weighted_mean,
    "lasttoken": last_token,
}


def pool(tokens: Tensor, mask: Tensor, modes: Sequence[str]) -> Tensor:
    """Pool token embeddings by one mode, or by several whose results are concatenated.

    Args:
        tokens: (B, T, D) token embeddings, padded on the right.
        mask: (B, T), 1 for a token that counts and 0 for padding or an excluded prompt.
        modes: Names out of ``POOLINGS``.

    Returns:
        (B, D · number of modes) in the dtype of ``tokens``.

    Example:
        >>> tokens = torch.tensor([[[1.0, 4.0], [3.0, 2.0], [9.0, 9.0]]])
        >>> pool(tokens, torch.tensor([[1, 1, 0]]), ["mean", "max"])
        tensor([[2., 3., 3., 4.]])
    """
    return torch.cat([POOLINGS[mode](tokens, mask) for mode in modes], dim=-1)


def check_modes(modes: Sequence[str]) -> tuple[str, ...]:
    """Return the modes as a tuple after checking their names.

    Raises:
        UsageError: There is none, or one is unknown.
    """
    unknown = [mode for mode in modes if mode not in POOLINGS]
    if unknown or not modes:
        seen = f"'{unknown[0]}'" if unknown else "no pooling at all"
        raise UsageError(f"pooling is {seen}; choose from {', '.join(POOLINGS)}")
    return tuple(modes)


def _sum(tokens: Tensor, mask: Tensor) -> Tensor:
    return (tokens * mask.unsqueeze(-1).to(tokens.dtype)).sum(dim=1)


def _count(mask: Tensor) -> Tensor:
    return mask.sum(dim=1, keepdim=True).clamp(min=SMALLEST_COUNT)


def _gather(tokens: Tensor, position: Tensor) -> Tensor:
    return tokens.gather(1, position[:, None, None].expand(-1, 1, tokens.shape[2])).squeeze(1)  # an export keeps B open
