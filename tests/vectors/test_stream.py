"""From a source to a file: rows keep their places, and no kill loses or doubles one."""

import io
import json
import os
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest
from filelock import FileLock
from pyarrow import parquet

from siamese_text.errors import BadOutput, Interrupted, NothingToDo, UsageError
from siamese_text.vectors import stream
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.rows import chunks
from siamese_text.vectors.sources import open_source
from siamese_text.vectors.storage import DTYPES
from tests import forked

TEXTS = ["the cat sleeps", "", "the dog runs", "the cat sleeps", "  ", "a bird flies", "snow on the road"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(stream, "chunks", lambda source: chunks(source, texts=3))


@pytest.fixture
def lines(write):
    return write("a.txt", "".join(f"{text}\n" for text in TEXTS))


def run(source, output, model, **options):
    return stream.embed(open_source(source) if isinstance(source, str) else source, output, model, **options)


def known(path):
    return json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))


# --- what is written -----------------------------------------------------------------------------------------------


def test_row_by_row_the_vectors_are_the_encoders(lines, tmp_path, model, fake):
    done = run(lines, tmp_path / "v.npy", model)
    vectors = np.load(tmp_path / "v.npy")
    assert vectors.dtype == np.float32
    empty = [1, 4]
    assert np.isnan(vectors[empty]).all()
    filled = [row for row in range(len(TEXTS)) if row not in empty]
    np.testing.assert_array_equal(vectors[filled], fake.encode([TEXTS[row] for row in filled]))
    assert (done.rows, done.empty, done.encoded, done.cached, done.resumed) == (7, 2, 5, 0, 0)
    facts = known(tmp_path / "v.npy")
    assert facts["rows"] == 7
    assert facts["empty_rows"] == empty
    assert facts["model"] == "fake"
    assert not (tmp_path / "v.npy.partial").exists()
    assert not (tmp_path / "v.npy.rows.jsonl").exists()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dimensions", [None, 8])
def test_parquet_holds_what_npy_holds(lines, tmp_path, model, dtype, dimensions):
    for name in ("v.npy", "v.parquet"):
        run(lines, tmp_path / name, model, dtype=dtype, dimensions=dimensions, with_text=True)
    vectors, table = np.load(tmp_path / "v.npy"), parquet.read_table(tmp_path / "v.parquet")
    columns = (dimensions or 16) // (8 if dtype == "binary" else 1)
    assert vectors.shape == (7, columns)
    assert vectors.dtype == DTYPES[dtype]
    assert table.column_names == ["id", "text", "vector"]
    assert table["id"].to_pylist() == list(range(7))
    assert table["text"].to_pylist() == TEXTS
    for stored, listed, text in zip(vectors, table["vector"].to_pylist(), TEXTS, strict=True):
        if text.strip():
            assert listed == stored.tolist()
        else:
            assert listed is None
            assert np.isnan(stored).all() if dtype.startswith("float") else not stored.any()
    assert json.loads(table.schema.metadata[b"siamese_text"]) == known(tmp_path / "v.parquet")
    assert (known(tmp_path / "v.npy")["scale"] is not None) == (dtype == "int8")


def test_passages_of_documents_keep_their_places(write, tmp_path, model, fake):
    body = "The river is cold today. The boat is new.\n\nSnow fell on the town."
    write("documents/a.txt", body)
    write("documents/b.xyz", "?")
    source = open_source(str(tmp_path / "documents"), words=5)
    done = run(source, tmp_path / "v.npy", model, with_text=True)
    rows = [json.loads(line) for line in (tmp_path / "v.npy.rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == [body[row["start"] : row["end"]] for row in rows]
    assert rows[0]["id"] == f"a.txt:{rows[0]['start']}-{rows[0]['end']}"
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), fake.encode([row["text"] for row in rows]))
    assert [document.name for document in done.skipped] == ["b.xyz"]
    run(source, tmp_path / "v.parquet", model)
    assert parquet.read_table(tmp_path / "v.parquet")["id"].to_pylist() == [row["id"] for row in rows]


def test_replacing_an_output_leaves_no_file_of_the_old_one(lines, tmp_path, model):
    run(lines, tmp_path / "v.npy", model, with_text=True)
    assert (tmp_path / "v.npy.rows.jsonl").exists()
    run(lines, tmp_path / "v.npy", model, overwrite=True)
    assert not (tmp_path / "v.npy.rows.jsonl").exists()


def test_standard_input_is_embedded(monkeypatch, tmp_path, model, fake):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\nthree\nfour\n")))
    run("-", tmp_path / "v.npy", model)
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), fake.encode(["one", "two", "three", "four"]))


def test_the_status_grows_to_the_whole(lines, tmp_path, model):
    seen = []
    run(lines, tmp_path / "v.npy", model, progress=seen.append)
    assert [status.rows for status in seen] == [0, 3, 6, 7]
    assert seen[-1].read == seen[-1].total


def test_cut_and_unknown_texts_are_counted_once_over_all_blocks(lines, tmp_path, model, fake):
    class Cutting:
        def encode(self, texts):
            model.report.truncated += len(texts)
            model.report.unknown += 1
            return fake.encode(texts)

    done = run(lines, tmp_path / "v.npy", replace(model, encoder=Cutting()))
    assert (done.cut, done.unknown) == (5, 3)
    again = run(lines, tmp_path / "w.npy", replace(model, encoder=Cutting()))  # what was counted before counts no more
    assert (again.cut, again.unknown) == (5, 3)


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("v.txt", {}, r"'.txt'; vectors are written as .npy or .parquet"),
        ("v.npy", {"dtype": "float64"}, "'float64'; choose from float32, float16, int8, binary"),
        ("v.npy", {"dimensions": 17}, "17; fake gives 16"),
        ("v.npy", {"dimensions": 12, "dtype": "binary"}, "keep 8"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(lines, tmp_path, model, fake, name, options, words):
    with pytest.raises(UsageError, match=words):
        run(lines, tmp_path / name, model, **options)
    assert fake.texts == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_output_that_exists_is_kept(lines, tmp_path, model):
    (tmp_path / "v.npy").write_text("mine")
    with pytest.raises(BadOutput, match="exists"):
        run(lines, tmp_path / "v.npy", model)
    assert (tmp_path / "v.npy").read_text() == "mine"


def test_a_failure_before_the_first_block_leaves_nothing(lines, tmp_path, model):
    class Failing:
        def encode(self, texts):
            raise UsageError("no")

    with pytest.raises(UsageError):
        run(lines, tmp_path / "v.npy", replace(model, encoder=Failing()))
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_another_process_at_the_same_output_is_kept_out(lines, tmp_path, model):
    (tmp_path / "v.npy.partial").mkdir()
    with FileLock(tmp_path / "v.npy.partial" / "lock"), pytest.raises(BadOutput, match="another process"):
        run(lines, tmp_path / "v.npy", model)


@pytest.mark.parametrize("content", ["", "\n  \n\n"])
def test_a_source_without_text_is_nothing_to_do(write, tmp_path, model, content):
    with pytest.raises(NothingToDo, match="holds no text"):
        run(write("a.txt", content), tmp_path / "v.npy", model)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


# --- the cache -----------------------------------------------------------------------------------------------------


def test_no_text_is_encoded_twice(lines, write, tmp_path, model, fake):
    with VectorCache(tmp_path / "cache", model.key) as cache:
        first = run(lines, tmp_path / "v.npy", model, cache=cache)
        assert fake.texts == ["the cat sleeps", "the dog runs", "a bird flies", "snow on the road"]
        assert (first.encoded, first.cached) == (4, 1)
        again = run(lines, tmp_path / "w.npy", model, cache=cache, dtype="int8", dimensions=8)
        assert (again.encoded, again.cached) == (0, 5)
        more = run(write("b.txt", "a new text\nthe dog runs\n"), tmp_path / "x.npy", model, cache=cache)
    assert (more.encoded, more.cached) == (1, 1)
    assert fake.texts[4:] == ["a new text"]
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy")[1], np.load(tmp_path / "v.npy")[2])


# --- going on ------------------------------------------------------------------------------------------------------


class Stopping:
    """Encodes as the fake one does, and interrupts the run at one of its calls."""

    def __init__(self, fake, call):
        self.fake = fake
        self.calls_left = call

    def encode(self, texts):
        if self.calls_left == 0:
            raise KeyboardInterrupt
        self.calls_left -= 1
        return self.fake.encode(texts)


def interrupt(lines, output, model, *, call=2, **options):
    with pytest.raises(Interrupted, match="run the same command again") as stopped:
        run(lines, output, replace(model, encoder=Stopping(model.encoder, call)), **options)
    return stopped


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("call", [0, 1, 2])
def test_an_interrupted_run_goes_on(lines, tmp_path, model, fake, dtype, call):
    run(lines, tmp_path / "whole.npy", model, dtype=dtype)
    interrupt(lines, tmp_path / "v.npy", model, call=call, dtype=dtype)
    assert not (tmp_path / "v.npy").exists()
    fake.texts.clear()
    done = run(lines, tmp_path / "v.npy", model, dtype=dtype)
    assert done.resumed == 3 * call
    assert fake.texts == [text for chunk in (TEXTS[:3], TEXTS[3:6], TEXTS[6:])[call:] for text in chunk if text.strip()]
    assert (tmp_path / "v.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    facts, whole = known(tmp_path / "v.npy"), known(tmp_path / "whole.npy")
    assert facts == whole


def test_bytes_beyond_the_last_note_are_cut_off(lines, tmp_path, model):
    run(lines, tmp_path / "whole.npy", model, with_text=True)
    interrupt(lines, tmp_path / "v.npy", model, with_text=True)
    for name in ("vectors.npy", "filled", "rows.jsonl"):
        with (tmp_path / "v.npy.partial" / name).open("ab") as file:
            file.write(b"half a chunk")
    assert run(lines, tmp_path / "v.npy", model, with_text=True).resumed == 6
    for name in ("v.npy", "v.npy.rows.jsonl"):
        assert (tmp_path / name).read_bytes() == (tmp_path / name.replace("v.", "whole.", 1)).read_bytes()


@pytest.mark.parametrize("topic", ["source", "settings", "model"])
def test_a_changed_source_setting_or_model_begins_anew_and_says_so(lines, tmp_path, model, topic):
    interrupt(lines, tmp_path / "v.npy", model)
    dtype = "float32"
    if topic == "source":
        os.utime(lines, ns=(1, 1))
    elif topic == "settings":
        dtype = "float16"
    else:
        model = replace(model, key="cd" * 32)
    with pytest.warns(UserWarning, match=f"changed since the interrupted run: {topic}; beginning anew"):
        done = run(lines, tmp_path / "v.npy", model, dtype=dtype)
    assert done.resumed == 0
    vectors = np.load(tmp_path / "v.npy")
    assert vectors.dtype == dtype
    assert len(vectors) == len(TEXTS)


@pytest.mark.parametrize("damage", ["progress", "short"])
def test_a_damaged_folder_begins_anew_and_says_so(lines, tmp_path, model, damage):
    interrupt(lines, tmp_path / "v.npy", model)
    if damage == "progress":
        (tmp_path / "v.npy.partial" / "progress.json").write_text("{")
    else:
        os.truncate(tmp_path / "v.npy.partial" / "vectors.npy", 10)
    with pytest.warns(UserWarning, match="damaged; beginning anew"):
        assert run(lines, tmp_path / "v.npy", model).resumed == 0
    assert len(np.load(tmp_path / "v.npy")) == len(TEXTS)


def test_interrupted_standard_input_says_what_remains(monkeypatch, tmp_path, model):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\n" * 9)))
    with pytest.raises(Interrupted, match="standard input begins anew"):
        run("-", tmp_path / "v.npy", replace(model, encoder=Stopping(model.encoder, 1)))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"two\n" * 4)))
    with pytest.warns(UserWarning, match="standard input cannot be continued"):
        assert run("-", tmp_path / "v.npy", model).rows == 4


def test_a_source_that_changes_while_it_is_read_is_told(lines, tmp_path, model, fake):
    class Appending:
        def encode(self, texts):
            os.utime(lines, ns=(1, 1))
            return fake.encode(texts)

    with pytest.warns(UserWarning, match="changed while it was read"):
        run(lines, tmp_path / "v.npy", replace(model, encoder=Appending()))


# Kills itself at the n-th of the system calls that make something last, before or after it.
KILLED = """
import os, signal, sys, pathlib
from hashlib import blake2b
import numpy as np
from siamese_text.vectors import stream
from siamese_text.vectors.rows import chunks
from siamese_text.vectors.sources import open_source
from siamese_text.vectors.row_encoder import KeyedEncoder

class Fake:
    def encode(self, texts):
        rows = [list(blake2b(text.encode(), digest_size=16).digest()) for text in texts]
        return np.array(rows, dtype=np.float32) - 127

left = int(sys.argv[3])

def deadly(call):
    def counted(*arguments, **options):
        global left
        for moment in ("before", "after"):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            if moment == "before":
                result = call(*arguments, **options)
        return result
    return counted

os.fsync, pathlib.Path.replace = deadly(os.fsync), deadly(pathlib.Path.replace)
stream.chunks = lambda source: chunks(source, texts=3)
model = KeyedEncoder(Fake(), "fake", "00", 16, False)
stream.embed(open_source(sys.argv[1]), pathlib.Path(sys.argv[2]), model, dtype="int8", with_text=True)
"""


@pytest.mark.parametrize("ending", ["npy", "parquet"])
def test_a_kill_at_any_step_loses_and_doubles_nothing(lines, tmp_path, ending):
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    whole = tmp_path / f"whole.{ending}"
    assert forked.run(script, lines, whole, -1) == 0
    kills = 0
    for kill_at in (0, 3, 8, 9, 10, 17, 26, 29, 31, 33, 35, 37, 39):
        output = tmp_path / f"v{kill_at}.{ending}"
        if forked.run(script, lines, output, kill_at) == -signal.SIGKILL and not output.exists():
            kills += 1
            assert forked.run(script, lines, output, -1) == 0
        assert output.read_bytes() == whole.read_bytes()
        assert known(output) == known(whole)
    assert kills >= 9
