"""Every block of the README runs: shell and Python ones here, those that take minutes in `.ci/run`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(<!-- [^\n]* -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
ELSEWHERE = "<!-- run by .ci/run -->"


def blocks():
    return [
        (mark.strip(), language, code)
        for mark, language, code in BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    ]


def test_a_block_that_is_not_run_here_is_run_by_ci():
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    for mark, _, code in blocks():
        if mark == ELSEWHERE:
            for line in filter(None, code.splitlines()):
                assert line.partition("#")[0].strip() in ci


def test_every_block_is_of_a_kind_that_is_run():
    assert {language for _, language, _ in blocks()} <= {"bash", "python", "text"}


@pytest.mark.weights
def test_the_blocks_run_in_order(tmp_path):
    """In one folder, so that a block may use what an earlier one made."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "HF_HUB_OFFLINE": "1",
    }
    (tmp_path / "data").symlink_to(ROOT / "data")
    ran = 0
    for mark, language, code in blocks():
        if mark == ELSEWHERE or language == "text":
            continue
        command = ["bash", "-euc", code] if language == "bash" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran >= 4
