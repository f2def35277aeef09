"""Smoothing changes no result and makes int8 closer; figures of the comparison are right."""

import io

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from safetensors.torch import load_file, save_file

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.model_folder import read_layout
from siamese_text.encoder.onnx import int8
from siamese_text.encoder.onnx.graphs import Graph
from siamese_text.encoder.onnx.int8 import compare, quantise, sensitive
from siamese_text.encoder.onnx.onnx_encoder import OnnxEncoder
from siamese_text.encoder.onnx.samples import sample_texts
from siamese_text.encoder.onnx.smoothing import smooth
from siamese_text.encoder.tokens import PaddedTexts
from siamese_text.encoder.torch_encoder import TorchEncoder

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32")


@pytest.fixture(scope="module")
def with_outliers(tiny_sentence_model, tmp_path_factory):
    """The fp32 graph and layout of a model one of whose channels is fifty times larger than the others."""
    folder = tmp_path_factory.mktemp("models") / "outliers"
    TorchEncoder.load(tiny_sentence_model, device="cpu").save(folder)
    weights = load_file(folder / "model.safetensors")
    for name, weight in weights.items():
        if name.endswith("LayerNorm.weight"):
            weight[3] *= 50
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return load_encoder(folder, backend="onnx").graph, read_layout(folder)


def graph_of_one_product(values):
    """A graph that looks up rows of a table and multiplies them with a matrix."""
    table, matrix = values
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["x"]),
        helper.make_node("MatMul", ["x", "matrix"], ["y"]),
    ]
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [None, None])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None, None])
    weights = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(matrix, "matrix")]
    graph = helper.make_graph(nodes, "product", [ids], [out], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def test_only_channels_beyond_the_quantile_move():
    table = np.float32([[1, -2, 3, 0], [0, 1, -40, 2]])
    matrix = np.float32([[1, 2], [3, 4], [5, 6], [7, 8]])
    model = graph_of_one_product((table, matrix))
    ids = np.array([[0, 1]])
    smooth(model, [PaddedTexts(ids, np.ones_like(ids), np.ones_like(ids))])
    stored = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    usual = 2 + 0.85 * (40 - 2)  # the 95 % quantile of the largest values 1, 2, 2, 40: 0.85 of the way to the last
    np.testing.assert_allclose(stored["x_smoothing"], [1, 1, usual / 40, 1], rtol=1e-6)
    np.testing.assert_allclose(stored["matrix"], matrix * [[1], [1], [40 / usual], [1]], rtol=1e-6)
    onnx.checker.check_model(model)


def test_smoothing_changes_no_result(with_outliers, tmp_path):
    exact, layout = with_outliers
    encoder = OnnxEncoder(exact, layout)
    model = onnx.load(exact.file)
    smooth(model, int8._one_by_one(encoder))
    assert any(each.name.endswith("_smoothing") for each in model.graph.initializer)
    onnx.save(model, tmp_path / "model.onnx")
    (tmp_path / "tokenizer.json").write_bytes(exact.tokenizer_file.read_bytes())
    smoothed = OnnxEncoder(Graph(tmp_path, *(getattr(exact, name) for name in Graph.__slots__[1:])), layout)
    np.testing.assert_allclose(smoothed.encode(sample_texts()), encoder.encode(sample_texts()), rtol=0, atol=1e-5)


def test_smoothing_brings_int8_nearer_to_fp32():
    chance = np.random.default_rng(0)
    table, matrix = (np.float32(chance.standard_normal(shape)) for shape in ((100, 64), (64, 32)))
    table[:, 3] *= 50
    matrix[3] /= 50
    ids = np.arange(100)[None]
    errors = []
    for smoothed in (False, True):
        model = graph_of_one_product((table, matrix))
        if smoothed:
            smooth(model, [PaddedTexts(ids, np.ones_like(ids), np.ones_like(ids))])
        add_pre_process_metadata(model)
        quantised = io.BytesIO()
        quantize_dynamic(model, quantised, op_types_to_quantize=["MatMul"], per_channel=True)
        session = onnxruntime.InferenceSession(quantised.getvalue(), providers=["CPUExecutionProvider"])
        errors.append(np.abs(session.run(None, {"input_ids": ids})[0][0] - table @ matrix).mean())
    assert errors[1] < errors[0] / 3


def test_what_is_kept_stays_in_fp32(with_outliers, tmp_path):
    exact, layout = with_outliers
    every = [node.name for node in onnx.load(exact.file).graph.node if node.op_type == "MatMul"]
    graph = quantise(exact, layout, tmp_path, kept=every)
    assert graph.check["kept"] == every
    assert graph.check["cosine_p1"] > 0.99999
    written = onnx.load(graph.file).graph
    assert not any(node.op_type == "MatMulInteger" for node in written.node)
    assert not any(each.name.endswith("_smoothing") for each in written.initializer)  # which fp32 has no use for


def test_int8_reads_no_padding(with_outliers, tmp_path, monkeypatch):
    exact, layout = with_outliers
    encoder = OnnxEncoder(quantise(exact, layout, tmp_path), layout)
    seen = []
    embed = encoder.embed
    monkeypatch.setattr(encoder, "embed", lambda batch: (seen.append(batch), embed(batch))[1])
    encoder.encode(["the cat", "a dog runs", "the dog", "a", "it rained"])
    assert len(seen) > 1
    assert all(batch.attention_mask.all() for batch in seen)


def test_figures_of_the_comparison_by_hand():
    exact = np.float32([[1, 0], [0.8, 0.6], [0, 1]])  # nearest: 1, 0 (0.8 beats 0.6), 1
    moved = np.float32([[1, 0], [0.6, 0.8], [0, 1]])  # nearest: 1, 2, 1
    found = compare(exact, 3 * moved)
    assert found["cosine_mean"] == pytest.approx((1 + 0.96 + 1) / 3, abs=1e-6)
    assert found["cosine_p1"] == pytest.approx(0.96 + 0.02 * 0.04, abs=1e-5)
    assert found["neighbours"] == pytest.approx(2 / 3, abs=1e-6)


@pytest.mark.weights
def test_int8_of_the_default_model_is_near_fp32():
    check = load_encoder(backend="int8").graph.check
    assert check["cosine_mean"] > 0.995
    assert check["cosine_p1"] > 0.99
    assert check["neighbours"] > 0.9


def test_the_first_half_of_the_narrowing_products_is_kept_by_default():
    shapes = {"wide": (4, 8), "narrow": (8, 4), "square": (4, 4)}
    weights = [numpy_helper.from_array(np.ones(shape, dtype=np.float32), name) for name, shape in shapes.items()]
    nodes = []
    for layer in range(6):
        for kind in ("square", "wide", "narrow"):
            nodes.append(
                helper.make_node("MatMul", [f"x{len(nodes)}", kind], [f"x{len(nodes) + 1}"], f"{layer}/{kind}")
            )
    nodes.append(helper.make_node("MatMul", ["x1", "x2"], ["scores"], "attention"))
    graph = helper.make_graph(nodes, "six layers", [], [], weights)
    assert sensitive(helper.make_model(graph)) == ["0/narrow", "1/narrow", "2/narrow"]
