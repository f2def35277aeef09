"""Rows of a probe's table: one model with all figures, several with one figure, families without pairs."""

from siamese_text.evaluation.probe import ProbeFigures
from siamese_text.evaluation.report.probe_table import probe_rows

FAMILIES = {"negation": 0, "name": 0, "voice": 1}
ONE = [
    ProbeFigures("negation", 0, 60, 0.25, 0.8, 15, {"misranked": (0.1, 0.4), "wrong": (0.16, 0.37)}),
    ProbeFigures("voice", 1, 5, None, None, 0),
    ProbeFigures("all", None, 65, 0.25, 0.8, 15),
]


def test_one_model_shows_all_its_figures():
    assert probe_rows([ONE], FAMILIES) == [
        ["negation", "something else", "60", "25 % (10–40)", "80 %", "25 % (16–37)"],
        ["name", "something else", "0*", "–", "–", "–"],
        ["voice", "the same", "5*", "–", "–", "0 %"],
        ["all", "", "65", "25 %", "80 %", "23 %"],
    ]


def test_several_models_stand_side_by_side():
    other = [ProbeFigures("negation", 0, 60, 0.5)]
    assert probe_rows([ONE, other], FAMILIES, "misranked")[0] == [
        "negation",
        "something else",
        "60",
        "25 % (10–40)",
        "50 %",
    ]
    assert probe_rows([ONE, other], FAMILIES, "wrong_share")[3] == ["all", "", "65", "23 %", "–"]
