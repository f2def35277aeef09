"""The probe of a trained model: when it is asked, and what report and card say of it."""

import json
from types import SimpleNamespace

import pytest

from siamese_text.api import train
from siamese_text.augment.minimal_pairs import FAMILIES, minimal_pairs
from siamese_text.evaluation.probe import ProbeFigures
from siamese_text.training import blind_spots
from siamese_text.training.blind_spots import card_section, probe_trained

ROWS = [(f"{number} bees fly", f"{number} bees sleep" if number % 2 else f"bees fly, {number}", number % 2)
        for number in range(40)]  # fmt: skip


def test_a_tokenizer_without_words_is_asked_nothing():
    few = SimpleNamespace(tokenizer=SimpleNamespace(tokenizer=range(blind_spots.FEWEST_PIECES - 1)))
    assert probe_trained(few, classifier=None) == []
    assert card_section([]) == ""


@pytest.mark.parametrize("asked", [True, False])
def test_report_and_card_hold_the_table(asked, tiny_sentence_model, tmp_path, monkeypatch):
    monkeypatch.setattr(blind_spots, "FEWEST_PIECES", 10)
    monkeypatch.setattr(blind_spots, "minimal_pairs", lambda texts, **more: minimal_pairs(texts[:40], **more))
    options = {"loss": "contrastive", "max_steps": 1, "probe": asked}
    report = train(ROWS, tmp_path / "model", model=str(tiny_sentence_model), **options)
    saved = json.loads((tmp_path / "model" / "report.json").read_text(encoding="utf-8"))
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    if not asked:
        assert (report.probe, saved["probe"], "Blind spots" in card) == ([], [], False)
        return
    assert [each["family"] for each in saved["probe"]] == [each.family for each in report.probe]
    assert report.probe[-1].family == "all"
    assert report.probe[-1].wrong == saved["probe"][-1]["wrong"] is not None
    assert all(f"| {family.name} |" in card for family in FAMILIES)


def test_the_card_is_a_table_of_markdown():
    lines = card_section([ProbeFigures("negation", 0, 60, 0.25, 0.8, 15)]).splitlines()
    [row] = [line for line in lines if line.startswith("| negation")]
    assert row == "| negation | something else | 60 | 25 % | 80 % | 25 % |"
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
