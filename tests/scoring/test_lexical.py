from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.scoring.lexical import lexical_features, reordered

WORDS = "a dog barks at the old gate".split()
SIDES = st.lists(st.sampled_from(WORDS), max_size=8)


@given(SIDES, SIDES, st.randoms(use_true_random=False))
def test_the_share_of_common_words_is_the_same_in_any_order_and_case(left, right, chance):
    one, other = set(left), set(right)
    by_hand = len(one & other) / len(one | other) if one | other else 1.0
    shuffled = [*left]
    chance.shuffle(shuffled)
    sides = [
        (" ".join(left), " ".join(right)),
        (" ".join(right), " ".join(left)),
        (" ".join(shuffled).upper(), " ".join(right)),
    ]
    np.testing.assert_allclose(lexical_features(sides)[:, 0], by_hand, rtol=1e-6)


@given(SIDES, SIDES)
def test_words_are_reordered_where_two_that_stand_once_in_either_text_change_places(left, right):
    counts = Counter(left), Counter(right)
    once = [word for word in WORDS if counts[0][word] == counts[1][word] == 1]
    places = [(left.index(word), right.index(word)) for word in once]
    swapped = any(one[0] < other[0] and one[1] > other[1] for one in places for other in places)
    assert reordered(left, right) == reordered(right, left) == swapped


@given(st.permutations(WORDS), st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["quite", "loudly"])), max_size=3))
def test_words_put_in_or_left_out_reorder_nothing(left, added):
    right = left[1:]
    for place, word in added:
        right.insert(place, word)
    assert not reordered(left, right)


@given(SIDES, SIDES)
def test_texts_are_the_same_but_for_case_and_punctuation(left, right):
    sides = [(" ".join(left), "- ".join(left).title() + "!"), (" ".join(left), " ".join(right))]
    assert lexical_features(sides)[:, 2].tolist() == [True, left == right]


def test_no_pairs_have_no_wordings():
    assert lexical_features([]).shape == (0, 3)
