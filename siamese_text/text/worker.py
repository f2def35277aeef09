"""The process that reads foreign files: bytes come in, a reading or a reason goes out, and limits hold.

It is started by ``workers.py`` and ends when its input does, so that it never outlives who started it. A request is a
line of JSON (the name of a format, the number of bytes, the encoding if somebody named it, passwords) and the bytes;
an answer is a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from siamese_text.errors import Unreadable
from siamese_text.records import Note, Place, Span
from siamese_text.text.readers import read
from siamese_text.text.reading import Reading


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["bytes"])
        try:
            reading = read(data, request["format"], request.get("encoding"), request.get("passwords", ()))
            answer: dict[str, Any] = {"reading": asdict(reading)}
        except Unreadable as problem:
            answer = {"problem": str(problem)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def reading_of(answer: dict[str, Any]) -> Reading:
    """Make a reading of what an answer holds, as JSON wrote it.

    Raises:
        Unreadable: The answer is a reason.
    """
    if "problem" in answer:
        raise Unreadable(answer["problem"])
    reading = answer["reading"]
    return Reading(
        reading["text"],
        tuple(Place(**place) for place in reading["places"]),
        tuple(Span(**span) for span in reading["headings"]),
        tuple(Note(**note | {"spans": tuple(Span(**span) for span in note["spans"])}) for note in reading["notes"]),
    )


def limit_memory(size: int) -> None:
    """Let this process have so many bytes at most, where the system knows such a limit."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, ValueError, OSError):
        return


def main() -> None:
    """Serve what started this process; nothing that a library prints may mix with the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, answers)
