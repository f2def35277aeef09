"""An index that lives: what is added, changed or gone, what is encoded for it, and what a kill leaves."""

import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from siamese_text.errors import BadData, BadOutput, NothingToDo, UsageError
from siamese_text.records import Document
from siamese_text.search import PassageIndex
from tests.search.indexes import (
    DOCUMENTS,
    HARBOUR,
    KITCHEN,
    ORCHARD,
    BagOfWords,
    build,
    contents,
    given,
    refresh,
    search,
    texts,
)


def test_what_is_as_before_is_neither_read_nor_encoded(tmp_path):
    index = build(output=tmp_path / "index")
    encoder = BagOfWords()
    changes = refresh(index, DOCUMENTS, encoder)
    assert str(changes) == "0 added, 0 changed, 0 removed, 3 unchanged"
    assert (changes.passages, encoder.seen) == (6, [])


def test_of_a_changed_document_only_new_passages_are_encoded(tmp_path):
    index = build(output=tmp_path / "index")
    encoder = BagOfWords()
    new = [Document("harbour.txt", HARBOUR.replace("bicycles", "horses")), DOCUMENTS[2], Document("new.txt", "Rain.")]
    assert str(refresh(index, new, encoder)) == "1 added, 1 changed, 1 removed, 1 unchanged"
    assert encoder.seen == ["It carries horses for free.", "Rain."]
    assert contents(index) == contents(build(new))
    assert texts(search(index, "dough", mode="words")) == []
    assert texts(search(index, "horse", mode="words")) == ["It carries horses for free."]


def test_whatever_happens_in_whatever_order_the_index_is_as_built_at_once(tmp_path):
    drawn = random.Random(0)
    index = build(output=tmp_path / "index")
    for step in range(12):
        names = drawn.sample("abcdefgh", drawn.randint(1, 6))
        now = [
            Document(f"{name}.txt", f"{drawn.choice('xyz')} is here. {drawn.choice('uvw')} is there.") for name in names
        ]
        refresh(index, now)
        if step == 8:
            index.compact()
        assert contents(index) == contents(build(now))
    assert len(list((tmp_path / "index").glob("vectors-*.npy"))) <= 4


def test_files_of_vectors_stay_few_and_what_is_removed_leaves_them(tmp_path):
    index = build([Document("0.txt", "Word0.")], tmp_path / "index")
    for number in range(1, 20):
        index.update(given(**{f"w{number}": f"Word{number}."}), BagOfWords().encode, complete=False)
    segments = list((tmp_path / "index").glob("vectors-*.npy"))
    assert len(segments) <= 5  # 20 has five binary digits
    index.remove([f"w{number}" for number in range(1, 20)])
    with index.reader.reading() as (_, snapshot):
        assert len(snapshot.store) <= 2 * len(snapshot.order) == 2


def test_compacting_leaves_one_file_without_what_was_removed(tmp_path):
    index = build(output=tmp_path / "index")
    index.update(given(a="Rain falls.", b="Snow falls."), BagOfWords().encode, complete=False)
    index.remove(["b", "kitchen.txt"])
    before = contents(index)
    reader = PassageIndex.open(tmp_path / "index")
    hits = search(reader, "rain pears")
    index.compact()
    assert contents(index) == before
    assert search(reader, "rain pears") == hits
    assert len(list((tmp_path / "index").glob("vectors-*.npy"))) == 1
    with index.reader.reading() as (_, snapshot):
        assert len(snapshot.store) == len(snapshot.order) == 5


def test_texts_in_memory_are_added_changed_and_left(tmp_path):
    index = build(output=tmp_path / "index")
    index.update(given(a="Rain falls.", b="Snow falls."), BagOfWords().encode, complete=False)
    changes = index.update(given(a="Rain fell.", c="Hail."), BagOfWords().encode, complete=False)
    assert str(changes) == "1 added, 1 changed, 0 removed, 0 unchanged"
    assert {name for name, _, _ in contents(index)} == {"harbour.txt", "kitchen.txt", "orchard.txt", "a", "b", "c"}


def test_what_is_known_of_a_document_changes_without_encoding_it_again(tmp_path):
    index = build(output=tmp_path / "index", metadata={"year": 2019})
    encoder = BagOfWords()
    assert refresh(index, DOCUMENTS, encoder, year=2020).changed == 3
    assert encoder.seen == []
    assert search(index, "pears", 1)[0].metadata == {"year": 2020}


def test_a_document_that_can_no_longer_be_read_is_removed_and_named(tmp_path):
    index = build(output=tmp_path / "index")
    broken = [*DOCUMENTS[:2], Document("orchard.txt", problem="damaged")]
    changes = refresh(index, broken)
    assert (changes.removed, [document.problem for document in changes.skipped]) == (1, ["damaged"])
    assert refresh(index, broken).skipped == changes.skipped == index.info.skipped
    assert refresh(index, DOCUMENTS).added == 1


def test_an_empty_source_is_taken_for_a_mistake(tmp_path):
    index = build(output=tmp_path / "index")
    with pytest.raises(NothingToDo, match="holds no documents now; the index is left as it is"):
        refresh(index, [])
    assert len(index) == 6


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (lambda: [(*given(a="Rain.")[0],), (*given(a="Snow.")[0],)], "'a' is the name of two documents"),
        (lambda: given(**{"harbour.txt": "Rain."}), "'harbour.txt' is in the index already, from another source"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_nothing_changes(tmp_path, sources, words):
    index = build(output=tmp_path / "index")
    before = contents(index)
    with pytest.raises(BadData, match=words):
        index.update(sources(), BagOfWords().encode, complete=False)
    assert contents(index) == before


def test_documents_are_removed_by_name_or_by_what_is_known_of_them(tmp_path):
    index = build(output=tmp_path / "index", metadata={"year": 2019})
    with pytest.raises(UsageError, match=r"no document 'pantry\.txt'; nothing was removed"):
        index.remove(["harbour.txt", "pantry.txt"])
    with pytest.raises(NothingToDo, match=r"no document .* is meant"):
        index.remove(where="year > 2019")
    assert index.remove(["harbour.txt"]).passages == 4
    assert index.remove(where="year = 2019").removed == 2
    assert (len(index), search(index, "pears")) == (0, [])
    assert refresh(index, DOCUMENTS).added == 3


def test_a_failure_in_the_middle_leaves_the_old_state(tmp_path):
    index = build(output=tmp_path / "index")
    before, files = contents(index), sorted(path.name for path in (tmp_path / "index").glob("vectors*"))

    def fails(texts):
        raise MemoryError

    with pytest.raises(MemoryError):
        index.update(given(a="Rain."), fails)
    assert contents(PassageIndex.open(tmp_path / "index")) == before
    refresh(index, DOCUMENTS)
    assert sorted(path.name for path in (tmp_path / "index").glob("vectors*")) == files


def test_a_second_writer_is_sent_away_and_readers_are_not(tmp_path):
    index = build(output=tmp_path / "index")
    with FileLock(tmp_path / "index" / "lock"):
        with pytest.raises(BadOutput, match="another process writes"):
            refresh(index, DOCUMENTS[:1])
        assert len(search(index, "pears")) == 6


def test_readers_see_one_whole_state_while_another_is_written(tmp_path):
    states = [DOCUMENTS, [Document("harbour.txt", KITCHEN), Document("kitchen.txt", ORCHARD)]]
    allowed = [contents(build(documents)) for documents in states]
    writer = build(states[0], tmp_path / "index")
    reader = PassageIndex.open(tmp_path / "index")
    seen, done = [], threading.Event()

    def read():
        while not done.is_set():
            seen.append(contents(reader))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(1, 5):
        refresh(writer, states[step % 2])
        if step == 2:
            writer.compact()
    done.set()
    for thread in threads:
        thread.join()
    assert seen
    assert all(state in allowed for state in seen)


CHILD = """
import sys
from pathlib import Path
from siamese_text.records import Document
from siamese_text.search import PassageIndex
from tests.search.indexes import refresh
index = PassageIndex.open(Path(sys.argv[1]))
for step in range(10_000):
    word, count = ("old", 21) if step % 2 else ("new", 20)
    refresh(index, [Document(f"{n}.txt", f"Word{n} is {word}.") for n in range(count)])
    if step == 0:
        print("begun", flush=True)
"""


def test_a_kill_leaves_the_old_state_or_the_new_one(tmp_path):
    sizes = (("old", 21), ("new", 20))
    old, new = ([Document(f"{n}.txt", f"Word{n} is {word}.") for n in range(count)] for word, count in sizes)
    allowed = [contents(build(documents)) for documents in (old, new)]
    build(old, tmp_path / "index")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "index")], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout.readline() == b"begun\n"
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.11)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    index = PassageIndex.open(tmp_path / "index")
    assert contents(index) in allowed
    refresh(index, old)
    assert contents(index) == allowed[0]


@contextmanager
def no_file_larger_than(size):
    """What a full disk does, at a place of one's choice."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


MANY = [Document(f"{number}.txt", f"Word{number} is here. Word{number} is there.") for number in range(60)]


NOTE = "long " * 800  # so that the database is larger than the vectors, which are 122,880 bytes


@pytest.mark.parametrize("size", [1000, 100_000, 150_000, 250_000])
def test_a_full_disk_is_one_line_and_the_index_is_as_it_was(tmp_path, size):
    index = build(output=tmp_path / "index")
    before, files = contents(index), sorted(path.name for path in index.folder.iterdir())
    with no_file_larger_than(size), pytest.raises(BadOutput) as refused:
        refresh(index, MANY, note=NOTE)
    assert str(refused.value).startswith(f"{index.folder} cannot be ")
    assert str(refused.value).endswith("; it is as it was")
    assert sorted(path.name for path in index.folder.iterdir()) == files
    assert contents(index) == contents(PassageIndex.open(index.folder)) == before
    refresh(index, MANY)
    assert contents(index) == contents(build(MANY))


@pytest.mark.parametrize("size", [10, 20_000, 80_000, 150_000, 250_000])
def test_on_a_full_disk_no_half_of_a_new_index_is_left(tmp_path, size):
    with no_file_larger_than(size), pytest.raises(BadOutput, match=f"^{tmp_path / 'index'} cannot be "):
        build(MANY, tmp_path / "index", metadata={"note": NOTE})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder_of_another():
    """A folder that the user may read and not write, whoever runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder, user = Path(name), os.geteuid()
        build(output=folder / "index")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        if user == 0:
            os.seteuid(65534)
        try:
            yield folder / "index"
        finally:
            os.seteuid(user)
            for path in (folder, folder / "index"):
                path.chmod(0o755)


def test_a_read_only_index_is_searched_and_refuses_changes_in_one_line(folder_of_another):
    index = PassageIndex.open(folder_of_another)
    assert texts(search(index, "dough", 1)) == ["Knead the dough for ten minutes."]
    for change in (index.compact, lambda: refresh(index, MANY), lambda: index.remove(["kitchen.txt"])):
        with pytest.raises(BadOutput, match="index cannot be written: Permission denied; it is as it was"):
            change()
    assert contents(index) == contents(build())
