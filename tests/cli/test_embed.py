"""The command that embeds files: what it prints and writes, its exit codes, and going on after SIGKILL."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import siamese_text
from siamese_text.api import ray_engine
from siamese_text.api.keyed_encoder import vectors_key
from siamese_text.cli.embed import Pace
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.vectors.stream import Status

ROOT = Path(siamese_text.__file__).parent.parent
TEXTS = ["the cat sleeps in the garden", "the dog runs", "snow on the road"]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def embed(command, tiny_sentence_model, tmp_path):
    """Embed a file of the test's folder, which is written if its content is given."""

    def call(source, *options, content=None):
        if content is not None:
            (tmp_path / source).write_text(content, encoding="utf-8")
        return command("embed", source, "--model", tiny_sentence_model, *options)

    return call


@pytest.fixture
def encoder(tiny_sentence_model):
    return TorchEncoder.load(tiny_sentence_model, device="cpu")


def test_a_file_of_lines_becomes_vectors(embed, encoder, cache):
    code, out, lines = embed("a.txt", "-o", "v.npy", "--json", content="\n".join(TEXTS))
    assert code == 0, lines
    np.testing.assert_array_equal(np.load("v.npy"), encoder.encode(TEXTS))
    figures = json.loads(out)
    assert (figures["rows"], figures["encoded"], figures["cached"]) == (3, 3, 0)
    assert Path(figures["cache"]["path"]).is_relative_to(cache)
    assert figures["cache"]["bytes"] >= 3 * 32 * 4
    assert any("3 rows, 32 dimensions, float32" in line for line in lines)
    code, out, _ = embed("a.txt", "-o", "w.npy", "--json")
    assert (json.loads(out)["encoded"], json.loads(out)["cached"]) == (0, 3)
    np.testing.assert_array_equal(np.load("w.npy"), np.load("v.npy"))


def test_int8_says_what_it_costs_when_it_is_exported(embed):
    code, _, first = embed("a.txt", "-o", "v.npy", "--backend", "int8", content="one\n")
    assert code == 0
    for words in ("exported to ONNX (int8)", "int8 beside fp32 on", "set SIAMESE_TEXT_DATA"):
        assert any(words in line for line in first), words
    code, _, second = embed("a.txt", "-o", "w.npy", "--backend", "int8")
    assert (code, [line for line in second if line.startswith("note")]) == (0, [])


def test_without_a_cache_nothing_is_kept(embed, cache):
    code, out, _ = embed("a.txt", "-o", "v.npy", "--no-cache", "--json", content="one\n")
    assert code == 0
    assert json.loads(out)["cache"] is None
    assert not cache.exists()


def test_a_column_of_a_table_becomes_parquet(embed, encoder):
    rows = "".join(json.dumps({"title": "x", "body": text}) + "\n" for text in TEXTS)
    options = ["--column", "body", "--text", "--dimensions", "8", "--dtype", "float16"]
    code, _, lines = embed("a.jsonl", "-o", "v.parquet", *options, content=rows)
    assert code == 0, lines
    table = parquet.read_table("v.parquet")
    assert table["text"].to_pylist() == TEXTS
    kept = encoder.encode(TEXTS)[:, :8]
    unit = kept / np.linalg.norm(kept, axis=1, keepdims=True)
    np.testing.assert_allclose(np.array(table["vector"].to_pylist()), unit, atol=1e-3)


def test_a_folder_names_what_it_skipped(embed, make_documents):
    (make_documents() / "x.xyz").write_text("?")
    code, _, lines = embed("documents", "-o", "v.npy")
    assert code == 3
    assert lines[0].startswith("not embedded: x.xyz: ")
    rows = Path("v.npy.rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(np.load("v.npy")) == len(rows) >= 3


def test_rows_without_text_are_counted(embed):
    code, _, lines = embed("a.txt", "-o", "v.npy", content="one\n\ntwo\n")
    assert code == 3
    assert any("1 of 3 rows have no text" in line for line in lines)


def test_long_texts_are_counted(embed):
    code, _, lines = embed("a.txt", "-o", "v.npy", content="the cat\n" + "cat " * 300)
    assert code == 0
    assert any("1 texts were longer than the model reads and were cut" in line for line in lines)


def test_lines_from_standard_input(embed, encoder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(TEXTS).encode())))
    code, _, lines = embed("-", "-o", "v.npy")
    assert code == 0, lines
    np.testing.assert_array_equal(np.load("v.npy"), encoder.encode(TEXTS))


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        ("", ["-o", "v.npy"], 4, "holds no text"),
        ("one\n", ["-o", "v.bin"], 2, "'.bin'"),
        ("one\n", ["-o", "v.npy", "--dtype", "int4"], 2, "float32, float16, int8, binary"),
        ("one\n", ["-o", "v.npy", "--dtype", "binary", "--dimensions", "9"], 2, "multiple of 8"),
        ("one\n", ["-o", "v.npy", "--dimensions", "33"], 2, "gives 32"),
        ("one\n", ["-o", "v.npy", "--dimensions", "0"], 2, "keep 1 or more"),
        ("one\n", ["-o", "v.npy", "--column", "text"], 2, "no columns"),
        ("one\n", ["-o", "v.npy", "--prompt", "title"], 2, "no prompt 'title'"),
        ("one\n", ["-o", "a.txt/v.npy"], 2, "not a writable folder"),
        ("one\n", ["-o", "v.npy", "--cache", "a.txt"], 2, "--no-cache"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(embed, tmp_path, content, options, code, words):
    found, out, lines = embed("a.txt", *options, content=content)
    assert found == code
    assert out == ""
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert words in lines[0]
    assert not list(tmp_path.glob("v.*"))


def test_a_run_killed_in_mid_file_goes_on(tiny_sentence_model, tmp_path):
    """Kill the command as soon as it has noted some blocks, twice, and let it end."""
    words = "the cat dog runs sleeps in garden town road snow".split()
    rows = ["" if number % 997 == 5 else " ".join(words[number % k] for k in range(2, 10)) for number in range(20_000)]
    (tmp_path / "a.txt").write_text("\n".join(f"{row} {number}" if row else "" for number, row in enumerate(rows)))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def start(output):
        command = [sys.executable, "-m", "siamese_text", "embed", "a.txt", "-o", output, "--no-cache", "--json"]
        command += ["--model", str(tiny_sentence_model), "--dtype", "int8"]
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    note = tmp_path / "v.npy.partial" / "progress.json"
    reached = []
    for _ in range(2):
        before = note.read_text() if note.exists() else None
        run = start("v.npy")
        while run.poll() is None and (not note.exists() or note.read_text() == before):
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        assert run.returncode == -signal.SIGKILL
        reached.append(json.loads(note.read_text())["state"]["rows"])
    assert 0 < reached[0] < reached[1] < len(rows)
    last = start("v.npy")
    out, words_said = last.communicate(timeout=120)
    assert last.returncode == 3, words_said
    assert json.loads(out)["resumed"] == reached[1]
    whole = start("whole.npy")
    whole.communicate(timeout=120)
    assert len(np.load(tmp_path / "v.npy")) == len(rows)
    assert (tmp_path / "v.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


# --- shards --------------------------------------------------------------------------------------------------------


def test_shards_hold_what_one_file_holds(embed, encoder):
    code, out, lines = embed("a.txt", "-o", "shards", "--shards", "2", "--json", content="\n".join(TEXTS))
    assert code == 0, lines
    assert (json.loads(out)["shards"], json.loads(out)["encoded"]) == (2, 3)
    assert "wrote shards: 3 rows in 2 shards, 32 dimensions, float32" in lines
    table = parquet.read_table("shards")
    assert table["text"].to_pylist() == TEXTS
    np.testing.assert_allclose(np.array(table["vector"].to_pylist()), encoder.encode(TEXTS), atol=1e-6)
    Path("shards/part-00001.parquet").unlink()
    code, out, lines = embed("a.txt", "-o", "shards", "--shards", "2", "--json", "--no-cache")
    assert (json.loads(out)["resumed"], json.loads(out)["encoded"]) == (1, 2)
    assert any("went on after 1 rows" in line for line in lines)


def test_index_and_dedupe_take_shards_and_encode_nothing_again(embed, command, encoder, tiny_sentence_model):
    texts = [*TEXTS, "The dog  runs"]
    embed("a.txt", "-o", "shards", "--shards", "2", "--no-cache", content="\n".join(texts))
    code, out, lines = command("index", "shards", "-o", "idx", "--model", tiny_sentence_model, "--json")
    assert code == 0, lines
    assert (json.loads(out)["added"], json.loads(out)["encoded"]) == (4, 0)
    code, out, _ = command("search", "idx", TEXTS[1], "-k", "1", "--mode", "dense", "--json")
    [hit] = json.loads(out)["hits"]
    assert (hit["passage"]["document"], hit["passage"]["text"]) == ("1", TEXTS[1])
    assert hit["metadata"] == {"row": 2}
    code, out, lines = command("dedupe", "shards", "-o", "kept.jsonl", "--by-words", "--json")
    assert (code, json.loads(out)["kept"]) == (0, 3), lines
    Path("shards/_shards/part-00000.json").unlink()
    for arguments in (["index", "shards", "-o", "other"], ["dedupe", "shards", "-o", "other.jsonl"]):
        code, _, lines = command(*arguments, "--model", tiny_sentence_model)
        assert (code, len(lines)) == (2, 1)
        assert "shards lacks 1 of its 2 shards" in lines[0]


def test_shards_of_another_model_are_said_to_be_encoded_anew(embed, command, make_tiny_model):
    embed("a.txt", "-o", "shards", "--shards", "2", content="\n".join(TEXTS))
    code, out, lines = command("index", "shards", "-o", "idx", "--model", make_tiny_model("roberta"), "--json")
    assert (code, json.loads(out)["encoded"]) == (0, 3)
    assert any("shards holds vectors of another model" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-", "-o", "out", "--shards", "2"], "standard input can be read only once"),
        (["a.txt", "-o", "out.parquet", "--shards", "2"], "name a folder, such as out"),
        (["a.txt", "-o", "out", "--shards", "0"], "shards is 0; write 1 or more"),
        (["a.txt", "-o", "out"], "or into a folder with --shards N"),
        (["a.txt", "-o", "out", "--shards", "2", "--workers", "2"], "with --engine ray"),
        (["a.txt", "-o", "out", "--shards", "2", "--dtype", "float64"], "choose from float32"),
        (["a.txt", "-o", "out", "--engine", "ray", "--cache", "c"], "leave cache c out"),
    ],
)
def test_what_shards_cannot_be_written_with_is_one_line(embed, options, words):
    code, _, lines = embed(*options, content=None if options[0] == "-" else "one\n")
    assert (code, len(lines)) == (2, 1)
    assert words in lines[0]
    assert not Path("out").exists()


def test_without_ray_one_line_says_how_to_get_it(embed, monkeypatch):
    monkeypatch.setattr(ray_engine, "find_spec", {}.get)
    code, _, lines = embed("a.txt", "-o", "out", "--engine", "ray", content="one\n")
    assert (code, lines) == (2, ["error: engine ray needs Ray: pip install 'siamese-text[ray]', or leave --engine out"])


def test_the_key_of_vectors_changes_with_what_changes_vectors(tiny_sentence_model, make_tiny_model, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny_sentence_model, copy)
    (copy / "siamese_text.json").write_text("{}")

    def key(model=copy, prompt=None, **options):
        return vectors_key(TorchEncoder.load(model, device="cpu", **options), prompt)

    same = key()
    assert same == key(tiny_sentence_model)
    keys = [same, key(max_seq_length=16), key(normalize=False), key(make_tiny_model("roberta"))]
    (copy / "tokenizer.json").write_text((copy / "tokenizer.json").read_text() + "\n")
    assert len({*keys, key()}) == 5


def test_the_pace_leaves_out_what_an_interrupted_run_had_done():
    pace = Pace()
    assert pace.words(Status(8_000, 4_000, 10_000), now=100) == "8,000 rows"
    assert pace.words(Status(9_000, 5_000, 10_000), now=110) == "9,000 rows, 100 rows/s, 0:50 left"
    assert pace.words(Status(9_000, 5_000, None), now=110) == "9,000 rows, 100 rows/s"
