"""The record beside a graph: read as it was written, and anything else counts as no graph."""

import json

import pytest

from siamese_text.encoder.model_folder import Layout
from siamese_text.encoder.onnx.graphs import GRAPH_FILE, RECORD_FILE, Graph, find_graph, graph_key, place_for_graph
from siamese_text.errors import BadOutput

KEY = "ab" * 32


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A model folder that is not ours, whose graphs lie in the cache."""
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "model").mkdir()
    return tmp_path / "model"


@pytest.fixture
def graph(model):
    folder = place_for_graph(model, KEY, "fp32")
    folder.mkdir(parents=True)
    (folder / GRAPH_FILE).write_bytes(b"a graph")
    made = Graph(folder, KEY, "fp32", 32, 128, 1, (2, 3), None, {"texts": 4})
    made.write_record()
    return made


def test_a_graph_is_found_as_it_was_written(model, graph):
    assert find_graph(model, KEY, "fp32") == graph
    graph.add_to_check(quality={"stsb": 0.8})
    found = find_graph(model, KEY, "fp32")
    assert found is not None
    assert found.check == {"texts": 4, "quality": {"stsb": 0.8}}


def test_a_graph_of_another_model_or_dtype_is_none(model, graph):
    assert find_graph(model, "cd" * 32, "fp32") is None
    assert find_graph(model, KEY, "int8") is None


@pytest.mark.parametrize("damage", ["cut", "format", "field", "json"])
def test_a_damaged_graph_is_none(model, graph, damage):
    record = json.loads((graph.folder / RECORD_FILE).read_text())
    if damage == "cut":
        (graph.folder / GRAPH_FILE).write_bytes(b"a gr")
    elif damage == "format":
        (graph.folder / RECORD_FILE).write_text(json.dumps(record | {"format": 0}))
    elif damage == "field":
        (graph.folder / RECORD_FILE).write_text(json.dumps(record | {"unheard": 1}))
    else:
        (graph.folder / RECORD_FILE).write_text("{")
    assert find_graph(model, KEY, "fp32") is None


def test_a_folder_of_ours_keeps_its_graphs_and_any_other_has_them_in_the_cache(model):
    assert model not in place_for_graph(model, KEY, "fp32").parents
    (model / "siamese_text.json").write_text("{}")
    assert place_for_graph(model, KEY, "int8") == model / "onnx-int8"


def test_no_place_for_a_graph_is_one_line(model, monkeypatch):
    (model.parent / "file").write_text("in the way")
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(model.parent / "file"))
    with pytest.raises(BadOutput, match="set SIAMESE_TEXT_CACHE") as caught:
        place_for_graph(model, KEY, "fp32")
    assert "\n" not in str(caught.value)


def test_the_key_is_of_what_decides_the_vectors(tiny_model):
    layout = Layout(tiny_model)
    assert graph_key(layout) == graph_key(Layout(tiny_model, similarity_fn_name="dot", default_prompt="query"))
    assert graph_key(layout) != graph_key(Layout(tiny_model, normalize=True))
    assert graph_key(layout) != graph_key(Layout(tiny_model, max_seq_length=8))
