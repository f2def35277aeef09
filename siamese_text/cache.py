"""The user's cache folder, and checksums that are remembered there, so that no start reads all weights again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from siamese_text.atomic import atomic_file
from siamese_text.errors import BadOutput

CACHE_VARIABLE = "SIAMESE_TEXT_CACHE"
WORTH_REMEMBERING = 2**20  # bytes: a smaller file is hashed in less than a millisecond
UNUSED_S = 30 * 24 * 3600  # after which a folder may go


def cache_folder() -> Path:
    """Return the folder for what can be made again: SIAMESE_TEXT_CACHE, else the platform's own place."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("siamese-text", appauthor=False)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex, remembered for as long as the system says that the file is the same.

    The same means: device, inode, size, and the times of its last change. A writer can set the time of the content
    back, but not that of the inode (``ctime``), so a file whose weights were changed is hashed again.
    """
    state = path.stat()
    if state.st_size < WORTH_REMEMBERING:
        return _hash(path)
    stamp = [state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns]
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    memory = cache_folder() / "sha256" / f"{name}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):  # unreadable is the same as not remembered
        remembered = json.loads(memory.read_text(encoding="utf-8"))
        if remembered["stamp"] == stamp:
            return str(remembered["sha256"])
    sha256 = _hash(path)
    with suppress(BadOutput), atomic_file(memory) as draft:  # where nothing can be kept, the next start hashes again
        draft.write_text(json.dumps({"path": str(path), "stamp": stamp, "sha256": sha256}), encoding="utf-8")
    return sha256


def remove_unused(folders: Iterable[Path]) -> None:
    """Remove those of some folders in the cache that nobody used, which sets their time, for a month."""
    limit = time.time() - UNUSED_S
    for folder in folders:
        with suppress(OSError):  # another process was quicker
            if folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
