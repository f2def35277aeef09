"""What makes a transformer quick on a CPU and leaves its mathematics alone.

Measured with all-MiniLM-L6-v2, batches of 32 pairs, two cores: PyTorch's dropout draws its mask one float at a time
(9 % of a step), its attention with dropout takes a slow path, a tenth of what is multiplied is padding, and each step
returns its memory to the system, which then hands out the same pages zeroed again.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.encoder.cpu.packing import Packing, attend_packed
from siamese_text.process import register_attention, set_plan_caches

ATTENTION = "siamese_text"
PACKED_KINDS = {"bert", "roberta", "xlm-roberta", "electra", "camembert"}  # whose layers pass on what attention is told
LEVELS = 256  # a mask is drawn from bytes, so a share is rounded to the nearest 1/256


class _ByteDropout(torch.autograd.Function):
    """Dropout whose mask is drawn eight elements at a time from PyTorch's own generator."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, share: float) -> Tensor:
        dropped = min(round(share * LEVELS), LEVELS - 1)
        words = torch.empty((values.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), 2**63 - 1)
        keep = words.view(torch.uint8)[: values.numel()].view(values.shape) >= dropped
        ctx.save_for_backward(keep)
        ctx.scale = LEVELS / (LEVELS - dropped)  # of the share that is really kept, so the mean stays exact
        kept: Tensor = torch.ops.aten.native_dropout_backward(values, keep, ctx.scale)
        return kept

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (keep,) = ctx.saved_tensors
        return torch.ops.aten.native_dropout_backward(gradient, keep, ctx.scale), None


def byte_dropout(values: Tensor, share: float) -> Tensor:
    """Drop a share of the values and scale up the rest.

    Args:
        values: Any shape, on the CPU.
        share: In [0, 1), rounded to the nearest 1/256.

    Returns:
        The same shape; each value is 0 or scaled so that its expectation is unchanged.
    """
    if not round(share * LEVELS):
        return values
    dropped: Tensor = _ByteDropout.apply(values, share)  # type: ignore[no-untyped-call]
    return dropped


class ByteDropout(nn.Dropout):
    """``nn.Dropout`` for a CPU, in place of the one of a transformer."""

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, a share of them dropped in training."""
        return byte_dropout(values, self.p) if self.training else values


class _OneDnnProduct(torch.autograd.Function):
    """A linear layer whose three products, of the result and of both gradients, are oneDNN's."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(values, weight)
        return _product(values, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        values, weight = ctx.saved_tensors
        of_values, of_weight, of_bias = ctx.needs_input_grad
        return (
            _product(gradient, weight.t()) if of_values else None,
            _product(gradient.t(), values.t()) if of_weight else None,
            gradient.sum(dim=0) if of_bias else None,
        )


def _product(values: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product: Tensor = torch.ops.mkldnn._linear_pointwise(values, weight, bias, "none", [], "")
    return product


class OneDnnLinear(nn.Linear):
    """``nn.Linear`` of float32 for a CPU with AVX2 or AVX-512, by oneDNN.

    PyTorch multiplies float32 matrices by MKL, which on other makers' processors keeps to AVX2: half the speed of
    AVX-512. With AVX2 alone oneDNN is quicker too, by a sixth for the gradient of the values.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Return values · weightᵀ + bias."""
        if values.dtype != torch.float32 or values.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
            return super().forward(values)
        product: Tensor = _OneDnnProduct.apply(values.flatten(0, -2), self.weight, self.bias)  # type: ignore[no-untyped-call]
        return product.view(*values.shape[:-1], -1)


def attention(
    _module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    packing: Packing | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attend as transformers' own functions do, with ``byte_dropout`` on the weights, within the texts of a packed row.

    Args:
        _module: The attention layer, which has nothing to add.
        query: (B, heads, T, width), or (1, heads, N, width) where packed.
        key: The keys, in the same shape.
        value: The values, in the same shape.
        attention_mask: Added to the scores: 0, or very small for padding; None where nothing is padded.
        dropout: The share of the attention weights to drop, in [0, 1).
        scaling: What scores are multiplied by; by default 1/√width.
        packing: How the texts stand in the row, where they are packed.

    Returns:
        (B, T, heads, width), and None for the weights, which nobody reads.
    """

    def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        if not dropout and not torch.is_grad_enabled():  # the fused kernel, whose gradient is slow
            fused = functional.scaled_dot_product_attention(query, key, value, mask, scale=scaling)
            return fused.transpose(1, 2)
        scores = torch.matmul(query * (scaling or query.shape[-1] ** -0.5), key.transpose(2, 3))  # (B, heads, T, T)
        weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        return torch.matmul(byte_dropout(weights, dropout), value).transpose(1, 2)

    if packing is None:
        return attend(query, key, value, attention_mask), None
    return attend_packed(query, key, value, packing.groups, attend), None


def use_cpu_layers(transformer: Any) -> None:
    """Give a transformer on the CPU the quick layers and, where its kind is known to take them, packed texts."""
    set_plan_caches()
    onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    linear = OneDnnLinear if onednn and torch.backends.cpu.get_cpu_capability().startswith("AVX") else nn.Linear
    _change_kinds(transformer, {nn.Dropout: ByteDropout, nn.Linear: linear})
    if transformer.config.model_type in PACKED_KINDS:
        register_attention(ATTENTION, attention)
        transformer.set_attn_implementation(ATTENTION)


def restore_layers(transformer: Any) -> None:
    """Undo ``use_cpu_layers``."""
    _change_kinds(transformer, {ByteDropout: nn.Dropout, OneDnnLinear: nn.Linear})
    if packs(transformer):
        transformer.set_attn_implementation("sdpa")


@contextmanager
def cpu_layers(transformer: Any) -> Iterator[None]:
    """Train a transformer with quick layers for as long as the context lasts, if it is on the CPU.

    Nobody else may use it meanwhile; to read texts, take a ``reading_copy``.
    """
    on_cpu = next(transformer.parameters()).device.type == "cpu"
    if not on_cpu or any(type(module) in (ByteDropout, OneDnnLinear) for module in transformer.modules()):
        yield
        return
    use_cpu_layers(transformer)
    try:
        yield
    finally:
        restore_layers(transformer)


def reading_copy(transformer: Any) -> Any:
    """Return a second transformer over the very weights of one: without dropout, and on a CPU with the quick layers.

    Only modules and settings are copied, in milliseconds. So texts are read the quick way while the first is left as
    it is, in training or not, and any number of threads may read by the copy at once.

    Args:
        transformer: A Hugging Face encoder; what it learns later the copy knows too.
    """
    shared = {id(tensor): tensor for tensor in weights_of(transformer)}
    reader = copy.deepcopy(transformer, shared).eval()
    if next(reader.parameters()).device.type == "cpu":
        use_cpu_layers(reader)
    return reader


def weights_of(transformer: Any) -> list[Tensor]:
    """Return all parameters and buffers of a transformer."""
    return [*transformer.parameters(), *transformer.buffers()]


def packs(transformer: Any) -> bool:
    """Say whether a transformer reads packed texts."""
    return bool(transformer.config._attn_implementation == ATTENTION)


def _change_kinds(transformer: nn.Module, kinds: Mapping[type[nn.Module], type[nn.Module]]) -> None:
    """Give layers another class that has the same weights and settings."""
    for module in transformer.modules():
        module.__class__ = kinds.get(type(module), type(module))
