"""What a report says, in words and rows."""

from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.report.contents import figure_rows, threshold_words

KNOWN = Evaluation(
    *("ours", "mrpc/test", 9),
    **{"ap": 0.9, "accuracy": 0.75, "ece": 0.05, "ece_expected": 0.02, "threshold": 0.5, "score": "blend"},
    decide_at="accuracy",
    threshold_source="mrpc/validation",
    intervals={"accuracy": (0.7, 0.8)},
)
UNKNOWN = Evaluation("theirs", "mrpc/test", 9, ap=0.8)


def test_a_row_stands_for_each_figure_that_any_model_has():
    rows = {title: cells for title, *cells in figure_rows([KNOWN, UNKNOWN])}
    assert rows == {
        "AP": ["0.900", "0.800"],
        "accuracy": ["75.0 % [70.0, 80.0]", "–"],
        "ECE": ["0.050 (perfect: 0.020)", "–"],
        "threshold": ["0.500", "–"],
        "decides by": ["blend", "–"],
        "decides for": ["accuracy", "–"],
    }


def test_the_words_say_where_a_threshold_comes_from_or_why_there_is_none():
    assert threshold_words(KNOWN) == "threshold fitted on mrpc/validation"
    assert "no fitted decision" in threshold_words(UNKNOWN)
    assert "grades" in threshold_words(Evaluation("ours", "stsb/test", 9, spearman=0.8))
