"""What a user of 0.1 wrote goes on working, and each old word is said once, with the new one."""

import json
import warnings

import numpy as np
import pytest

from siamese_text import deprecation

# As the README of 0.1 wrote it, on a tiny model; `scorer.judge` and what else only its documentation named included.
SCRIPT = """
from siamese_text import Encoder, Index, Judgements, Pair, Scorer, calibrate, check_folder, embed_file, evaluate
from siamese_text import load_encoder, train
from siamese_text.api import examine, read_documents

scorer = Scorer.load(model, few_texts=True, decides=False)
judged = scorer.score([("a cat", "a dog"), Pair("a bird", "a bird")])
assert isinstance(judged, Judgements)
similarity, probability, same = judged.similarity, judged.probability, judged.same

vectors = Encoder.load(model, device="cpu").encode(["a cat", "a dog"])
the_same = load_encoder(model, backend="torch").encode(["a cat", "a dog"])
static = Encoder.load(student).encode(["a cat", "a dog"])
embedded = embed_file(folder / "lines.txt", folder / "vectors.npy", model=model)

documents = read_documents([folder / "documents"])
Index.build(folder / "documents", model=scorer).save(folder / "index")
hits = Index.open(folder / "index").search("the river is long", k=1)
findings = check_folder(folder / "documents", model=scorer)

report = train("sample", folder / "trained", model=str(model), loss="contrastive", epochs=1, batch_size=16,
               max_steps=2, limit=64, warmup=0.2, clip=0.5, precision="fp32", also="", device="cpu")
figures = evaluate(folder / "trained", "sample", "test")
ap, accuracy, interval = figures.ap, figures.accuracy, figures.intervals["accuracy"]
calibrated = calibrate(model, folder / "calibrated", "sample")
"""


@pytest.fixture(scope="module")
def ran(tiny_sentence_model, tmp_path_factory):
    """What the script left, and what it was told."""
    from siamese_text import distill

    folder = tmp_path_factory.mktemp("of-0.1")
    (folder / "lines.txt").write_text("a cat\na dog\n", encoding="utf-8")
    (folder / "documents").mkdir()
    for name in "ab":
        text = f"Number {name} is here. " + "The small library near the river opens early in the morning each day. " * 4
        (folder / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    distill(folder / "student", teacher=str(tiny_sentence_model), static=True, max_steps=2, device="cpu")
    told = {"model": tiny_sentence_model, "student": folder / "student", "folder": folder}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as caught:
        patch.setattr(deprecation, "_warned", set())
        warnings.simplefilter("always")
        exec(compile(SCRIPT, "script of 0.1", "exec"), told)
    return told, [warning for warning in caught if warning.category is FutureWarning]


def test_the_script_gives_what_it_gave(ran):
    told, _ = ran
    assert told["similarity"].shape == (2,) and told["probability"] is None and told["same"] is None
    np.testing.assert_array_equal(told["vectors"], told["the_same"])
    assert told["static"].shape[0] == 2
    assert len(told["documents"]) == 2 and len(told["hits"]) == 1
    assert 0 <= told["interval"][0] <= told["accuracy"] <= told["interval"][1] <= 1
    settings = json.loads((told["folder"] / "trained" / "report.json").read_text(encoding="utf-8"))["settings"]
    assert settings["loss"] == "contrastive"


@pytest.mark.parametrize(
    "old",
    [
        "siamese_text.Encoder",
        "siamese_text.Judgements",
        "siamese_text.examine",
        "siamese_text.read_documents",
        "few_texts= of Scorer.load",
        "decides= of Scorer.load",
        "Scorer.score",
        "evaluate(...).ap",
        "evaluate(...).intervals",
        "epochs",
        "batch_size",
        "limit",
        "warmup",
        "clip",
        "precision",
        "also",
    ],
)
def test_each_old_word_is_said_once(ran, old):
    _, caught = ran
    told = [str(warning.message) for warning in caught if str(warning.message).startswith(f"{old} is deprecated ")]
    assert len(told) == 1


def test_warnings_point_at_the_users_line(ran):
    _, caught = ran
    assert {warning.filename for warning in caught} == {"script of 0.1"}
