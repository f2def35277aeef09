"""Hashes and dates of files."""

import hashlib
import os

from siamese_text.text import file_facts


def test_each_file_that_is_read_has_the_hash_of_its_bytes_and_its_date(tmp_path):
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "a.txt"
    file.write_bytes(b"one\r\n")
    os.utime(file, (0, 86_400))
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "link.txt").symlink_to(file)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "film.mp4").write_bytes(b"x")
    facts = file_facts(tmp_path)
    assert set(facts) == {"sub/a.txt"}
    assert facts["sub/a.txt"].sha256 == hashlib.sha256(b"one\r\n").hexdigest()
    assert facts["sub/a.txt"].modified == "1970-01-02T00:00:00+00:00"
