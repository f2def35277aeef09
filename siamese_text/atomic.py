"""Writers that leave the old file or the new one, never half of either."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from siamese_text.errors import BadOutput

HERE, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


def check_output(path: Path, *, overwrite: bool) -> None:
    """Refuse an output that exists or cannot be written, before any work is done for it.

    Args:
        path: The file or folder that is going to be written.
        overwrite: Whether an existing one may be replaced.

    Raises:
        BadOutput: It exists and ``overwrite`` is False, or its nearest existing parent is not writable.
    """
    if path.exists() and not overwrite:
        raise BadOutput(f"{path} exists; choose another output or add --overwrite")
    parent = path.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise BadOutput(f"{path} cannot be written: {parent} is not a writable folder; choose another output")


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its place when the block ends without an error.

    Args:
        path: The file to write; its folder is made if it is missing.

    Raises:
        BadOutput: The system refused to write.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "a.txt"
        >>> with atomic_file(target) as draft:
        ...     _ = draft.write_text("whole")
        >>> target.read_text()
        'whole'
    """
    draft: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _beside(path, path.suffix)
        draft.touch(exist_ok=False)
        mode = draft.stat().st_mode & 0o777
        yield draft
        _sync(draft)
        draft.chmod(mode)  # a library may have put a file in its place that only its owner can read
        draft.replace(path)
    except OSError as error:
        raise BadOutput(f"{path} cannot be written: {error.strerror or error}; choose another output") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` that takes its place when the block ends without an error.

    Args:
        path: The folder to write; an existing one is replaced as a whole.

    Raises:
        BadOutput: The system refused to write.
    """
    draft: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _beside(path)
        draft.mkdir()
        mode = draft.stat().st_mode & 0o666
        yield draft
        for file in draft.rglob("*"):
            if file.is_file():
                _sync(file)
                file.chmod(mode)  # safetensors makes files that only their owner can read
        _replace_folder(draft, path)
    except OSError as error:
        raise BadOutput(f"{path} cannot be written: {error.strerror or error}; choose another output") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _replace_folder(new: Path, path: Path) -> None:
    """Put ``new`` in the place of ``path``, which holds one of both at every moment where the system can swap names.

    Elsewhere a folder in the way is first renamed, because rename(2) refuses a full one.
    """
    if not path.exists():
        new.replace(path)
        return
    if _swapped(new, path):
        _delete(new)
        return
    old = new.with_name(new.name + ".old")
    path.replace(old)
    try:
        new.replace(path)
    except OSError:
        old.replace(path)
        raise
    _delete(old)


def _swapped(one: Path, other: Path) -> bool:
    """Exchange two names by Linux's renameat2(2); return False where the system or its files cannot."""
    if sys.platform != "linux":
        return False
    import ctypes  # here, as most commands replace no folder

    try:
        return bool(ctypes.CDLL(None).renameat2(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0)
    except AttributeError:  # an older C library
        return False


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def _beside(path: Path, suffix: str = "") -> Path:
    """Return a name for a draft that nobody else has, hidden, in the folder of what it will become.

    A file or folder that is simply made there is as readable as the system lets any new one be. ``tempfile`` makes
    private ones, and to learn the umask one would have to set it, for all threads, for a moment.
    """
    return path.with_name(f".{path.name}.{token_hex(8)}{suffix}")
