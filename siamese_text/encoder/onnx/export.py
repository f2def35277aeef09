"""From an encoder in PyTorch to one ONNX graph, from token ids to the vector, checked against PyTorch.

It is traced with PyTorch's TorchScript exporter: with all-MiniLM-L6-v2 that takes 2 s where the newer one takes 11 s
and gives a graph that runs no faster.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.onnx.graphs import GRAPH_FILE, TOKENIZER_FILE, Graph
from siamese_text.encoder.onnx.onnx_encoder import EMBEDDING, INPUTS, TOKENS, WORDS, OnnxEncoder
from siamese_text.encoder.onnx.samples import texts_of_many_lengths
from siamese_text.encoder.tokens import TokenBatch
from siamese_text.encoder.torch_encoder import TorchEncoder, middle
from siamese_text.errors import BadModel
from siamese_text.records import EncodeReport, FloatArray

OPSET = 17  # the first with LayerNormalization
LARGEST_ERROR = 1e-4  # of any number of a vector, for vectors of unit length or shorter
SHORT_TEXTS = 64  # that a graph is checked on, beside longer ones
PROMPTED = 8  # texts that are read with each prompt
USE_TORCH = "use --backend torch"


class _Traced(nn.Module):
    """The part of an encoder that becomes the graph."""

    def __init__(self, encoder: TorchEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, attention_mask: Tensor, pooling_mask: Tensor | None = None) -> tuple[Tensor, ...]:
        tokens = TokenBatch(ids, attention_mask, attention_mask if pooling_mask is None else pooling_mask)
        output = self.encoder.transformer(input_ids=ids, attention_mask=attention_mask, output_hidden_states=True)
        states = output.last_hidden_state  # (B, T, D)
        return self.encoder.pooled(states, tokens), states, middle(output.hidden_states)


def export_graph(encoder: TorchEncoder, folder: Path, key: str) -> Graph:
    """Write the graph of an encoder, with its tokenizer and record, and check it.

    Args:
        encoder: On the CPU, and not used for anything else: it is switched to the attention that exports best.
        folder: An existing folder.
        key: What the graph belongs to.

    Returns:
        The graph; its ``check`` holds the largest difference from PyTorch.

    Raises:
        BadModel: The model cannot be exported, or the graph gives other vectors than PyTorch.
    """
    if not encoder.tokenizer.knows_places:
        raise BadModel(f"the tokenizer {type(encoder.tokenizer.tokenizer).__name__} has no tokenizer.json; {USE_TORCH}")
    encoder.tokenizer.save(folder / TOKENIZER_FILE)
    try:
        _trace(encoder, folder / GRAPH_FILE)
    except Exception as error:  # whatever a transformer's own code, the tracer or ONNX does not like
        reason = " ".join(str(error).split())[:200]
        raise BadModel(f"the model cannot be exported ({reason}); {USE_TORCH}") from error
    graph = Graph(
        folder,
        key,
        "fp32",
        encoder.layout.hidden_size,
        encoder.tokenizer.max_length,
        encoder.tokenizer.padding_id,
        tuple(sorted(encoder.tokenizer.closing_ids)),
        encoder.tokenizer.unknown_id,
    )
    checked = replace(graph, check=_check(encoder, OnnxEncoder(graph, encoder.layout)))
    checked.write_record()
    return checked


def _trace(encoder: TorchEncoder, file: Path) -> None:
    encoder.transformer.set_attn_implementation("eager")
    names = list(INPUTS[:2] if encoder.layout.include_prompt else INPUTS)
    batch = encoder.tokenizer.pad(encoder.tokenizer(texts_of_many_lengths(2, max_length=0)[1:]).ids)
    inputs = tuple(getattr(batch, name) for name in names)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # what the tracer warns of would show in the check
        torch.onnx.export(
            _Traced(encoder).eval(),
            inputs,
            str(file),
            dynamo=False,
            opset_version=OPSET,
            input_names=names,
            output_names=[EMBEDDING, TOKENS, WORDS],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in (*names, TOKENS, WORDS)}
            | {EMBEDDING: {0: "batch"}},
        )


def _check(encoder: TorchEncoder, ours: OnnxEncoder) -> dict[str, Any]:
    """Return the figures of the comparison of both, on texts of many lengths."""
    texts = texts_of_many_lengths(SHORT_TEXTS, encoder.tokenizer.max_length)
    if encoder.tokenizer(texts).ids != ours.tokenizer(texts).ids:
        raise BadModel(f"the exported tokenizer gives other tokens than Hugging Face's; {USE_TORCH}")
    both = [_outputs(each, texts) for each in (encoder, ours)]
    error = max(float(np.abs(theirs - mine).max()) / _unit(theirs) for theirs, mine in zip(*both, strict=True))
    if not error <= LARGEST_ERROR:  # NaN is not
        raise BadModel(
            f"the exported graph differs from PyTorch by {error:.1e} (allowed: {LARGEST_ERROR}); {USE_TORCH}"
        )
    return {"texts": len(texts), "max_abs_error": error, "torch": torch.__version__}


def _outputs(encoder: TextEncoder, texts: Sequence[str]) -> list[FloatArray]:
    """Return all that an encoder gives for some texts: vectors, those with each prompt, tokens, and states of words."""
    report = EncodeReport()  # in place of warnings: the longest texts are meant to be cut
    vectors, tokens = encoder.encode_tokens(texts, lambda tokens: tokens, report=report)
    prompted = [encoder.encode(texts[:PROMPTED], prompt_name=name, report=report) for name in encoder.layout.prompts]
    states = encoder.word_states(encoder.tokenizer.padded(encoder.tokenizer(texts[1:2]).ids))
    return [vectors, *prompted, np.concatenate(tokens), states]


def _unit(values: FloatArray) -> float:
    """Return what an error is measured in: 1, or the largest value where values are larger than 1."""
    return max(1.0, float(np.abs(values).max()))
