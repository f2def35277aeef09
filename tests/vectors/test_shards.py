"""Shards: together they are the one file, whole ones stay through any kill, and the next run does what is missing."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from siamese_text.data.shard_layout import NOTES, marker_path, part_path, whole_parts
from siamese_text.data.tables import open_table
from siamese_text.errors import BadData, BadModel, BadOutput, NothingToDo
from siamese_text.vectors import shard_plan, stream
from siamese_text.vectors.row_encoder import KeyedEncoder
from siamese_text.vectors.rows import chunks
from siamese_text.vectors.shards import TRIES, ShardFolder, ShardWriter, stored_vectors
from siamese_text.vectors.sources import open_source

TEXTS = ["the cat sleeps", "", "the dog runs", "the cat sleeps", "  ", "a bird flies", "snow on the road", "the end"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    for module in (stream, shard_plan):
        monkeypatch.setattr(module, "chunks", lambda source: chunks(source, texts=2))


@pytest.fixture
def lines(write):
    return write("a.txt", "".join(f"{text}\n" for text in TEXTS))


def run(source, output, model, *, shards=2, overwrite=False, dtype="float32", dimensions=None):
    """What the local engine does."""
    folder = ShardFolder(output, overwrite=overwrite)
    with folder.locked():
        plan = folder.begin(open_source(source), model, dtype=dtype, dimensions=dimensions, shards=shards)
        missing = folder.missing(plan)
        if missing:
            writer = ShardWriter(output, model)
            for shard in missing:
                writer.write(shard)
        return folder.finish(plan, None)


# --- what is written -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "dimensions"), [("float32", None), ("int8", 8), ("binary", None)])
def test_the_parts_by_their_names_are_the_one_file(lines, tmp_path, model, dtype, dimensions):
    single = stream.embed(
        open_source(lines), tmp_path / "v.parquet", model, dtype=dtype, dimensions=dimensions, with_text=True
    )
    done = run(lines, tmp_path / "out", model, dtype=dtype, dimensions=dimensions)
    one, several = pq.read_table(tmp_path / "v.parquet"), pq.read_table(tmp_path / "out")
    assert [path.name for path in whole_parts(tmp_path / "out")] == ["part-00000.parquet", "part-00001.parquet"]
    assert several.schema.equals(one.schema)
    assert several.to_pylist() == one.to_pylist()
    assert several["id"].to_pylist() == list(range(len(TEXTS)))
    assert [vector is None for vector in several["vector"].to_pylist()] == [not text.strip() for text in TEXTS]
    assert (done.rows, done.empty, done.shards, done.encoded) == (8, 2, 2, 6)
    assert (done.rows, done.empty, done.clipped) == (single.rows, single.empty, single.clipped)
    facts = [json.loads(pq.read_schema(path).metadata[b"siamese_text"]) for path in whole_parts(tmp_path / "out")]
    known = json.loads((tmp_path / "v.parquet.json").read_text())
    assert {each["scale"] for each in facts} == {known["scale"]}
    assert {each["model_key"] for each in facts} == {known["model_key"]}
    assert json.loads(marker_path(tmp_path / "out", 0).read_text())["empty_rows"] == [1]
    assert json.loads(marker_path(tmp_path / "out", 1).read_text())["empty_rows"] == [4]


def test_passages_of_documents_keep_their_places(write, tmp_path, model):
    write("documents/a.txt", "The river is cold today. The boat is new.\n\nSnow fell on the town.")
    write("documents/b.txt", "Bees dance in the garden.")
    write("documents/c.xyz", "?")
    source = str(tmp_path / "documents")
    stream.embed(open_source(source, words=5), tmp_path / "v.parquet", model, with_text=True)
    folder = ShardFolder(tmp_path / "out")
    with folder.locked():
        plan = folder.begin(open_source(source, words=5), model, dtype="float32", dimensions=None, shards=2)
        for shard in (1, 0):  # in any order
            ShardWriter(tmp_path / "out", model).write(shard)
        done = folder.finish(plan, None)
    assert pq.read_table(tmp_path / "out").to_pylist() == pq.read_table(tmp_path / "v.parquet").to_pylist()
    assert [document.name for document in done.skipped] == ["c.xyz"]


@pytest.mark.parametrize(("asked", "written"), [(1, 1), (4, 4), (5, 5), (8, 8), (100, 8), (None, 1)])
def test_as_many_shards_as_are_asked_for_but_none_without_a_row(lines, tmp_path, model, asked, written):
    assert run(lines, tmp_path / "out", model, shards=asked).shards == written
    assert pq.read_table(tmp_path / "out")["text"].to_pylist() == TEXTS
    assert run(lines, tmp_path / "out", model, shards=asked).encoded == 0  # the same command again is no other


def test_a_source_without_text_leaves_nothing_behind(write, tmp_path, model):
    for name, content in (("blank.txt", "\n  \n"), ("empty.txt", "")):
        with pytest.raises(NothingToDo, match="no text in"):
            run(write(name, content), tmp_path / "out", model)
        assert not (tmp_path / "out").exists()


# --- what kills leave ----------------------------------------------------------------------------------------------


class Stopping:
    """An encoder that dies after some calls, as its process does."""

    def __init__(self, fake, calls):
        self.fake, self.calls = fake, calls

    def encode(self, texts):
        if not self.calls:
            raise MemoryError
        self.calls -= 1
        return self.fake.encode(texts)


def with_encoder(model, encoder):
    return KeyedEncoder(encoder, model.name, model.key, model.embedding_dimension, model.normalize)


@pytest.mark.parametrize("calls", range(4))
def test_a_run_that_dies_anywhere_loses_nothing_that_is_whole(lines, tmp_path, model, fake, calls):
    run(lines, tmp_path / "whole", model, shards=4)
    with pytest.raises(MemoryError):
        run(lines, tmp_path / "out", with_encoder(model, Stopping(fake, calls)), shards=4)
    (tmp_path / "out" / ".part-00003.parquet.0123.parquet").write_bytes(b"half")  # as SIGKILL leaves it
    fake.texts.clear()
    done = run(lines, tmp_path / "out", model, shards=4)
    assert (done.resumed, done.encoded) == (2 * calls, len(fake.texts))
    assert fake.texts == [text for text in TEXTS[2 * calls :] if text.strip()]
    for one, other in zip(whole_parts(tmp_path / "whole"), whole_parts(tmp_path / "out"), strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert {path.name[:4] for path in (tmp_path / "out").iterdir()} == {NOTES[:4], "part"}


def test_a_shard_counts_only_with_its_marker_and_all_of_its_bytes(lines, tmp_path, model, fake):
    out = tmp_path / "out"
    run(lines, out, model, shards=4)
    before = [path.read_bytes() for path in whole_parts(out)]
    part_path(out, 0).write_bytes(before[0][:-1])
    marker_path(out, 1).unlink()
    part_path(out, 2).unlink()
    fake.texts.clear()
    with pytest.raises(BadData, match=r"lacks 3 of its 4 shards, such as part-00000.parquet; run its embed command"):
        open_table(out)
    assert run(lines, out, model, shards=4).resumed == 2
    assert fake.texts == [text for text in TEXTS[:6] if text.strip()]
    assert [path.read_bytes() for path in whole_parts(out)] == before


def test_a_shard_that_ends_every_worker_is_given_up(lines, tmp_path, model):
    folder = ShardFolder(tmp_path / "out")
    with folder.locked():
        folder.begin(open_source(lines), model, dtype="float32", dimensions=None, shards=2)
        for _ in range(TRIES):
            ShardWriter(tmp_path / "out", model).begin_try(1)
        with pytest.raises(BadOutput, match="4 workers died at shard 1"):
            ShardWriter(tmp_path / "out", model).begin_try(1)
    assert run(lines, tmp_path / "out", model).rows == 8  # the next run begins to count anew
    ShardWriter(tmp_path / "out", model).begin_try(1)


# --- what is refused -----------------------------------------------------------------------------------------------


def test_what_was_begun_with_something_else_is_neither_mixed_nor_lost(lines, write, tmp_path, model, fake):
    out, other = tmp_path / "out", KeyedEncoder(fake, "other", "cd" * 32, model.embedding_dimension, True)
    run(lines, out, model)
    before = [path.read_bytes() for path in whole_parts(out)]
    for options, words in (
        ({"model": other}, "another model"),
        ({"dtype": "float16"}, "another settings"),
        ({"shards": 3}, "another number of shards, 2"),
        ({"source": write("b.txt", "else\n")}, "another source"),
    ):
        with pytest.raises(BadOutput, match=f"begun with {words}; go on with that"):
            run(**{"source": lines, "output": out, "model": model} | options)
    assert [path.read_bytes() for path in whole_parts(out)] == before
    with pytest.raises(BadModel, match="other is another model on this machine"):
        ShardWriter(out, other)
    done = run(lines, out, other, shards=3, overwrite=True)
    assert (done.shards, done.resumed, len(whole_parts(out))) == (3, 0, 3)


def test_overwriting_begins_anew_only_what_is_whole(lines, tmp_path, model, fake):
    with pytest.raises(MemoryError):
        run(lines, tmp_path / "out", with_encoder(model, Stopping(fake, 2)), shards=4, overwrite=True)
    assert run(lines, tmp_path / "out", model, shards=4, overwrite=True).resumed == 4
    assert run(lines, tmp_path / "out", model, shards=4, overwrite=True).resumed == 0


def test_what_is_no_folder_of_shards_is_left_alone(write, lines, tmp_path, model):
    write("mine/notes.txt", "mine")
    for name in ("mine", "a.txt"):
        with pytest.raises(BadOutput, match="no folder of shards and will not be replaced"):
            run(lines, tmp_path / name, model, overwrite=True)
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_two_runs_at_once_are_one_too_many(lines, tmp_path, model):
    run(lines, tmp_path / "out", model)
    with (
        FileLock(tmp_path / "out" / NOTES / "lock"),
        pytest.raises(BadOutput, match="being written by another process"),
    ):
        run(lines, tmp_path / "out", model)


def test_a_plan_of_a_newer_version_is_named(lines, tmp_path, model):
    run(lines, tmp_path / "out", model)
    plan = tmp_path / "out" / NOTES / "plan.json"
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"format": 2}))
    with pytest.raises(BadData, match=r"plan.json cannot be used \(its format is 2, and this version reads 1\)"):
        open_table(tmp_path / "out")


# --- how it is read ------------------------------------------------------------------------------------------------


def test_a_folder_is_a_table_of_ids_and_texts(lines, tmp_path, model):
    run(lines, tmp_path / "out", model)
    table = open_table(tmp_path / "out")
    assert (table.columns, table.texts, table.total) == (("id", "text"), ("text",), 8)
    assert list(table.rows(["id", "text"])) == list(enumerate(TEXTS))
    assert table.read == 8


def test_vectors_are_taken_over_by_the_same_encoder_alone(lines, tmp_path, model, fake):
    run(lines, tmp_path / "out", model)
    found = list(stored_vectors(tmp_path / "out", model.key))
    texts = [text for some, _ in found for text in some]
    assert texts == [text for text in TEXTS if text.strip()]
    np.testing.assert_array_equal(np.vstack([vectors for _, vectors in found]), fake.encode(texts))
    assert list(stored_vectors(tmp_path / "out", "cd" * 32)) == []
    run(lines, tmp_path / "halves", model, dtype="float16")
    assert list(stored_vectors(tmp_path / "halves", model.key)) == []
