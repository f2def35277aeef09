"""What all pages share."""

import subprocess
import sys
from dataclasses import fields

import jinja2
import pytest

from siamese_text.errors import BadOutput
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.pages import FIGURES, check_report_folder, environment, write_page


def test_every_listed_figure_is_one_of_an_evaluation():
    assert set(FIGURES) <= {field.name for field in fields(Evaluation)}


def test_a_template_escapes_and_refuses_a_name_that_is_not_given(tmp_path):
    (tmp_path / "page.jinja").write_text("{{ text | loud }}{{ more }}", encoding="utf-8")
    template = environment(str(tmp_path / "page.py"), {"loud": str.upper}).get_template("page.jinja")
    assert template.render(text="<a>", more="&") == "&lt;A&gt;&amp;"
    with pytest.raises(jinja2.UndefinedError, match="more"):
        template.render(text="a")


def test_a_report_replaces_a_report_alone(tmp_path):
    folder = tmp_path / "report"
    check_report_folder(folder, {"page"}.__contains__, overwrite=False)
    folder.mkdir()
    (folder / "page").touch()
    check_report_folder(folder, {"page"}.__contains__, overwrite=True)
    with pytest.raises(BadOutput, match="--overwrite"):
        check_report_folder(folder, {"page"}.__contains__, overwrite=False)
    (folder / "essay").touch()
    with pytest.raises(BadOutput, match="'essay', which is no part"):
        check_report_folder(folder, {"page"}.__contains__, overwrite=True)
    with pytest.raises(BadOutput, match="is a file"):
        check_report_folder(folder / "page", {"page"}.__contains__, overwrite=True)


def test_half_a_surrogate_is_written_as_its_escape(tmp_path):
    write_page(tmp_path / "page", "caf\udce9\n")
    assert (tmp_path / "page").read_bytes() == b"caf\\udce9\n"


@pytest.mark.parametrize("module", ["plagiarism.report.files", "evaluation.report.contents", "explain.page"])
def test_a_page_that_is_not_asked_for_loads_no_templates(module):
    code = f"import sys, siamese_text.{module}; sys.exit('jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
