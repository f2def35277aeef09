"""Files of formats with a parser are read in processes of their own: a hostile one ends its process and nothing else.

A process is started by the first such file and kept for those that follow; one that takes too long, or dies, is
replaced by the next file. They end with the process that started them.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from siamese_text.errors import Unreadable
from siamese_text.text.reading import Reading
from siamese_text.text.worker import reading_of

SECONDS = 120.0  # for one file: a book of a thousand pages takes a tenth of it
# -P, and our own place last: no module is taken from the folder that a user stands in, which students wrote.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from siamese_text.text.worker import main; main()"
_ROOT = str(Path(__file__).parents[2])
MEMORY = 3_000_000_000  # bytes of address space, of which libraries take the first half gigabyte


class Workers:
    """A pool of processes that read files.

    Args:
        command: What starts one.
        seconds: How long one may read a file.
    """

    def __init__(self, command: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._command = list(command) or [sys.executable, "-P", "-c", _START, _ROOT, str(MEMORY)]
        self._seconds = seconds
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._owner = os.getpid()
        atexit.register(self.close)

    def read(self, data: bytes, name: str, encoding: str | None = None, passwords: Sequence[str] = ()) -> Reading:
        """Read a file in a process of its own; as ``readers.read``.

        Raises:
            Unreadable: Also where the process took too long or died.
        """
        process = self._take()
        clock = threading.Timer(self._seconds, process.kill)
        clock.start()
        try:
            request = {"format": name, "bytes": len(data), "encoding": encoding, "passwords": passwords}
            line = _ask(process, json.dumps(request).encode() + b"\n" + data)
        finally:
            in_time = clock.is_alive()
            clock.cancel()
            if not in_time:
                process.kill()
        if in_time and line.endswith(b"\n"):
            self._idle.put(process)
            return reading_of(json.loads(line))
        _end(process)
        if not in_time:
            raise Unreadable(f"took longer than {self._seconds:g} s to read; save it as txt")
        raise Unreadable(f"ended the process that read it ({process.returncode}); open it and save it anew, or as txt")

    def close(self) -> None:
        """End all processes that wait for a file; those of a process that this one was forked from are left alone."""
        while self._owner == os.getpid():
            try:
                _end(self._idle.get_nowait())
            except Empty:
                return

    def _take(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._owner, self._idle = os.getpid(), SimpleQueue()
        try:
            return self._idle.get_nowait()
        except Empty:
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )


def _ask(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Send a request and return the line that answers it; what a process gave that died."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(request)
        process.stdin.flush()
        return process.stdout.readline()
    except OSError:
        return b""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()
