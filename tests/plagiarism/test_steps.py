"""What a check tells while it works."""

import pytest

from siamese_text.plagiarism.steps import Steps


def test_what_was_begun_is_done_when_the_next_is_asked_for():
    told = []
    items = Steps(told.append, lambda *counts: told.append(counts)).through("reading", "ab")
    assert (next(items), told) == ("a", ["reading"])
    assert (next(items), told) == ("b", ["reading", (1, 2)])
    assert (list(items), told) == ([], ["reading", (1, 2), (2, 2)])


@pytest.mark.parametrize("items", ["", "ab"])
def test_nobody_need_listen(items):
    assert list(Steps().through("reading", items)) == list(items)
