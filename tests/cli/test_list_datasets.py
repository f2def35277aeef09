"""``datasets``: what is known by name."""

import json


def test_datasets_says_where_each_split_would_come_from(good_command):
    out, _ = good_command("datasets", "--json")
    listed = {each["name"]: each for each in json.loads(out)["datasets"]}
    assert {"sample", "paws", "paws_qqp", "qqp", "mrpc", "stsb", "sick", "snli"} <= set(listed)
    assert listed["sample"]["where"]["test"].endswith("test.jsonl")
    assert listed["paws_qqp"]["where"]["train"].startswith("not available")


def test_the_table_says_what_kind_of_rows_a_set_has(good_command):
    out, _ = good_command("datasets")
    line = next(line for line in out.splitlines() if "banking77" in line)
    assert line.split()[:2] == ["banking77", "classes"]
