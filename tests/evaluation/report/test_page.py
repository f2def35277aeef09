"""The page of a report, and the folder that holds it."""

from dataclasses import replace

import lxml.html
import pytest

from siamese_text.errors import BadOutput
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.report import plots
from siamese_text.evaluation.report.contents import ERRORS, EXPLAINED, EvaluationReport, explained_errors
from siamese_text.evaluation.report.page import check_report_folder, summary, write_report
from siamese_text.evaluation.report.worst_errors import worst_errors


def page_of(folder):
    return lxml.html.fromstring((folder / "index.html").read_text(encoding="utf-8"))


def test_the_page_escapes_texts_and_shows_what_a_model_explains(examined, tmp_path):
    [worst] = worst_errors(examined, 1)
    bad = replace(worst.pair, sentence1="<script>alert(1)</script> & more")
    pairs = [bad if pair == worst.pair else pair for pair in examined.pairs]
    explained = replace(examined, pairs=pairs, explain=lambda sides: f"<b class='why-{len(sides)}'>because</b>")
    page = page_of(write_report(EvaluationReport([explained]), tmp_path / "report").parent)
    assert not list(page.iter("script"))
    assert "<script>alert(1)</script> & more" in page.text_content()
    assert len(page.find_class("why-2")) == min(ERRORS, examined.predictions.wrong)


def test_a_report_grows_in_parts_each_of_which_can_be_read(examined, tmp_path):
    folder, seen = tmp_path / "report", []

    def look(done, total):
        page = page_of(folder)
        files = {path.name for path in folder.iterdir()}
        assert {image.get("src") for image in page.iter("img")} == files - {"index.html", "report.json"}
        assert ("still being made" in page.text_content()) == (done < total)
        seen.append((done, total, len(files)))

    explained = replace(examined, explain=lambda _sides: "<b>because</b>")
    stages = []
    write_report(EvaluationReport([explained] * 2), folder, stage=stages.append, progress=look)
    name = examined.evaluation.model
    assert stages[:2] == ["measuring slices and differences", "drawing the curves of all models"]
    assert stages[2] == stages[3] == f"drawing the scores of {name}"
    assert stages[-1] == f"explaining the worst errors of {name}"
    assert [(done, total) for done, total, _ in seen] == [(done, 5) for done in range(1, 6)]
    assert [files for _, _, files in seen] == [4, 6, 8, 8, 8]


def test_figures_are_there_before_anything_is_drawn(examined, tmp_path, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(plots, "draw_roc", fail)
    with pytest.raises(KeyboardInterrupt):
        write_report(EvaluationReport([examined]), tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"index.html", "report.json"}
    page = page_of(tmp_path / "report").text_content()
    assert f"{examined.evaluation.ap:.3f}" in page and "still being made" in page


def test_of_many_models_only_the_first_errors_are_explained(examined, tmp_path):
    explained = replace(examined, explain=lambda _sides: "<b class='why-so'>because</b>")
    page = page_of(write_report(EvaluationReport([explained] * 8), tmp_path / "report").parent)
    assert len(page.find_class("why-so")) == 8 * explained_errors(8) == EXPLAINED
    assert f"The first {explained_errors(8)} are explained." in page.text_content()


def test_one_sentence_names_the_best_model_by_what_is_known():
    deciding = [Evaluation(name, "mrpc/test", 9, ap=0.5, accuracy=share) for name, share in (("a", 0.7), ("b", 0.8))]
    assert summary(deciding) == "b decides 80.0 % of 9 pairs rightly, the best of 2 models"
    assert summary([Evaluation("a", "d", 9, ap=0.5)]) == "a ranks 9 pairs with an average precision of 0.500"


def test_a_folder_with_other_files_is_no_report(tmp_path):
    for name in ("index.html", "report.json", "roc.png"):
        (tmp_path / name).touch()
    check_report_folder(tmp_path, overwrite=True)
    (tmp_path / ".index.html.x7.html").touch()  # the draft of a run that was killed
    check_report_folder(tmp_path, overwrite=True)
    (tmp_path / "essay.txt").touch()
    with pytest.raises(BadOutput, match=r"essay\.txt"):
        check_report_folder(tmp_path, overwrite=True)
