"""What a first score and ``--help`` import: in a process of their own, by its ``sys.modules``."""

import json
import subprocess
import sys

import numpy as np
import pytest

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier

SLOW = {
    "torch",
    "transformers",
    "sklearn",
    "datasets",
    "pandas",
    "matplotlib",
    "accelerate",
    "scipy",
    "huggingface_hub",
}
WIDTH, PROJECTED, HIDDEN = 32, 4, 5
FITTED_ON = FittedOn("validation", 100, 0.5, "")

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported")


def started(*arguments):
    """Run a command in a fresh interpreter; returns its stdout, and the top-level modules that it holds at its end."""
    code = f"""
import sys
from siamese_text.cli import run
code = run({[str(argument) for argument in arguments]})
print(*{{name.partition(".")[0] for name in sys.modules}}, file=sys.stderr)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.splitlines()[-1].split())


def random_weights(**shapes):
    chance = np.random.default_rng(0)
    return {name: np.asarray(chance.standard_normal(shape), dtype=np.float32) for name, shape in shapes.items()}


def twin_head():
    shapes = {"hidden.weight": (HIDDEN, 4 * WIDTH), "hidden.bias": HIDDEN}
    return TwinHead(random_weights(**shapes, **{"output.weight": (1, HIDDEN), "output.bias": 1}))


def alignment_head():
    shapes = {"project.weight": (PROJECTED, WIDTH), "project.bias": PROJECTED, "scale": ()}
    shapes |= {"compare.weight": (HIDDEN, 2 * PROJECTED), "compare.bias": HIDDEN}
    shapes |= {"hidden.weight": (HIDDEN, 4 * HIDDEN), "hidden.bias": HIDDEN}
    return AlignmentHead(random_weights(**shapes, **{"output.weight": (1, HIDDEN), "output.bias": 1}))


@pytest.fixture(scope="module", params=["head", "alignment", "blend"])
def trained(request, tiny_sentence_model, tmp_path_factory):
    """A model folder whose decision reads a head, with its graph exported."""
    folder = tmp_path_factory.mktemp("models") / "trained"
    TorchEncoder.load(tiny_sentence_model, device="cpu").save(folder)
    score = request.param
    weights = (1.0,) if score != "blend" else (1.0, 0.5, 0.5)
    decision = Decision(score, weights, 0.0, 0.5, FITTED_ON)
    write_classifier(PairClassifier("cosine", twin_head(), alignment_head(), decision), folder)
    load_encoder(folder, backend="onnx")
    return folder


def test_a_score_by_a_trained_model_imports_no_torch_and_is_that_of_torch(trained):
    from siamese_text import Scorer

    pair = ("the cat sleeps in the house", "the dog runs")
    printed, modules = started("score", *pair, "--model", trained, "--json")
    assert not modules & SLOW
    assert {"onnxruntime", "tokenizers", "numpy"} <= modules
    said = Scorer.load(trained, backend="torch").predict([pair])
    [row] = json.loads(printed)["pairs"]
    assert row["similarity"] == pytest.approx(float(said.similarity[0]), abs=1e-5)
    assert row["probability"] == pytest.approx(float(said.probability[0]), abs=1e-5)


@pytest.mark.weights
@pytest.mark.parametrize("options", [(), ("--explain",)])
def test_a_score_by_the_default_model_imports_no_torch(options):
    load_encoder("general", backend="onnx")
    printed, modules = started("score", "A dog barks.", "A dog is barking.", *options)
    assert not modules & SLOW
    assert "yes" in printed


@pytest.mark.parametrize("command", [(), ("score",), ("train",), ("plagiarism",)])
def test_help_imports_next_to_nothing(command):
    printed, modules = started(*command, "--help")
    assert not modules & (SLOW | {"numpy", "onnxruntime", "tokenizers", "rich"})
    assert "Usage" in printed


def test_a_search_imports_no_torch(tiny_sentence_model, tmp_path):
    from siamese_text import Index

    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.txt").write_text("The small library near the river opens early in the morning. " * 5)
    Index.build(documents, model=tiny_sentence_model, words=20).save(tmp_path / "index")
    load_encoder(tiny_sentence_model, backend="onnx")
    printed, modules = started("search", tmp_path / "index", "the river")
    assert not modules & SLOW - {"scipy"}
    assert "library" in printed
