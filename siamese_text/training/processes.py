"""Several processes as one: who speaks, and embeddings gathered so that their gradient comes back.

A loss sees the rows of all processes, so that in-batch negatives are shared and two processes with B rows each give
the loss and the gradient of one process with 2 B. Every process computes that whole loss; on the way back the gradients
of all processes are added up, and the mean that DistributedDataParallel takes over processes then leaves the gradient
of one loss.
"""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, distributed


def is_main_process() -> bool:
    """Say whether this process is the one that speaks and writes: the first, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def several_processes() -> bool:
    """Say whether this process is one of several that train together."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


class _Gather(torch.autograd.Function):
    """Equal shapes of all processes as one tensor; the gradient of a part is the sum of what all processes find."""

    @staticmethod
    def forward(_: Any, part: Tensor) -> Tensor:
        parts = [torch.empty_like(part) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, part.contiguous())
        return torch.stack(parts)

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous()
        distributed.all_reduce(total)
        return total[distributed.get_rank()]


def gather_rows(rows: Tensor) -> Tensor:
    """Return the rows of all processes, in the order that ``sampling.rank_rows`` dealt them from, with gradient.

    Args:
        rows: (B, ...) of this process; B may differ between processes.

    Returns:
        (sum of all B, ...), the same on every process; alone, ``rows`` itself.
    """
    if not several_processes():
        return rows
    sizes = [torch.zeros(1, dtype=torch.int64, device=rows.device) for _ in range(distributed.get_world_size())]
    distributed.all_gather(sizes, torch.tensor([len(rows)], device=rows.device))
    counts = [int(size) for size in sizes]
    # gloo gathers equal shapes only, and with others returns garbage instead of an error
    padding = rows.new_zeros((max(counts) - len(rows), *rows.shape[1:]))
    gathered = _Gather.apply(torch.cat([rows, padding]))  # type: ignore[no-untyped-call]
    dealt = torch.cat([part[:count] for part, count in zip(gathered, counts, strict=True)])
    places = torch.cat([rank + len(counts) * torch.arange(count) for rank, count in enumerate(counts)])
    return dealt.index_select(0, places.argsort().to(rows.device))


def any_process(flag: bool, device: torch.device) -> bool:
    """Say whether a flag is set on any process, so that all of them act on it together."""
    return bool(largest_of_processes(int(flag), device)) if several_processes() else flag


def largest_of_processes(value: int, device: torch.device) -> int:
    """Return the largest of the values that the processes give."""
    values = torch.tensor([value], device=device)
    distributed.all_reduce(values, op=distributed.ReduceOp.MAX)
    return int(values.item())
