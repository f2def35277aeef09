"""X as scikit-learn gets it, read as texts."""

import numpy as np
import pandas as pd
import pytest

from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.estimators.texts import texts_from

TEXTS = ["tea", "coffee"]
FRAME = pd.DataFrame({"id": [1, 2], "text": TEXTS})


@pytest.mark.parametrize(
    "given",
    [TEXTS, tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object)[:, None], pd.Series(TEXTS, index=[7, 3])],
    ids=["list", "tuple", "array", "one column", "series"],
)
def test_texts_may_come_in_any_container(given):
    assert texts_from(given) == TEXTS


def test_one_column_of_a_frame_is_read():
    assert texts_from(FRAME[["text"]]) == texts_from(FRAME, "text") == TEXTS


@pytest.mark.parametrize(
    ("given", "column", "error", "words"),
    [
        (FRAME, None, BadData, "X has the columns id, text; say which one holds the texts: column='id'"),
        (FRAME, "body", BadData, "X has no column 'body'; its columns: id, text"),
        ("tea", None, UsageError, "X are 'tea'; give a list"),
        (["tea", " "], None, UsageError, "text 2 is empty; leave it out"),
        (["tea", None], None, UsageError, "text 2 is empty; leave it out"),
        (["tea", "\ud800"], None, UsageError, "half a character"),
        ([b"tea"], None, UsageError, "give text"),
        (np.zeros((2, 3)), None, UsageError, r"X has shape \(2, 3\); give texts"),
        ([], None, NothingToDo, "there is no text; give one or more"),
    ],
)
def test_what_holds_no_texts_is_refused_in_one_line(given, column, error, words):
    with pytest.raises(error, match=words) as raised:
        texts_from(given, column)
    assert "\n" not in str(raised.value)
