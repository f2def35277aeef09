import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.scoring.overlap import overlaps

SENTENCES = st.lists(st.sampled_from("a dog barks at the old gate".split()), max_size=8).map(" ".join)


@given(SENTENCES, SENTENCES, st.randoms(use_true_random=False))
def test_the_overlap_is_the_share_of_common_words_in_any_order_and_case(left, right, chance):
    one, other = set(left.split()), set(right.split())
    by_hand = len(one & other) / len(one | other) if one | other else 1.0
    shuffled = left.split()
    chance.shuffle(shuffled)
    sides = [(left, right), (right, left), (" ".join(shuffled).upper(), right)]
    np.testing.assert_allclose(overlaps(sides), by_hand, rtol=1e-6)


def test_no_pairs_have_no_overlaps():
    assert overlaps([]).shape == (0,)
