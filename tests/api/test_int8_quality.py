"""Decisions belong to the precision that they were fitted at, through the API and the commands."""

import json
import shutil
import warnings

import pytest

from siamese_text import Index, Scorer, check_folder, evaluate
from siamese_text.api import calibrate, embed_file
from siamese_text.api.scorer import load_to_predict
from siamese_text.cli import run
from siamese_text.encoder.loading import load_encoder
from siamese_text.errors import BadModel, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32", "ignore:set SIAMESE")
PAIR = ("the cat sleeps", "the dog runs")


@pytest.fixture(scope="module")
def calibrated(tiny_sentence_model, tmp_path_factory):
    """Model folders whose decisions were fitted in fp32 and in int8."""
    outputs = {name: tmp_path_factory.mktemp("models") / name for name in ("torch", "int8")}
    for backend, output in outputs.items():
        calibrate(tiny_sentence_model, output, "sample", backend=backend)
    return outputs


def test_calibrate_stores_the_precision(calibrated):
    for backend, precision in (("torch", "fp32"), ("int8", "int8")):
        saved = json.loads((calibrated[backend] / "siamese_text.json").read_text())
        assert saved["decision"]["compute_dtype"] == precision


def test_a_decision_decides_at_its_own_precision(calibrated):
    for folder, backend in ((calibrated["torch"], "onnx"), (calibrated["int8"], "int8")):
        scorer = Scorer.load(folder, backend=backend)
        assert scorer.predict([PAIR]).same is not None
        assert scorer.encoder.compute_dtype == scorer.decision.compute_dtype


@pytest.mark.parametrize(
    ("fitted", "backend", "advice"),
    [
        ("torch", "int8", "use backend torch or onnx, or fit one: siamese-text calibrate --backend int8"),
        ("int8", "auto", "use backend int8, or fit one: siamese-text calibrate --backend onnx"),
        ("int8", "onnx", "use backend int8, or fit one: siamese-text calibrate --backend onnx"),
    ],
)
def test_at_another_precision_it_is_refused_and_the_line_says_what_to_do(calibrated, fitted, backend, advice):
    scorer = Scorer.load(calibrated[fitted], backend=backend)
    for use in (scorer.predict, scorer.predict_proba):
        with pytest.raises(BadModel, match=advice) as caught:
            use([PAIR])
        assert "\n" not in str(caught.value)
    assert scorer.scores([PAIR]).similarity.shape == (1,)  # what needs no decision goes on working
    assert len(scorer.encode(PAIR)) == 2


def test_it_is_refused_before_anything_is_exported(calibrated, tmp_path):
    folder = shutil.copytree(calibrated["torch"], tmp_path / "model", ignore=shutil.ignore_patterns("onnx*"))
    with pytest.raises(BadModel, match="was fitted at fp32"):
        load_to_predict(folder, backend="int8")
    assert not list(folder.glob("onnx*"))
    for question in (
        lambda: evaluate(folder, "sample", backend="int8"),
        lambda: check_folder(tmp_path, model=folder, backend="int8"),
    ):
        with pytest.raises(BadModel, match="was fitted at fp32"):
            question()
    assert not list(folder.glob("onnx*"))


def test_a_loaded_scorer_is_asked_before_it_encodes(calibrated):
    scorer = Scorer.load(calibrated["torch"], backend="int8")
    with pytest.raises(BadModel, match="was fitted at fp32"):
        load_to_predict(scorer)
    fitting = Scorer.load(calibrated["int8"], backend="int8")
    assert load_to_predict(fitting) is fitting


def test_a_decision_without_a_precision_is_one_of_fp32(calibrated, tiny_sentence_model, tmp_path):
    saved = json.loads((calibrated["torch"] / "siamese_text.json").read_text())
    del saved["decision"]["compute_dtype"]
    Scorer.load(tiny_sentence_model, backend="torch").encoder.save(tmp_path / "model")
    (tmp_path / "model" / "siamese_text.json").write_text(json.dumps(saved))
    assert Scorer.load(tmp_path / "model", backend="torch").decision.compute_dtype == "fp32"
    saved["decision"]["compute_dtype"] = "int3"
    (tmp_path / "model" / "siamese_text.json").write_text(json.dumps(saved))
    with pytest.raises(BadModel, match="int3"):
        Scorer.load(tmp_path / "model", backend="torch")


def test_the_record_of_int8_says_how_far_vectors_moved(calibrated):
    check = Scorer.load(calibrated["int8"], backend="int8").encoder.graph.check
    assert 0.9 < check["cosine_p1"] <= check["cosine_mean"] <= 1
    assert 0 < check["neighbours"] <= 1


def keep_data(folder, name, labels):
    """A data set whose validation rows have these labels."""
    (folder / name).mkdir(parents=True)
    rows = [{"sentence1": f"the cat {'runs ' * n}", "sentence2": "the dog", "label": n % 2} for n in range(labels)]
    (folder / name / "validation.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def by_evaluating(scorer, _):
    evaluate(scorer, "sample")


def by_calibrating(scorer, folder):
    calibrate(scorer, folder / "calibrated", "sample", overwrite=True)


def by_embedding(scorer, folder):
    (folder / "texts.txt").write_text("the cat sleeps")
    embed_file(folder / "texts.txt", folder / "v.npy", model=scorer.name, backend="int8", cache=False, overwrite=True)


@pytest.mark.parametrize("command", [by_evaluating, by_calibrating, by_embedding])
def test_the_record_of_int8_says_what_it_costs_on_data_that_is_at_hand(
    tiny_sentence_model, tmp_path, monkeypatch, command
):
    monkeypatch.setenv("SIAMESE_TEXT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SIAMESE_TEXT_DATA", raising=False)

    def told():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scorer = Scorer.load(tiny_sentence_model, backend="int8")
            assert not [each for each in caught if "stsb" in str(each.message)]  # to load a model measures nothing
            command(scorer, tmp_path)
        said = [str(warning.message) for warning in caught]
        kept = load_encoder(tiny_sentence_model, backend="int8").graph.check["quality"]
        return [line for line in said if "stsb" in line or "paws" in line], kept

    said, kept = told()
    assert (len(said), kept) == (1, {})
    assert "set SIAMESE_TEXT_DATA" in said[0]
    assert told() == ([], {})  # it is said once
    keep_data(tmp_path / "data", "stsb", 12)
    monkeypatch.setenv("SIAMESE_TEXT_DATA", str(tmp_path / "data"))
    said, kept = told()
    assert said[0].startswith("int8 on stsb/validation (12 pairs): Spearman ")
    assert kept["stsb"]["int8"] == pytest.approx(kept["stsb"]["fp32"], abs=0.3)
    keep_data(tmp_path / "data", "paws", 10)
    said, both = told()
    assert said[0].startswith("int8 on paws/validation (10 pairs): AP ")
    assert both == {"stsb": kept["stsb"], "paws": both["paws"]}
    assert told() == ([], both)


def test_evaluate_runs_on_every_backend(calibrated):
    exact = evaluate(calibrated["torch"], "sample", backend="torch").evaluation
    assert evaluate(calibrated["torch"], "sample", backend="onnx").evaluation.ap == pytest.approx(exact.ap, abs=1e-6)
    assert evaluate(calibrated["int8"], "sample", backend="int8").evaluation.ap == pytest.approx(exact.ap, abs=0.05)


def test_an_index_is_asked_at_its_own_precision(calibrated, tmp_path):
    (tmp_path / "a.txt").write_text("The small library near the river opens early in the morning. " * 5)
    Index.build(tmp_path / "a.txt", model=calibrated["torch"], words=20, backend="int8").save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert opened.scorer.encoder.compute_dtype == "int8"
    assert opened.search("the river", k=1)[0].passage.document == "a.txt"
    with pytest.raises(UsageError, match="was built at int8"):
        Index.open(tmp_path / "index", backend="onnx")


def test_the_command_refuses_in_one_line(calibrated, capsys):
    assert run(["score", *PAIR, "--model", str(calibrated["torch"]), "--backend", "int8"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: the decision of ")
    assert run(["score", *PAIR, "--model", str(calibrated["torch"]), "--backend", "int4"]) == 2
    assert "error: backend is 'int4'; choose from auto, torch, onnx, int8" in capsys.readouterr().err


def test_calibrate_evaluate_and_score_work_together_in_int8(tiny_sentence_model, tmp_path, capsys):
    model = str(tmp_path / "model")
    dataset = ["--dataset", "sample", "--backend", "int8"]
    assert run(["calibrate", *dataset, "--model", str(tiny_sentence_model), "-o", model]) == 0
    assert run(["evaluate", *dataset, "--model", model]) == 0
    assert run(["score", *PAIR, "--model", model, "--backend", "int8", "--json"]) == 0
    assert '"compute_dtype": "int8"' in capsys.readouterr().out
