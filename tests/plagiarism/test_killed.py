"""A check that was killed goes on: what was done before is not done again, and the findings are the same."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.report.rows import findings_as_dict
from tests.plagiarism.conftest import read_world

CHECK = """
import json, os, signal, sys
from pathlib import Path
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding import aligner, prepared
from siamese_text.plagiarism.report.rows import findings_as_dict
from siamese_text.vectors.cache import VectorCache
from siamese_text.vectors.cached_encoder import CachedEncoder

sys.path.insert(0, sys.argv[1])
from conftest import BagOfWords, read_world

stage, left = sys.argv[3], int(sys.argv[4])


def deadly(own, call):
    def counted(*arguments, **options):
        global left
        if own == stage and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= own == stage
        return call(*arguments, **options)
    return counted


class Deadly:
    encode = staticmethod(deadly("embedding", BagOfWords().encode))


prepared._CHUNK = 8
aligner._Aligner.grown = deadly("comparing", aligner._Aligner.grown)
with VectorCache(Path(sys.argv[2]), "aa") as cache:
    encoder = CachedEncoder(Deadly(), cache)
    findings = check_documents(read_world("bread_and_light").documents, encoder, cache=Path(sys.argv[2]))
report = findings_as_dict(findings)
print(json.dumps([report, report.pop("run") | {"embedded": encoder.encoded}]))
"""


def check(cache, stage="", kill_at=-1):
    command = [sys.executable, "-c", CHECK, str(Path(__file__).parent), str(cache), stage, str(kill_at)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_killed_check_goes_on(tmp_path):
    whole = check(tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    report, run = json.loads(whole.stdout)
    assert report["pairs"]
    assert (run["aligned"] > 6, run["aligned_before"]) == (True, 0)
    assert check(tmp_path / "killed", "embedding", 3).returncode == -signal.SIGKILL
    assert check(tmp_path / "killed", "comparing", 4).returncode == -signal.SIGKILL
    assert check(tmp_path / "killed", "comparing", 2).returncode == -signal.SIGKILL
    went_on, rest = json.loads(check(tmp_path / "killed").stdout)
    assert went_on == report
    assert (rest["aligned"], rest["aligned_before"]) == (run["aligned"] - 6, 6)
    assert rest["embedded"] < 8  # the passages
    again, nothing = json.loads(check(tmp_path / "killed").stdout)
    assert (again, nothing) == (report, {"aligned": 0, "aligned_before": run["aligned"], "embedded": 0})


def test_after_a_change_its_pairs_are_aligned_again_and_hardly_others(encoder, tmp_path):
    documents = list(read_world("bread_and_light").documents)
    whole = check_documents(documents, encoder, cache=tmp_path).run["aligned"]
    for place in range(0, len(documents), 5):
        words = documents[place].text.split()
        words[place : place + 20] = ["so", "it", "was", "said"]
        documents[place] = replace(documents[place], text=" ".join(words))
        report = findings_as_dict(check_documents(documents, encoder, cache=tmp_path))
        run = report.pop("run")
        fresh = findings_as_dict(check_documents(documents, encoder))
        assert fresh.pop("run")["aligned"] == run["aligned"] + run["aligned_before"]
        assert report == fresh
        assert run["aligned"] < whole / 2
