"""The command that distils: what it writes, says and refuses."""

import json

import pytest

SENTENCES = [
    f"the {who} {does} in the {where}"
    for who in ("cat", "dog", "bird")
    for does in ("runs", "sleeps")
    for where in ("garden", "town", "park", "snow")
]


@pytest.fixture
def distill(command, tmp_path, tiny_sentence_model):
    def call(*options):
        path = tmp_path / "sentences.txt"
        path.write_text("\n".join(SENTENCES), encoding="utf-8")
        teacher = ("--teacher", tiny_sentence_model, "--sentences", path)
        return command("distill", *teacher, "--epochs", "1", "--set", "per_device_train_batch_size=8", *options)

    return call


@pytest.mark.parametrize("kind", [("--layers", "1"), ("--static",)], ids=["layers", "static"])
def test_a_student_is_made_and_scores(distill, command, kind):
    code, out, lines = distill("-o", "student", "--dataset", "sample", "--json", *kind)
    assert code == 0
    report = json.loads(out)
    assert report["sentences"] == {"training": 22, "held_out": 2, "left_out_for_held_out_pairs": 0}
    assert set(report["evaluations"]) == {"sample/validation", "sample/test"}
    assert report["judged"] == report["evaluations"]  # what 0.1 called them
    assert lines[0] == "learns from 22 sentences, 2 are held out"
    code, out, _ = command("score", "the cat runs", "the dog sleeps", "--model", "student", "--json")
    assert (code, "similarity" in out) == (0, True)


def test_words_and_a_table_without_json(distill):
    code, out, lines = distill("-o", "student", "--layers", "1", "--dataset", "sample")
    assert (code, "cosine with the teacher" in out, "sample/validation" in out) == (0, True, True)
    assert lines[-1].startswith("wrote student (")


def test_a_recipe_gives_what_options_do_not(distill, tmp_path):
    (tmp_path / "recipe.toml").write_text('layers = "0,1"\nmax_steps = 2\nwarmup_ratio = 0.5\n')
    code, out, _ = distill("-o", "student", "--recipe", "recipe.toml", "--layers", "1", "--json")
    settings = json.loads(out)["settings"]
    assert code == 0
    assert (settings["layers"], settings["max_steps"], settings["warmup_ratio"]) == ("1", 2, 0.5)


def test_a_comma_in_a_path(command, tmp_path, tiny_sentence_model):
    for name in ("a,b.txt", "c.txt"):
        (tmp_path / name).write_text("\n".join(SENTENCES), encoding="utf-8")
    options = ("--teacher", tiny_sentence_model, "--static", "--max-steps", "1", "--json")
    code, out, _ = command("distill", "-o", "student", *options, "--sentences", "a,b.txt")
    assert (code, json.loads(out)["sentences"]["training"]) == (0, 22)
    code, _, [line] = command("distill", "-o", "other", *options, "--sentences", "a,b.txt", "--sentences", "c.txt")
    assert (code, line) == (2, "error: a,b.txt has a comma, which separates sources; rename it, or give it alone")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--static", "--layers", "2"), 2, "a static model has none"),
        (("--layers", "3"), 2, "the teacher has 2 layers"),
        (("--layers", "0"), 2, "choose 1 to 2"),
        (("--layers", "1", "--sentences", "missing.txt"), 2, "missing.txt"),
        (("--set", "layer=2"), 2, "did you mean layers"),
        (("--limit", "0"), 2, "max_train_samples is 0"),
        (("--teacher", "./nowhere"), 2, "is not a folder"),
    ],
)
def test_bad_options_are_one_line(distill, options, code, words, tmp_path):
    found, out, lines = distill("-o", "student", *options)
    assert (found, out, words in lines[-1]) == (code, "", True)
    assert not (tmp_path / "student").exists()
