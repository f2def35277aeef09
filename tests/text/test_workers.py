"""Processes that read files: one that hangs, dies or babbles ends itself and nothing else."""

import os
import sys

import pytest

from siamese_text.errors import Unreadable
from siamese_text.text.workers import Workers

ECHO = """
import json, sys
for line in sys.stdin.buffer:
    request = json.loads(line)
    data = sys.stdin.buffer.read(request["bytes"]).decode()
    if data == "hang":
        import time; time.sleep(60)
    if data == "die":
        sys.exit(7)
    if data == "refuse":
        answer = {"problem": "no; never"}
    else:
        answer = {"reading": {"text": data, "places": [], "headings": [], "notes": []}}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def workers():
    pool = Workers([sys.executable, "-S", "-c", ECHO], seconds=2.0)
    yield pool
    pool.close()


def test_a_worker_that_fails_is_replaced(workers):
    assert workers.read(b"one", "txt").text == "one"
    with pytest.raises(Unreadable, match="no; never"):
        workers.read(b"refuse", "txt")
    with pytest.raises(Unreadable, match=r"ended the process that read it \(7\); open it and save it anew"):
        workers.read(b"die", "txt")
    with pytest.raises(Unreadable, match="took longer than 2 s to read; save it as txt"):
        workers.read(b"hang", "txt")
    assert workers.read("zwölf\n".encode(), "txt").text == "zwölf\n"


def test_a_command_that_cannot_read_is_a_reason():
    with pytest.raises(Unreadable, match="ended the process"):
        Workers([sys.executable, "-S", "-c", "print('not a line of JSON', end='')"]).read(b"x" * 100_000, "txt")


def test_no_module_is_taken_from_the_folder_one_stands_in(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("open('taken', 'w')")
    monkeypatch.chdir(tmp_path)
    pool = Workers()
    assert pool.read(b"<p>Text.", "html").text == "Text."
    pool.close()
    assert not (tmp_path / "taken").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_leaves_the_workers_of_its_parent_alone(workers):
    workers.read(b"one", "txt")
    child = os.fork()
    if child == 0:
        workers.close()
        os._exit(0)
    os.waitpid(child, 0)
    kept = workers._idle.get_nowait()
    workers._idle.put(kept)
    assert kept.poll() is None
    assert workers.read(b"two", "txt").text == "two"
