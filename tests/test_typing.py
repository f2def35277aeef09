"""What a type checker says of a user's script: nothing where it is right, and what is wrong where it is not."""

import subprocess
import sys
from pathlib import Path

import pytest

import siamese_text

ROOT = Path(siamese_text.__file__).parent.parent
RIGHT = """
from siamese_text import CheckOptions, Evaluation, Index, Scorer, check_folder, distill, evaluate, load_encoder, train

report = train("sample", "model", loss="contrastive", num_train_epochs=1, margin=0.4, learning_rate=2e-5)
train("sample", "model", epochs=1, batch_size=16)
student = distill("student", teacher="model", static=True).output
scorer = Scorer.load("model", backend="onnx")
said = scorer.predict([("a cat", "a dog")])
shape: tuple[int, ...] = said.similarity.shape
results = evaluate(["model", scorer], "sample", "test", leaks=["sample"], report="report")
first: Evaluation = results.evaluations[0]
ap: float | None = evaluate(scorer, "sample").evaluation.ap
hits = Index.build("documents", "index", model=scorer).search("a river", k=3, rerank=True)
probability: float | None = hits[0].probability
findings = check_folder("documents", options=CheckOptions(min_run_words=10))
names: list[str] = [pair.left for pair in findings.pairs]
vectors = load_encoder("model").encode(["a cat"])
"""
WRONG = {
    'train("sample", "model", num_train_epoch=1)': "num_train_epoch",
    'train("sample", "model", lr_scheduler_type="stepwise")': "lr_scheduler_type",
    'distill("student", teacher_model="model")': "teacher_model",
    'evaluate("model", "sample").accuracy': "accuracy",
    "siamese_text.Scorrer": "Scorrer",
}


def checked(folder, source):
    """The lines that mypy prints about a script; what it found out of the package in `make test` it knows."""
    script = folder / "script.py"
    script.write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return [line.removeprefix(f"{folder}/") for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("script")


def test_a_script_that_is_right_has_no_error(folder):
    assert checked(folder, RIGHT) == []


def test_what_is_wrong_is_said_at_its_line(folder):
    source = "import siamese_text\nfrom siamese_text import distill, evaluate, train\n\n" + "\n".join(WRONG)
    lines = checked(folder, source)
    for number, word in enumerate(WRONG.values(), start=4):
        assert any(line.startswith(f"script.py:{number}: error: ") and word in line for line in lines), (word, lines)


def test_a_type_checker_finds_the_types_of_an_installed_package():
    assert (ROOT / "siamese_text" / "py.typed").is_file()
