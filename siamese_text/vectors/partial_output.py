"""The unfinished output of a run that may be killed at any moment, and goes on where it was.

Files grow chunk by chunk in ``<output>.partial/``. A chunk counts once ``progress.json``, which is replaced as a
whole, says how long each file is with it; what a killed run wrote beyond that is cut off.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from siamese_text.atomic import atomic_file
from siamese_text.errors import BadOutput
from siamese_text.warn import warn_user

_FORMAT = 1
_NOTE = "progress.json"
_LOCK = "lock"


class PartialOutput:
    """The folder beside an output in which it grows.

    Args:
        output: The file that is going to be made.
        identity: All that the rows depend on, as JSON values by topic: the source, the settings. None where a run
            cannot be continued.
    """

    def __init__(self, output: Path, identity: Mapping[str, Any] | None) -> None:
        self.output = output
        self.folder = output.with_name(f"{output.name}.partial")
        self._identity = json.loads(json.dumps(identity))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out, and leave no folder behind in which nothing was done.

        Raises:
            BadOutput: Another process is at it, or the system refused to write.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK, timeout=0):
                try:
                    yield
                finally:
                    if not (self.folder / _NOTE).exists():
                        self.remove()
        except Timeout as error:
            raise BadOutput(f"{self.output} is being written by another process; wait for it") from error
        except OSError as error:
            reason = error.strerror or error
            raise BadOutput(f"{self.output} cannot be written: {reason}; mend that and run it again") from error

    def begin(self) -> dict[str, Any]:
        """Make the folder ready.

        Returns:
            The state that was given with the last chunk; empty where the run begins anew.
        """
        note = self._note()
        if note is None:
            self._clear()
            return {}
        for name, size in note["sizes"].items():
            os.truncate(self.folder / name, size)
        state: dict[str, Any] = note["state"]
        return state

    def append(self, pieces: Mapping[str, bytes], state: Mapping[str, Any]) -> None:
        """Add a chunk.

        Args:
            pieces: What to append, by the name of the file.
            state: Replaces the last one.
        """
        sizes = {}
        for name, piece in pieces.items():
            with (self.folder / name).open("ab") as file:
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                sizes[name] = file.tell()
        note = {"format": _FORMAT, "identity": self._identity, "state": state, "sizes": sizes}
        with atomic_file(self.folder / _NOTE) as draft:
            draft.write_text(json.dumps(note), encoding="utf-8")

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self) -> dict[str, Any] | None:
        """Return what an earlier run noted, None where it is not to be continued; say why not."""
        try:
            note: dict[str, Any] = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            before = note["identity"] or {}
            whole = note["format"] == _FORMAT and all(
                (self.folder / name).stat().st_size >= size for name, size in note["sizes"].items()
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            warn_user(f"what the interrupted run left in {self.folder} is damaged; beginning anew")
            return None
        if self._identity is None:
            warn_user("an interrupted run on standard input cannot be continued; beginning anew")
            return None
        changed = [topic for topic in self._identity if before.get(topic) != self._identity[topic]]
        if changed:
            warn_user(f"changed since the interrupted run: {', '.join(changed)}; beginning anew")
            return None
        return note

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name != _LOCK:
                path.unlink()
