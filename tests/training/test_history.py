import json
import warnings
from dataclasses import asdict

import pytest

from siamese_text.training.history import History, StepRecord, ValidationRecord

PNG = b"\x89PNG\r\n\x1a\n"


def step(number, loss=0.5):
    return StepRecord(number, number / 4, loss, 1e-4, 0.9, 120.0, 0.8)


def validation(number, ap=0.7, *, best=False):
    return ValidationRecord(number, number / 4, 0.4, "AP", ap, 0.65, "similarity", best)


FULL = History([step(n, 1 / n) for n in range(1, 31)], [validation(10, best=True), validation(20), validation(30)])


def test_lines_stand_in_the_order_of_steps_each_validation_after_its_step(tmp_path):
    History([step(1), step(2), step(3)], [validation(2, best=True), validation(3)]).write_jsonl(tmp_path / "h.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["kind"], line["step"]) for line in lines] == [
        ("step", 1),
        ("step", 2),
        ("validation", 2),
        ("step", 3),
        ("validation", 3),
    ]


def test_a_line_holds_every_figure_of_its_record(tmp_path):
    FULL.write_jsonl(tmp_path / "h.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = [line.pop("kind") for line in lines]
    assert [line for line, kind in zip(lines, kinds, strict=True) if kind == "step"] == list(map(asdict, FULL.steps))
    assert [line for line, kind in zip(lines, kinds, strict=True) if kind == "validation"] == list(
        map(asdict, FULL.validations)
    )


def test_an_empty_history_is_an_empty_file(tmp_path):
    History().write_jsonl(tmp_path / "h.jsonl")
    assert (tmp_path / "h.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    "history",
    [
        FULL,
        History(),
        History(steps=FULL.steps),
        History(validations=FULL.validations),
        History([step(1)], [validation(1)]),
    ],
    ids=["full", "empty", "no validation", "no step", "none the best"],
)
def test_curves_are_drawn_from_whatever_there_is(tmp_path, history):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history.draw(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(PNG)


def test_drawing_leaves_the_plots_of_others_alone(tmp_path):
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    FULL.draw(tmp_path / "curves.png")
    assert pyplot.get_fignums() == before


def test_every_run_has_a_history_of_its_own():
    first = History()
    first.steps.append(step(1))
    assert History().steps == []


def test_a_history_survives_the_way_through_json():
    assert History.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL
