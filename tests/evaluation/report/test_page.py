"""The page of a report, and the folder that holds it."""

from dataclasses import replace

import lxml.html
import pytest

from siamese_text.errors import BadOutput
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.report.contents import ERRORS, EvaluationReport
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


def test_one_sentence_names_the_best_model_by_what_is_known():
    deciding = [Evaluation(name, "mrpc/test", 9, ap=0.5, accuracy=share) for name, share in (("a", 0.7), ("b", 0.8))]
    assert summary(deciding) == "b decides 80.0 % of 9 pairs rightly, the best of 2 models"
    assert summary([Evaluation("a", "d", 9, ap=0.5)]) == "a ranks 9 pairs with an average precision of 0.500"


def test_a_folder_with_other_files_is_no_report(tmp_path):
    for name in ("index.html", "report.json", "roc.png"):
        (tmp_path / name).touch()
    check_report_folder(tmp_path, overwrite=True)
    (tmp_path / "essay.txt").touch()
    with pytest.raises(BadOutput, match=r"essay\.txt"):
        check_report_folder(tmp_path, overwrite=True)
