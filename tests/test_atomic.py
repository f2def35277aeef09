import os
import stat
import sys
from pathlib import Path

import pytest

from siamese_text import atomic
from siamese_text.atomic import atomic_file, atomic_folder, check_output
from siamese_text.errors import BadOutput


@pytest.fixture
def umask():
    """Return a function that sets the umask until the test ends."""
    old = os.umask(0o022)
    os.umask(old)
    yield os.umask
    os.umask(old)


def permissions(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def write_folder(path, **files):
    with atomic_folder(path) as draft:
        for name, text in files.items():
            (draft / name).write_text(text)


def test_a_file_appears_when_the_block_ends_and_not_before(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with atomic_file(target) as draft:
        draft.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert names(target.parent) == ["a.txt"]


def test_a_draft_keeps_the_suffix_that_some_writers_look_at(tmp_path):
    with atomic_file(tmp_path / "map.png") as draft:
        assert draft.suffix == ".png"


def test_a_file_is_replaced(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with atomic_file(target) as draft:
        draft.write_text("new")
    assert target.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_crash_leaves_the_old_file_and_no_draft(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error), atomic_file(target) as draft:
        draft.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


@pytest.fixture(params=[True, False])
def swaps(request, monkeypatch):
    """Whether the system can swap names, if it can; then as if it could not."""
    if not request.param:
        monkeypatch.setattr(atomic, "_swapped", lambda *_: False)


@pytest.mark.usefixtures("swaps")
def test_a_folder_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "new" / "model"
    write_folder(target, first="1", second="2")
    write_folder(target, third="3")
    assert names(target) == ["third"]
    assert names(target.parent) == ["model"]


@pytest.mark.skipif(sys.platform != "linux", reason="swaps are Linux's")
def test_a_replaced_folder_is_never_away(tmp_path, monkeypatch):
    for name in ("old", "new"):
        write_folder(tmp_path / name, **{name: name})
    if not atomic._swapped(tmp_path / "old", tmp_path / "new"):
        pytest.skip("these files cannot be swapped")
    monkeypatch.setattr(Path, "replace", None)  # a rename would leave a moment without
    write_folder(tmp_path / "old", only="1")
    assert (names(tmp_path / "old"), names(tmp_path)) == (["only"], ["new", "old"])


@pytest.mark.usefixtures("swaps")
def test_a_folder_takes_the_place_of_a_file(tmp_path):
    target = tmp_path / "model"
    target.write_text("old")
    write_folder(target, only="1")
    assert names(target) == ["only"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_crash_leaves_the_old_folder_and_no_draft(tmp_path, error):
    target = tmp_path / "model"
    write_folder(target, kept="1")
    with pytest.raises(error), atomic_folder(target) as draft:
        (draft / "half").write_text("2")
        raise error
    assert names(target) == ["kept"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize(("mask", "file", "folder"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)])
def test_outputs_are_as_readable_as_the_umask_says(tmp_path, umask, mask, file, folder):
    umask(mask)
    with atomic_file(tmp_path / "a.txt") as draft:
        draft.write_text("text")
    write_folder(tmp_path / "model", inside="1")
    assert permissions(tmp_path / "a.txt") == permissions(tmp_path / "model" / "inside") == file
    assert permissions(tmp_path / "model") == folder


@pytest.mark.parametrize("writer", [atomic_file, atomic_folder])
def test_a_refusal_of_the_system_is_one_line(tmp_path, writer):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadOutput, match="cannot be written") as caught, writer(tmp_path / "file" / "output"):
        pytest.fail("a file cannot hold an output")
    assert "\n" not in str(caught.value)


def test_an_output_that_exists_is_refused_unless_it_may_be_replaced(tmp_path):
    with pytest.raises(BadOutput, match="--overwrite"):
        check_output(tmp_path, overwrite=False)
    check_output(tmp_path, overwrite=True)


def test_an_output_under_folders_that_are_still_to_be_made_is_accepted(tmp_path):
    check_output(tmp_path / "not" / "yet" / "there", overwrite=False)
    assert names(tmp_path) == []


def test_an_output_below_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadOutput, match="not a writable folder"):
        check_output(tmp_path / "file" / "deep" / "output", overwrite=True)
