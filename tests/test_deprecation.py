"""A name of an earlier version: it warns once, at the line of whoever used it."""

import warnings

import pytest

from siamese_text import deprecation
from siamese_text.deprecation import warn_renamed


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(deprecation, "_warned", set())


def test_the_warning_names_both_and_comes_once():
    with pytest.warns(FutureWarning, match="judge is deprecated and goes in a later version; use predict") as caught:
        warn_renamed("judge", "predict")
        warn_renamed("judge", "predict")
    assert len(caught) == 1


def test_each_old_name_warns_for_itself():
    with pytest.warns(FutureWarning) as caught:
        warn_renamed("judge", "predict")
        warn_renamed("score", "scores")
    assert [str(warning.message).split()[0] for warning in caught] == ["judge", "score"]


def test_the_warning_points_at_the_caller_however_deep_it_is_raised():
    source = "from siamese_text.deprecation import warn_renamed\ndef deep(old):\n    warn_renamed(old, 'new')\n"
    source += "def outer(old):\n    deep(old)\n"
    inside = {}
    # code that claims to be a module of the package: the frames of it are not the caller's
    exec(compile(source, deprecation.__file__.replace("deprecation", "some_module"), "exec"), inside)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inside["outer"]("a")
        warn_renamed("b", "new")
    assert [warning.filename for warning in caught] == [__file__, __file__]
    assert caught[0].lineno == caught[1].lineno - 1
