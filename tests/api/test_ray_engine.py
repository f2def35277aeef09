"""Shards by the workers of a real Ray cluster on this machine; kills are in recipes/bench/ray_embed.py."""

from importlib.util import find_spec

import numpy as np
import pytest
from pyarrow import parquet

from siamese_text.api import embed_file
from siamese_text.errors import UsageError

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'siamese-text[ray]'"),
]
TEXTS = ["the cat sleeps in the garden", "", "the dog runs", "snow on the road", "a bird flies"]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{text}\n" for text in TEXTS))
    return path


@pytest.fixture(scope="module", autouse=True)
def cluster():
    import ray

    ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=80 * 2**20, log_to_driver=False)
    yield
    ray.shutdown()


def test_two_workers_write_what_one_process_writes(source, tmp_path, tiny_sentence_model):
    settings = {"model": tiny_sentence_model, "cache": False, "backend": "torch"}
    embed_file(source, tmp_path / "one.parquet", with_text=True, **settings)
    seen = []
    done = embed_file(source, tmp_path / "out", engine="ray", workers=2, shards=3, progress=seen.append, **settings)
    one, several = parquet.read_table(tmp_path / "one.parquet"), parquet.read_table(tmp_path / "out")
    assert several.schema.equals(one.schema)
    assert several.drop(["vector"]).equals(one.drop(["vector"]))
    filled = [row for row, text in enumerate(TEXTS) if text]
    np.testing.assert_allclose(
        np.array(several["vector"].take(filled).to_pylist()),
        np.array(one["vector"].take(filled).to_pylist()),
        atol=1e-6,
    )
    assert several["vector"][1].as_py() is None
    assert (done.rows, done.shards, done.resumed, seen[-1].rows) == (5, 3, 0, 5)
    (tmp_path / "out" / "part-00001.parquet").unlink()
    again = embed_file(source, tmp_path / "out", engine="ray", shards=3, **settings)
    assert (again.resumed, again.encoded) == (3, 1)  # of two rows one is blank
    assert parquet.read_table(tmp_path / "out").equals(several)


def test_a_worker_that_has_another_model_says_so_in_one_line(source, tmp_path, tiny_sentence_model, monkeypatch):
    from siamese_text.api import ray_engine, sharding
    from siamese_text.api.keyed_encoder import EncoderChoice

    elsewhere = EncoderChoice(tiny_sentence_model / "gone")
    monkeypatch.setattr(
        sharding, "write_on_ray", lambda out, missing, _, *rest: ray_engine.write_on_ray(out, missing, elsewhere, *rest)
    )
    with pytest.raises(UsageError, match="gone"):
        embed_file(source, tmp_path / "out", engine="ray", workers=1, model=tiny_sentence_model)
