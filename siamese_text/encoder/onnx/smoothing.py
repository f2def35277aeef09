"""Outlier channels moved from what a matrix is multiplied with into the matrix, so that both fit eight bits.

Some channels of a transformer's states are tens of times larger than the others. One scale for all leaves the others
few of the 256 levels. With one factor s_j a channel the product stays the same (SmoothQuant, Xiao et al. 2023):

    x W = (x / s) (s ⊙ W),    s_j = max(1, m_j / q),    m_j = max|x_j|

where q is the 95 % quantile of all m_j. So only outliers move. SmoothQuant's own s_j = m_j^α / max|W_j|^(1 − α) moves
every channel, which makes the matrix harder to round than it makes x easier. With all-MiniLM-L6-v2, on 2,000 STS-B
sentences in batches of 2,048 tokens, the mean cosine to fp32 is .9932 without, .9943 with SmoothQuant's factors at
their best α, and .9975 with these. The maxima are seen on real texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from typing import Any

import numpy as np

from siamese_text.encoder.tokens import PaddedTexts
from siamese_text.records import FloatArray

USUAL = 0.95  # the share of channels that are no outliers
TINY = 1e-6  # where nearly all channels are always 0


def smooth(model: Any, texts: Iterable[PaddedTexts], kept: Container[str] = ()) -> None:
    """Move the outliers of every input of a constant matrix into the matrix, in place.

    Args:
        model: The ``onnx.ModelProto`` of an fp32 graph; it gives the same results as before.
        texts: What the maxima are seen on, without padding.
        kept: Names of the multiplications that stay in fp32 and need it not.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    matrices = {each.name: each for each in graph.initializer}
    readers = defaultdict(list)
    for node in graph.node:
        constant = node.op_type == "MatMul" and node.input[1] in matrices
        if constant and len(matrices[node.input[1]].dims) == 2 and node.name not in kept:
            readers[node.input[0]].append(node)
    largest = _largest_values(model, list(readers), texts)
    for name, nodes in readers.items():
        usual = max(float(np.quantile(largest[name], USUAL)), TINY)
        scale = np.maximum(1, largest[name] / usual).astype(np.float32)  # (D,)
        smoothed, factors = f"{name}_smoothed", f"{name}_smoothing"
        graph.initializer.append(numpy_helper.from_array(1 / scale, factors))
        graph.node.insert(list(graph.node).index(nodes[0]), helper.make_node("Mul", [name, factors], [smoothed]))
        for node in nodes:
            matrix = matrices[node.input[1]]
            matrix.CopyFrom(numpy_helper.from_array(scale[:, None] * numpy_helper.to_array(matrix), matrix.name))
            node.input[0] = smoothed


def _largest_values(model: Any, names: Sequence[str], texts: Iterable[PaddedTexts]) -> dict[str, FloatArray]:
    """Return for each tensor (D,) the largest magnitude of each channel over all tokens of some texts."""
    import onnx
    import onnxruntime

    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    probed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = [each.name for each in session.get_inputs()]
    largest: dict[str, FloatArray] = {}
    for batch in texts if names else ():
        arrays = session.run(list(names), {name: getattr(batch, name) for name in inputs})
        for name, values in zip(names, arrays, strict=True):
            seen = np.abs(values.reshape(-1, values.shape[-1])).max(axis=0)
            largest[name] = np.maximum(largest.get(name, seen), seen)
    return largest
