"""Checksums are remembered while a file is the same, and never longer."""

import hashlib
import os
from pathlib import Path

import pytest

from siamese_text import cache
from siamese_text.cache import cache_folder, file_sha256


@pytest.fixture
def hashed(tmp_path, monkeypatch):
    """The names of the files that are really read, with every file large enough to be remembered."""
    read = []
    real = cache._hash

    def spy(path):
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(cache, "_hash", spy)
    monkeypatch.setattr(cache, "WORTH_REMEMBERING", 0)
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    return read


def sha(content):
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_read_once(tmp_path, hashed):
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    assert file_sha256(file) == file_sha256(file) == sha(b"one")
    assert hashed == ["weights"]


def test_other_content_of_the_same_size_and_time_is_noticed(tmp_path, hashed):
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    before = file.stat()
    assert file_sha256(file) == sha(b"one")
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of a file system ticks every few milliseconds
        file.write_bytes(b"two")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file_sha256(file) == sha(b"two")


def test_another_file_in_its_place_is_noticed(tmp_path, hashed):
    file, other = tmp_path / "weights", tmp_path / "other"
    file.write_bytes(b"one")
    other.write_bytes(b"two")
    assert file_sha256(file) == sha(b"one")
    other.replace(file)
    assert file_sha256(file) == sha(b"two")


def test_a_damaged_memory_or_none_at_all_costs_time_only(tmp_path, hashed, monkeypatch):
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    file_sha256(file)
    [memory] = (tmp_path / "cache").rglob("*.json")
    memory.write_text("[]")
    assert file_sha256(file) == sha(b"one")
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(file))  # no folder, so nothing can be kept in it
    assert file_sha256(file) == sha(b"one")
    assert len(hashed) == 3


def test_the_cache_is_the_users_unless_the_variable_says_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("SIAMESE_TEXT_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder().name == "siamese-text"
    assert Path.home() in cache_folder().parents
