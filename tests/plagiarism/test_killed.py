"""A check that was killed goes on: what was done before is not done again, and the findings are the same."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = """
import json, os, signal, sys
from pathlib import Path
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding import prepared
from siamese_text.plagiarism.report.rows import findings_as_dict
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder

sys.path.insert(0, sys.argv[1])
from conftest import BagOfWords, read_world

left = int(sys.argv[3])


class Deadly:
    def encode(self, texts):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return BagOfWords().encode(texts)


prepared._CHUNK = 8
with VectorCache(Path(sys.argv[2]), "aa") as cache:
    encoder = CachedEncoder(Deadly(), cache)
    findings = check_documents(read_world("bread_and_light").documents, encoder)
print(json.dumps([findings_as_dict(findings), encoder.encoded, encoder.cached]))
"""


def check(cache, kill_at):
    command = [sys.executable, "-c", CHECK, str(Path(__file__).parent), str(cache), str(kill_at)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("kill_at", [0, 3])
def test_a_killed_check_goes_on(tmp_path, kill_at):
    whole = check(tmp_path / "whole", -1)
    assert whole.returncode == 0, whole.stderr
    findings, encoded, cached = json.loads(whole.stdout)
    assert findings["pairs"]
    assert check(tmp_path / "killed", kill_at).returncode == -signal.SIGKILL
    went_on = json.loads(check(tmp_path / "killed", -1).stdout)
    assert went_on == [findings, encoded - 8 * kill_at, cached + 8 * kill_at]
