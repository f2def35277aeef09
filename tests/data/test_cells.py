"""A cell as a text."""

import pytest

from siamese_text.data.cells import cell_text, is_missing, text_problem


def test_what_is_missing_has_the_empty_text():
    import pandas as pd

    for nothing in (None, float("nan"), pd.NA, pd.NaT):
        assert is_missing(nothing) and cell_text(nothing) == ""
    assert not any(map(is_missing, ("", "nan", 0, False)))


def test_a_text_stays_and_numbers_are_written_out():
    assert [cell_text(value) for value in ("007", "null", 7, 0.5, True)] == ["007", "null", "7", "0.5", "True"]


@pytest.mark.parametrize("value", [b"a", ["a"], {"a": 1}, {"a"}, ("a",)])
def test_bytes_and_several_values_are_no_text(value):
    with pytest.raises(TypeError, match="give text"):
        cell_text(value)


def test_what_no_model_can_read_is_said():
    assert [bool(text_problem(text)) for text in ("tea", " ", "\n", "a\udfff", "\U0001f375")] == [
        False,
        True,
        True,
        True,
        False,
    ]
