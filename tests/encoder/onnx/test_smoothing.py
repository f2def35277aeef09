"""Outliers move from states into matrices: the graph's results stay, and its states become even."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from siamese_text.encoder.onnx.smoothing import USUAL, smooth
from siamese_text.encoder.tokens import PaddedTexts

VOCABULARY, WIDTH, OUT = 30, 20, 6


@pytest.fixture
def model():
    """Token ids to rows of a table with two outlier channels, times a matrix."""
    chance = np.random.default_rng(0)
    table = chance.standard_normal((VOCABULARY, WIDTH)).astype(np.float32)
    table[:, 3] *= 50
    matrix = chance.standard_normal((WIDTH, OUT)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["states"]),
        helper.make_node("MatMul", ["states", "matrix"], ["product"], name="multiply"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, ["batch", "length", OUT])],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(matrix, "matrix")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    return made


def texts():
    ids = np.arange(VOCABULARY, dtype=np.int64)[None]
    return [PaddedTexts(ids, np.ones_like(ids), np.ones_like(ids))]


def run(model, name="product"):
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    probed.graph.output.append(onnx.ValueInfoProto(name=name))
    session = onnxruntime.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([name], {"input_ids": texts()[0].input_ids})[0]


def test_the_results_stay_and_no_channel_stands_out(model):
    before, states = run(model), run(model, "states")
    smooth(model, texts())
    onnx.checker.check_model(model)
    np.testing.assert_allclose(run(model), before, rtol=1e-4, atol=1e-4)
    largest = np.abs(states).max(axis=(0, 1))
    smoothed = np.abs(run(model, "states_smoothed")).max(axis=(0, 1))
    usual = np.quantile(largest, USUAL)
    np.testing.assert_allclose(smoothed, np.minimum(largest, usual), rtol=1e-5)


def test_products_that_stay_in_fp32_are_left_alone(model):
    before = model.SerializeToString()
    smooth(model, texts(), kept=["multiply"])
    assert model.SerializeToString() == before
