"""``evaluate`` beyond its figures: slices, comparisons, leaks, and the report folder."""

import json
from contextlib import contextmanager
from dataclasses import replace

import lxml.html
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from siamese_text import Scorer
from siamese_text.api import calibrate, examine
from siamese_text.data.pairs import load_pairs
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.report import plots
from siamese_text.evaluation.report.contents import ERRORS, EvaluationReport
from siamese_text.evaluation.report.maps import sample_of_pairs
from siamese_text.evaluation.report.page import write_report
from siamese_text.evaluation.report.worst_errors import difference, worst_errors

PLOTS = {"roc.png", "precision-recall.png", "scores-1.png", "reliability-1.png", "pca-1.png", "tsne-1.png"}


@pytest.fixture(scope="module")
def fitted(tiny_sentence_model, tmp_path_factory):
    """The tiny model with a decision that was fitted on the bundled validation pairs."""
    folder = tmp_path_factory.mktemp("fitted") / "model"
    calibrate(tiny_sentence_model, folder, "sample")
    return folder


@pytest.fixture(scope="module")
def examined(fitted):
    return examine(Scorer.load(fitted, device="cpu"), load_pairs("sample", "test"))


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


def test_texts_with_classes_are_judged_by_pairs_and_mapped_by_class(command, fitted, write_rows):
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


def test_the_worst_errors_are_the_surest_wrong_decisions(examined):
    errors = worst_errors(examined, 10)
    beyond = [abs(error.score - examined.outcomes.threshold) for error in errors]
    assert beyond == sorted(beyond, reverse=True)
    assert all((error.score >= examined.outcomes.threshold) != (error.pair.label == 1) for error in errors)
    wrong = np.abs(examined.outcomes.compared - examined.outcomes.threshold)[~examined.outcomes.right]
    assert beyond[0] == pytest.approx(wrong.max())
    assert len(worst_errors(examined, 10**6)) == examined.outcomes.wrong


def test_the_page_escapes_texts_and_shows_what_a_model_explains(examined, tmp_path):
    [worst] = worst_errors(examined, 1)
    bad = replace(worst.pair, sentence1="<script>alert(1)</script> & more")
    pairs = [bad if pair == worst.pair else pair for pair in examined.pairs]
    explained = replace(examined, pairs=pairs, explain=lambda sides: f"<b class='why-{len(sides)}'>because</b>")
    page = page_of(write_report(EvaluationReport([explained]), tmp_path / "report").parent)
    assert not list(page.iter("script"))
    assert "<script>alert(1)</script> & more" in page.text_content()
    assert len(page.find_class("why-2")) == min(ERRORS, examined.outcomes.wrong)


def test_the_difference_joins_to_the_texts_and_tells_moved_from_new():
    left, right = difference("He fed the  cat, not the dog.", "He fed the dog, not a bird.")
    assert "".join(piece.text for piece in left) == "He fed the  cat, not the dog."
    assert [(piece.text, piece.kind) for piece in left if piece.kind != "both"] == [
        ("cat", "only"),
        ("the", "only"),
        ("dog", "moved"),
    ]
    assert [(piece.text, piece.kind) for piece in right if piece.kind != "both"] == [
        ("dog", "moved"),
        ("a bird", "only"),
    ]


def test_a_map_of_many_pairs_is_a_seeded_draw(sample_pairs):
    many = sample_pairs * 5  # 1,290 pairs
    first, second = sample_of_pairs(many), sample_of_pairs(many)
    assert (len(first.texts), first.drawn, first.total) == (2000, 1000, 1290)
    assert first.texts == second.texts
    sides = {(pair.sentence1, pair.sentence2, pair.label) for pair in many}
    assert all((first.texts[n], first.texts[n + 1000], first.labels[n]) in sides for n in range(1000))


@pytest.fixture
def drawn(monkeypatch):
    """Draw into axes that stay open to look at."""
    axes = Figure().subplots()

    @contextmanager
    def kept(*_, **__):
        yield axes

    monkeypatch.setattr(plots, "_axes", kept)
    return axes


def test_scores_are_drawn_by_label_with_the_threshold_where_it_is_near(drawn, tmp_path):
    labels = np.repeat([0.0, 1.0], [30, 20])
    compared = np.where(labels == 1, 0.9, 0.2)
    plots.draw_scores(tmp_path / "a.png", LabelledPredictions(labels, compared, compared, threshold=0.6))
    [line] = drawn.lines
    assert set(line.get_xdata()) == {0.6}
    handles, titles = drawn.get_legend_handles_labels()
    assert titles == ["different, 30 pairs", "same, 20 pairs", "threshold, 0.600"]
    colours = [to_hex(handle.get_edgecolor()) for handle in handles[:2]]
    assert colours == [plots.DIFFERENT, plots.SAME]
    heights = {title: handle.get_xy()[:, 1].max() for title, handle in zip(titles[:2], handles, strict=False)}
    assert heights == {titles[0]: 30, titles[1]: 20}


def test_a_threshold_far_outside_does_not_squeeze_the_scores(drawn, tmp_path):
    labels, compared = np.array([0.0, 1.0]), np.array([0.2, 0.9])
    plots.draw_scores(tmp_path / "a.png", LabelledPredictions(labels, compared, compared, threshold=-120.0))
    assert drawn.get_xlim()[0] > 0
    assert "threshold, -120.000, far outside" in drawn.get_legend_handles_labels()[1]
