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


def test_a_submission_of_several_files_has_the_hash_of_their_list_and_the_date_of_the_last(tmp_path):
    hashes = {}
    for day, name in enumerate(("ann/essay.txt", "ann/more/notes.md", "bob.txt", "cy/one.txt"), start=1):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
        os.utime(file, (0, 86_400 * day))
        hashes[name] = hashlib.sha256(name.encode()).hexdigest()
    facts = file_facts(tmp_path, submissions=True)
    assert {name: one.modified[:10] for name, one in facts.items()} == {
        "ann": "1970-01-03",
        "bob.txt": "1970-01-04",
        "cy": "1970-01-05",
    }
    listed = f"{hashes['ann/essay.txt']}  essay.txt\n{hashes['ann/more/notes.md']}  more/notes.md\n"
    assert facts["ann"].sha256 == hashlib.sha256(listed.encode()).hexdigest()
    assert facts["bob.txt"].sha256 == hashes["bob.txt"]
