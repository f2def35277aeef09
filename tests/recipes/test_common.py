"""What the benchmarks share, and that each of them starts."""

import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = sorted(
    path.stem for path in (Path(__file__).parents[2] / "recipes" / "bench").glob("*.py") if path.stem[0] != "_"
)
SCRIPT = """
import json, os, sys
print("words of a library")
asked = json.loads(sys.argv[sys.argv.index("--run") + 1])
print(json.dumps({"twice": 2 * asked["number"], "offline": os.environ["HF_HUB_OFFLINE"]}))
"""


@pytest.fixture(scope="module")
def common(load_bench):
    return load_bench("_common")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_reads_its_arguments(name, load_bench, monkeypatch, capsys):
    module = load_bench(name)
    if name == "encode_peer":  # another interpreter starts it, with places
        return
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    assert f"recipes/bench/{name}.py" in capsys.readouterr().out


def test_a_finished_run_is_not_taken_again(common, tmp_path):
    script, file = tmp_path / "script.py", tmp_path / "runs.jsonl"
    script.write_text(SCRIPT)
    taken = common.kept(str(script), {"number": 4}, tmp_path, file)
    assert taken == {"number": 4, "twice": 8, "offline": "1"}
    script.unlink()  # so a run would fail
    assert common.kept(str(script), {"number": 4}, tmp_path, file) == taken
    assert [json.loads(line) for line in file.read_text().splitlines()] == [taken]


def test_a_sample_is_seeded_and_without_replacement(common):
    first, again, other = (common.drawn(range(100), 30, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(set(first)) == 30
    assert sorted(common.drawn("abc", 9, 0)) == ["a", "b", "c"]
