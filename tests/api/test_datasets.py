"""The data sets known by name."""

import pytest

from siamese_text import UsageError, list_datasets


def test_each_data_set_says_where_each_split_would_come_from(tmp_path, monkeypatch):
    monkeypatch.delenv("SIAMESE_TEXT_DATA", raising=False)
    (tmp_path / "mrpc").mkdir()
    (tmp_path / "mrpc" / "test.jsonl").write_text("{}")
    known = {each.spec.name: each for each in list_datasets(tmp_path)}
    assert known["mrpc"].where["test"] == str(tmp_path / "mrpc" / "test.jsonl")
    assert known["paws_qqp"].where["train"].startswith("not available")
    assert known["banking77"].to_json() | {"kind": "classes", "labels": None} == known["banking77"].to_json()
    with pytest.raises(UsageError):
        list_datasets(tmp_path / "nowhere")
