"""``evaluate`` beyond its figures: slices, comparisons, leaks, and the report folder."""

import json

import lxml.html
import pytest

from siamese_text.api import calibrate
from siamese_text.evaluation.report.contents import ERRORS

PLOTS = {"roc.png", "precision-recall.png", "scores-1.png", "reliability-1.png", "pca-1.png", "tsne-1.png"}


@pytest.fixture(scope="module")
def fitted(tiny_sentence_model, tmp_path_factory):
    """The tiny model with a decision that was fitted on the bundled validation pairs."""
    folder = tmp_path_factory.mktemp("fitted") / "model"
    calibrate(tiny_sentence_model, folder, "sample")
    return folder


@pytest.fixture
def few_pairs(write_rows, sample_pairs):
    rows = [{"sentence1": pair.sentence1, "sentence2": pair.sentence2, "label": pair.label} for pair in sample_pairs]
    return write_rows("few.jsonl", rows[:60])


def page_of(folder):
    return lxml.html.fromstring((folder / "index.html").read_text(encoding="utf-8"))


def test_slices_are_printed_with_their_warning(command, fitted):
    code, out, lines = command("evaluate", "--dataset", "sample", "--split", "test", "--model", fitted, "--slices")
    assert code == 0
    for words in ("words in common", "negation", "numbers", "names", "the same words, swapped", "calibration gap"):
        assert words in out
    assert " *" in out and any("fewer than 30 pairs" in line for line in lines)


def test_slices_as_json_add_up(command, fitted):
    arguments = ["--dataset", "sample", "--split", "test", "--model", fitted]
    values = json.loads(command("evaluate", *arguments, "--slices", "--json")[1])
    [slices], [evaluation] = values["slices"], values["evaluations"]
    for rule in {part["rule"] for part in slices}:
        parts = [part for part in slices if part["rule"] == rule]
        assert sum(part["pairs"] for part in parts) == evaluation["pairs"]
        right = sum(part["accuracy"] * part["pairs"] for part in parts)
        assert right / evaluation["pairs"] == pytest.approx(evaluation["accuracy"])


def test_further_models_are_compared_with_the_first(command, fitted, tiny_sentence_model, few_pairs):
    models = ["--model", fitted, "--model", tiny_sentence_model, "--model", fitted]
    values = json.loads(command("evaluate", "--dataset", few_pairs, *models, "--json")[1])
    without_decision, itself = values["comparisons"]
    assert without_decision["first"] == itself["first"] == str(fitted)
    assert without_decision["differences"].keys() == {"ap"}
    assert itself["differences"]["accuracy"] == {"value": 0, "low": 0, "high": 0, "p": 1}
    assert "slices" not in values and "leaks" not in values  # nobody asked for them


def test_leaks_fail_and_show_the_figures_without_them(command, fitted, write_rows, good_rows):
    file = write_rows("pairs.jsonl", [*good_rows, *({"sentence1": f"{n}", "sentence2": "x", "label": 0} for n in "ab")])
    leak = {"sentence1": "Sleeps in the field: the dog!", "sentence2": "nothing of ours", "label": 1}
    training = write_rows("training.jsonl", [leak])
    arguments = ["--dataset", file, "--model", fitted, "--leaks", training]
    code, out, lines = command("evaluate", *arguments)
    assert code == 1
    assert "without the 1 pairs that leak" in out
    assert f"1 of 8 pairs share a sentence with {training}" in lines
    code, out, _ = command("evaluate", *arguments, "--leaks", "sample", "--json")
    leaks = json.loads(out)["leaks"]
    assert code == 1
    assert leaks["pairs"] == 1 and leaks["sources"] == {str(training): 1, "sample": 0}
    assert leaks["without"][0]["pairs"] == 7


def test_leaks_that_leave_nothing_are_said(command, fitted, write_rows, good_rows):
    file = write_rows("pairs.jsonl", good_rows)
    code, _, lines = command("evaluate", "--dataset", file, "--model", fitted, "--leaks", file)
    assert code == 1
    assert any("no pairs of both labels left" in line for line in lines)


def test_no_leak_is_no_failure(command, fitted):
    code, out, lines = command("evaluate", "--dataset", "sample", "--model", fitted, "--leaks", "sample")
    assert code == 0
    assert "that leak" not in out
    assert any("0 of 258 pairs share a sentence with sample" in line for line in lines)


def test_a_report_holds_page_plots_and_figures(command, fitted, tmp_path):
    arguments = ["--dataset", "sample", "--split", "test", "--model", fitted, "--report", "report"]
    code, _, lines = command("evaluate", *arguments)
    assert code == 0, lines
    assert lines[:2] == ["reading sample", f"encoding with {fitted}"]
    assert lines[-1] == "wrote report/index.html"
    folder = tmp_path / "report"
    assert {file.name for file in folder.iterdir()} == {"index.html", "report.json", *PLOTS}
    page = page_of(folder)
    assert {image.get("src") for image in page.iter("img")} == PLOTS
    assert not list(page.iter("script", "link"))
    assert all(link.get("href").startswith("#") or link.get("href") in PLOTS for link in page.iter("a"))
    values = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    [bins], [evaluation] = values["reliability"], values["evaluations"]
    gaps = sum(each["pairs"] * abs(each["probability"] - each["same"]) for each in bins)
    assert gaps / evaluation["pairs"] == pytest.approx(evaluation["ece"])
    assert values["map"] == {"drawn": 258, "of": 258, "seed": 0}
    assert len(values["errors"][0]) == ERRORS
    for figure in (f"{evaluation['ap']:.3f}", f"(perfect: {evaluation['ece_expected']:.3f})"):
        assert figure in page.text_content()


def test_an_existing_report_is_kept_unless_it_may_be_replaced(command, fitted, tmp_path, write_rows, good_rows):
    file = write_rows("pairs.jsonl", good_rows)
    arguments = ["evaluate", "--dataset", file, "--model", fitted, "--report", "report"]
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("old")
    code, _, lines = command(*arguments)
    assert code == 2 and "--overwrite" in lines[-1]
    assert (tmp_path / "report" / "index.html").read_text() == "old"
    assert command(*arguments, "--overwrite")[0] == 0
    (tmp_path / "report" / "thesis.txt").write_text("mine")
    code, _, lines = command(*arguments, "--overwrite")
    assert code == 2 and "thesis.txt" in lines[-1]
    assert (tmp_path / "report" / "thesis.txt").exists()


def test_graded_pairs_get_a_scatter_and_correlations_by_slice(command, tiny_sentence_model, write_rows, good_rows):
    rows = [row | {"label": 0.1 + 0.15 * number} for number, row in enumerate(good_rows)]
    file = write_rows("graded.jsonl", rows)
    code, out, lines = command(
        "evaluate", "--dataset", file, "--model", tiny_sentence_model, "--slices", "--report", "report"
    )
    assert code == 0, lines
    assert "mean grade" in out and "accuracy" not in out
    folder = file.parent / "report"
    names = {file.name for file in folder.iterdir()}
    assert names == {"index.html", "report.json", "grades-1.png", "pca-1.png", "tsne-1.png"}


def test_texts_with_classes_are_measured_by_pairs_and_mapped_by_class(command, fitted, write_rows):
    rows = [{"text": f"the {word} in the {place}", "label": word} for word in ("cat", "dog") for place in "abcdef"]
    file = write_rows("classes.jsonl", rows)
    code, _, lines = command("evaluate", "--dataset", file, "--model", fitted, "--report", "report")
    assert code == 0, lines
    assert any("texts with classes" in line and "of 12 rows" in line for line in lines)
    assert "all 12 texts" in page_of(file.parent / "report").text_content()


def test_two_models_share_the_curves_and_have_a_section_each(command, fitted, tiny_sentence_model, few_pairs, tmp_path):
    models = ["--model", fitted, "--model", tiny_sentence_model]
    code, out, lines = command("evaluate", "--dataset", few_pairs, *models, "--report", "report")
    assert code == 0, lines
    assert "paired bootstrap" in out and "95 % interval" in out
    names = {file.name for file in (tmp_path / "report").iterdir()}
    assert names >= PLOTS | {"scores-2.png", "pca-2.png", "tsne-2.png"}
    assert "reliability-2.png" not in names  # the untrained model gives no probability
    page = page_of(tmp_path / "report")
    assert page.get_element_by_id("comparison") is not None
    assert "no fitted decision" in page.get_element_by_id("model-2").text_content().casefold()


def test_evaluate_puts_models_side_by_side(good_command, trained, tiny_sentence_model):
    models = ["--model", trained, "--model", tiny_sentence_model]
    out, err = good_command("evaluate", "--dataset", "sample", "--split", "test", *models, "--json")
    first, second = json.loads(out)["evaluations"]
    wanted = {"ap", "roc_auc", "accuracy", "f1", "mcc", "threshold", "ece", "brier", "spearman", "pearson"}
    assert wanted <= set(first)
    assert first["pairs"] == second["pairs"] == 258
    assert first["cross_fitted"] is False
    assert second["accuracy"] is None
    out, err = good_command("evaluate", "--dataset", "sample", *models)
    assert "cross-fitted, since these are the same pairs" in err
    assert "no fitted decision" in err
    assert "majority baseline" in out
