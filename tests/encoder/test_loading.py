"""Which backend a name becomes: the quickest exact one at hand, or the one that was asked for, or one line."""

from types import SimpleNamespace

import pytest

from siamese_text.encoder import loading
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.onnx.onnx_encoder import OnnxEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported")


def test_auto_takes_the_quickest_exact_backend_that_is_at_hand(tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loading, "has_gpu", lambda: False)
    assert isinstance(load_encoder(tiny_sentence_model), TorchEncoder)  # torch is loaded already
    with monkeypatch.context() as fresh:
        fresh.setattr(loading, "sys", SimpleNamespace(modules={}))
        assert isinstance(load_encoder(tiny_sentence_model), OnnxEncoder)
    assert isinstance(load_encoder(tiny_sentence_model), OnnxEncoder)  # now there is a graph
    monkeypatch.setattr(loading, "has_gpu", lambda: True)
    assert isinstance(load_encoder(tiny_sentence_model), TorchEncoder)
    assert isinstance(load_encoder(tiny_sentence_model, device="cpu"), OnnxEncoder)


def test_auto_falls_back_on_pytorch_where_nothing_can_be_exported(tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "sys", SimpleNamespace(modules={}))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="PyTorch is used instead"):
        assert isinstance(load_encoder(tiny_sentence_model), TorchEncoder)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({"backend": "openvino"}, "'openvino'; choose from auto, torch, onnx, int8"),
        ({"backend": "onnx", "device": "cuda"}, "not on cuda"),
    ],
)
def test_a_backend_that_does_not_exist_or_fit_is_refused(tiny_sentence_model, options, seen):
    with pytest.raises(UsageError, match=seen):
        load_encoder(tiny_sentence_model, **options)
