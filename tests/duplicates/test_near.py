"""Nearly the same: all pairs that comparing every two texts gives, and none whose numbers differ."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.duplicates.near import marks, near_pairs, plain, shingles


def by_brute_force(texts, threshold):
    sets = [shingles(text) for text in texts]
    found = []
    for other in range(len(texts)):
        for one in range(other):
            either = len(sets[one] | sets[other])
            jaccard = len(sets[one] & sets[other]) / either if either else 0
            if jaccard >= threshold and marks(texts[one]) == marks(texts[other]):
                found.append((one, other, jaccard))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcd7"), max_size=9).map(" ".join), max_size=12),
    st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.75, 1.0]),
)
def test_the_pairs_are_those_of_comparing_every_two(texts, threshold):
    assert sorted(near_pairs(texts, threshold)) == sorted(by_brute_force(texts, threshold))


def test_shingles_are_counted_by_hand():
    # a b c, b c d, c d e against a b c, b c d, c d f: two of four
    assert list(near_pairs(["a b c d e", "A b, c d f!"], 0.5)) == [(0, 1, 0.5)]
    assert list(near_pairs(["a b c d e", "A b, c d f!"], 0.51)) == []
    assert list(near_pairs(["tea", "Tea!", "milk", "", "!"], 0.9)) == [(0, 1, 1.0)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the train leaves at 10:15 from platform three today", "the train leaves at 10:45 from platform three today"),
        ("we teach C++ to all of our students here", "we teach C to all of our students here"),
        ("it was -5 degrees in the whole of the land", "it was 5 degrees in the whole of the land"),
        ("the price rose by 5 % in the whole year", "the price rose by 5 in the whole year"),
    ],
)
def test_other_numbers_and_signs_are_never_nearly_the_same(one, other):
    assert list(near_pairs([one, other], 0.1)) == []
    assert list(near_pairs([one, f"«{one}» –"], 0.9)) == [(0, 1, 1.0)]


def test_in_a_long_text_one_number_of_many_may_differ():
    words = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200))
    one, other, third = (f"{words} in {numbers}" for numbers in ("1 2 3 4 5 6", "1 2 3 4 5 7", "6 7 8 9"))
    assert [pair[:2] for pair in near_pairs([one, other, third], 0.7)] == [(0, 1)]  # 5 of 7 numbers; 1 of 9, 1 of 9


def test_plain_keeps_what_can_be_seen():
    assert plain("ﬁne\u00a0 TEA\n") == "fine tea"
    assert plain("tea?") != plain("tea!")
