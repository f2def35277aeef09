"""`verify`: references in a folder, answers about texts, and bad input in one line."""

import json

import numpy as np
import pytest

REFERENCES = "id,text\nT1,the cat sat in the garden\nT2,two bees on a flower\nT3,snow was on the road\n"


@pytest.fixture
def known(command, tmp_path, tiny_sentence_model):
    """A folder with three references."""
    (tmp_path / "references.csv").write_text(REFERENCES)
    code, _, lines = command("verify", "enrol", "known", "--file", "references.csv", "--model", tiny_sentence_model)
    assert (code, lines[-1]) == (0, "wrote known: 3 references")
    return tmp_path / "known"


def tried(count):
    """Texts of which every other one is a reference with some letters more."""
    random = np.random.default_rng(0)
    rows = [line.split(",") for line in REFERENCES.splitlines()[1:]]
    lines = ["text,id"]
    for number in range(count):
        noise = "".join(random.choice(list("abcdefgh "), 3 if number % 2 else 40))
        name, text = rows[number % 3]
        lines.append(f"{text} {noise}{number},{name}" if number % 2 else f"{noise}{number},")
    return "\n".join(lines) + "\n"


def test_references_are_added_and_removed(known, command):
    code, out, _ = command("verify", "enrol", known, "a long book", "--id", "T4", "--json")
    assert (code, json.loads(out)["references"]) == (0, 4)
    code, _, lines = command("verify", "remove", known, "T1", "T4")
    assert (code, lines) == (0, ["wrote known: 2 references".replace("known", str(known))])


def test_a_threshold_is_set_and_answers_follow_it(known, command, tmp_path):
    (tmp_path / "tried.csv").write_text(tried(400))
    options = ("--false-accepts", "0.1", "--false-rejects", "0.2", "--plot", "errors.png", "--json")
    code, out, lines = command("verify", "calibrate", known, "tried.csv", *options)
    set_by = json.loads(out)
    assert code == 0
    assert set_by["genuine"] + set_by["impostors"] == 400
    assert 0 <= set_by["equal_error_rate"] < 0.5 < set_by["auroc"]
    assert any("with confidence 0.95 at most 10.0 % false accepts" in line for line in lines)
    assert (tmp_path / "errors.png").stat().st_size > 1000
    code, out, _ = command("verify", "check", known, "two bees on a flower", "qqq zzz 9", "--json")
    first, second = json.loads(out)["texts"]
    assert (code, first["reference"], first["answer"]) == (0, "T2", "accept")
    assert first["similarity"] >= set_by["accept_from"]
    assert second["answer"] == ("accept" if second["similarity"] >= set_by["accept_from"] else second["answer"])


def test_without_a_threshold_the_models_decision_is_asked(command, tmp_path, trained_model):
    (tmp_path / "references.csv").write_text(REFERENCES)
    command("verify", "enrol", "known", "--file", "references.csv", "--model", trained_model)
    code, out, _ = command("verify", "check", "known", "two bees on a flower")
    assert code == 0
    assert "T2" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["enrol", "known", "a text"], "add --id NAME"),
        (["enrol", "known"], "give one text with its --id, or --file TABLE"),
        (["enrol", "known", "a text", "--id", "T1"], "there is a reference 'T1' already"),
        (["enrol", "known", " ", "--id", "T9"], "text 1 is empty"),
        (["enrol", "known", "--file", "nameless.csv"], "row 1 of nameless.csv has no id"),
        (["enrol", "known", "--file", "missing.csv"], "missing.csv is no file"),
        (["enrol", "known", "--file", "other.csv"], "no column 'id'; its columns: name, text; rename one"),
        (["enrol", "known", "a text", "--id", "T9", "--model", "other"], "was made with"),
        (["remove", "known", "T1", "T9"], "there is no reference 'T9'; there are 3"),
        (["remove", "missing", "T1"], "missing does not exist; make it with references: siamese-text verify enrol"),
        (["check", "missing", "a text"], "siamese-text verify enrol missing TEXT --id NAME"),
        (["check", "known"], "give texts, or --file FILE"),
        (["check", "known", " "], "there is no text to check"),
        (["check", "known", "a text"], "has no decision about pairs; calibrate"),
        (["calibrate", "known", "few.csv"], "cannot be promised with confidence 0.95"),
        (["calibrate", "known", "unknown.csv"], "there is no reference 'T9'; enrol it first"),
        (["calibrate", "known", "references.csv"], "3 of 3 texts match their nearest reference"),
        (["forget"], "verify got 'forget'; choose from enrol, check, calibrate, remove"),
        ([], "verify got nothing; choose from enrol"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(known, command, tmp_path, arguments, words):
    (tmp_path / "nameless.csv").write_text("id,text\n,some text\n")
    (tmp_path / "other.csv").write_text("name,text\nT8,some text\n")
    (tmp_path / "few.csv").write_text(tried(20))
    (tmp_path / "unknown.csv").write_text("text,id\nsome text,T9\nother,\n")
    before = (known / "estimator.json").read_bytes()
    code, out, lines = command("verify", *arguments)
    assert code in (2, 4) and not out
    assert len(lines) == 1 and words in lines[0], lines
    assert (known / "estimator.json").read_bytes() == before
