"""Which weights learn, and how fast: frozen layers, rates that fall towards the input, LoRA, parameter groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.training.settings import ModelSettings, OptimizerSettings


def layer_stack(transformer: Any, advice: str = "so it has no part that can be chosen") -> nn.ModuleList:
    """Return the list of a transformer's layers.

    Args:
        transformer: Of Hugging Face.
        advice: What to do, or what follows, where there is no such list.

    Raises:
        UsageError: It has no list of as many modules as its configuration has layers.
    """
    count = getattr(transformer.config, "num_hidden_layers", None)
    for module in transformer.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    kind = transformer.config.model_type
    raise UsageError(f"the layers of this model ({kind}) are one for all, or not in a list, {advice}")


def freeze(encoder: TorchEncoder, settings: ModelSettings) -> None:
    """Keep the embeddings, or the embeddings and the first layers, as they are.

    Raises:
        UsageError: More layers are to be frozen than there are.
    """
    encoder.freeze_unused_pooler()
    if not (settings.freeze_embeddings or settings.freeze_layers):
        return
    embeddings = getattr(encoder.transformer, "embeddings", encoder.transformer.get_input_embeddings())
    embeddings.requires_grad_(False)
    if settings.freeze_layers:
        layers = layer_stack(encoder.transformer, "so the first ones cannot be frozen; leave out freeze_layers")
        if settings.freeze_layers > len(layers):
            raise UsageError(f"freeze_layers is {settings.freeze_layers}; the model has {len(layers)} layers")
        for layer in layers[: settings.freeze_layers]:
            layer.requires_grad_(False)


def add_lora(encoder: TorchEncoder, settings: ModelSettings) -> None:
    """Train low-rank additions to the attention's matrices instead of the transformer's weights (Hu et al. 2021).

    Raises:
        UsageError: The extra ``lora`` is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise UsageError("lora_rank needs peft; install it with pip install 'siamese-text[lora]'") from error
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as TARGETS

    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha or 2 * (settings.lora_rank or 0),
        lora_dropout=0.0,
        # those that peft knows the kind's attention by; for a kind that it does not know, every linear layer
        target_modules=TARGETS.get(encoder.transformer.config.model_type, "all-linear"),
    )
    encoder.transformer = get_peft_model(encoder.transformer, config)


def merge_lora(encoder: TorchEncoder) -> None:
    """Add what LoRA has learned to the transformer's own weights, so that the model is saved as any other."""
    encoder.transformer = encoder.transformer.merge_and_unload()


def build_optimizer(encoder: TorchEncoder, loss: nn.Module, settings: OptimizerSettings) -> torch.optim.Optimizer:
    """Return AdamW or SGD over the weights that learn: each layer's matrices, its vectors without decay, the loss's.

    With ``layer_decay`` d, the layer that is k below the top one learns at d^k times the learning rate, and the
    embeddings at one power more (Howard and Ruder 2018).
    """
    depths = _depths(encoder, settings)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, weight in encoder.named_parameters():
        if weight.requires_grad:
            rate = settings.learning_rate * settings.layer_decay ** depths.get(name, 0)
            groups.setdefault((rate, settings.weight_decay if weight.ndim > 1 else 0.0), []).append(weight)
    options: list[dict[str, Any]] = [
        {"params": weights, "lr": rate, "weight_decay": decay} for (rate, decay), weights in groups.items()
    ]
    head = list(loss.parameters())
    if head:
        options.append({"params": head, "lr": settings.head_learning_rate, "weight_decay": settings.weight_decay})
    if not options:
        raise UsageError("every weight is frozen and the loss has none of its own; lower freeze_layers")
    if settings.optim == "sgd":
        return torch.optim.SGD(options, momentum=0.9)
    return torch.optim.AdamW(options, fused=True)


def _depths(encoder: TorchEncoder, settings: OptimizerSettings) -> dict[str, int]:
    """Return for each of the encoder's weights how many layers stand above it."""
    if settings.layer_decay == 1:
        return {}
    layers = layer_stack(encoder.transformer, "so none stands below another; leave out layer_decay")
    place = {id(weight): len(layers) - 1 - i for i, layer in enumerate(layers) for weight in layer.parameters()}
    embeddings = getattr(encoder.transformer, "embeddings", encoder.transformer.get_input_embeddings())
    place |= {id(weight): len(layers) for weight in embeddings.parameters()}
    return {name: place.get(id(weight), 0) for name, weight in encoder.named_parameters()}


def learning_rate_factor(settings: OptimizerSettings, steps: int) -> Callable[[int], float]:
    """Return the factor of the learning rate at a step: a linear rise, then the schedule's fall to 0.

    Example:
        >>> factor = learning_rate_factor(OptimizerSettings(warmup_ratio=0.2), steps=10)
        >>> [factor(step) for step in (0, 1, 2, 6, 10)]
        [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    warmup = round(settings.warmup_ratio * steps)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        done = (step - warmup) / max(steps - warmup, 1)
        if settings.lr_scheduler_type == "constant":
            return 1.0
        return 1 - done if settings.lr_scheduler_type == "linear" else (1 + math.cos(math.pi * done)) / 2

    return factor


def set_dropout(transformer: Any, share: float | None) -> None:
    """Set the share of every dropout of a transformer; None leaves each as it is."""
    if share is not None:
        for module in transformer.modules():
            if isinstance(module, nn.Dropout):
                module.p = share


def largest_dropout(transformer: Any, share: float | None) -> float:
    """Return the largest share that any dropout of a transformer drops once ``set_dropout`` was told a share."""
    if share is not None:
        return share
    return max((module.p for module in transformer.modules() if isinstance(module, nn.Dropout)), default=0.0)
