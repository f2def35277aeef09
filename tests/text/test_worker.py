"""The process that reads foreign files, as a function: requests in, answers out."""

import io
import json
import subprocess
import sys

import pytest

from siamese_text.errors import Unreadable
from siamese_text.records import Note, Place, Span
from siamese_text.text import worker
from siamese_text.text.reading import Reading


def asked(*requests):
    """Serve requests of (format, bytes), and return the answers."""
    lines = b"".join(
        json.dumps({"format": name, "bytes": len(data)}).encode() + b"\n" + data for name, data in requests
    )
    answers = io.BytesIO()
    worker.serve(io.BytesIO(lines), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_each_request_has_its_answer():
    page, broken = asked(("html", b"<h1>Amber</h1><p>It\nfloats."), ("pdf", b"no pdf"))
    assert worker.reading_of(page) == Reading("Amber\n\nIt floats.", headings=(Span(0, 5),))
    with pytest.raises(Unreadable, match="broken pdf; open it and save it anew"):
        worker.reading_of(broken)


def test_a_reading_survives_the_way(monkeypatch):
    reading = Reading("a\n\ud800", (Place(0, "page 1"),), (Span(0, 1),), (Note("hidden", "m", "t", (Span(0, 1),)),))
    monkeypatch.setattr(worker, "read", lambda *_: reading)
    [answer] = asked(("txt", b"..."))
    assert worker.reading_of(answer) == reading


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold the limit")
def test_memory_has_a_limit():
    code = "from siamese_text.text.worker import limit_memory; limit_memory(300_000_000); bytearray(400_000_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr
