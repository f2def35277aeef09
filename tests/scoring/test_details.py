import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.scoring.details import DETAILS, details_of, order_change
from siamese_text.scoring.read_words import ReadWords

WORDS = st.lists(st.sampled_from("a dog cat Bo Ann met not 3 nine monday and the small big".split()), max_size=8)


def differing(left, right):
    """The details by which two texts differ, with their weights."""
    [found] = details_of([(left, right)])
    return {name: value for name, value in zip(DETAILS, found.tolist(), strict=True) if value}


@pytest.mark.parametrize(
    ("left", "right", "details"),
    [
        ("Tea costs 3 pounds.", "Tea costs four pounds.", {"number": 1}),
        ("Tea costs 3 pounds.", "Tea costs three pounds.", {}),
        ("Take two pills.", "Take one pill.", {"number": 1}),
        ("We met on Monday in May.", "We met on Monday in June.", {"date": 1}),
        ("The letter is from Lena.", "The letter is from Omar.", {"name": 1}),
        ("He has paid.", "He hasn’t paid.", {"negation": 1}),
        ("Nobody has not paid.", "He has paid.", {}),
        ("The gate is open today.", "The gate is closed today.", {"opposite": 1}),
        ("It is due on the third.", "It is due on the 13th.", {"number": 1}),
        ("It is due on the third.", "It is due on the 3rd.", {}),
        ("A hundred seats are left.", "A thousand seats are left.", {"number": 1}),
        ("The gate is locked.", "The gate is unlocked.", {"opposite": 1}),
        ("He is careful.", "He is careless.", {"opposite": 1}),
        ("The clerk is overpaid.", "The clerk is underpaid.", {"opposite": 1}),
        ("The way is not hard.", "The way is easy.", {}),  # what is not the opposite is the same
        ("It is not unusual.", "It is usual.", {}),
        ("He always pays.", "He never pays.", {"negation": 0.5}),
        ("It weighs 5 kg.", "It weighs 5 pounds.", {"opposite": 1}),
        ("It costs $5.", "It costs €5.", {"opposite": 1}),
        ("It costs $1,000.00 here.", "It costs 1000 dollars here.", {}),
        ("It cost £5m in all.", "It cost 5m pounds in all.", {}),
        ("We need $5 million more.", "We need 5 million dollars more.", {}),
        ("Version 3.2 is out.", "Version 2.3 is out.", {"number": 1}),
        ("Come at 3:00 or 4:30.", "Come at 4:30 or at 3.", {"moved": 1}),
        ("My aunt lent me a bike.", "I lent my aunt a bike.", {"exchanged": 1}),
        ("The engine fails to start.", "The engine does not start.", {}),
        ("Ann owes Bo ten pounds.", "Bo owes Ann ten pounds.", {"exchanged": 1}),
        ("Trains from Oslo to Rome", "Trains from Rome to Oslo", {"exchanged": 1}),
        ("Ann and Bo left early.", "Bo and Ann left early.", {"moved": 1}),
        ("When it rains, I read.", "I read when it rains.", {"moved": 1}),
        ("If we win, they pay.", "If they pay, we win.", {"exchanged": 1}),
        ("When Ann Lee and Bo Ray met", "When Bo Ray and Ann Lee met", {"moved": 1}),
        ("The rate rises.", "The rate falls.", {"opposite": 1}),
        ("The train to Rome is late.", "The train from Rome is late.", {"opposite": 1}),
        ("The dog was seen by Lena.", "Lena has seen the dog.", {"moved": pytest.approx((4 / 7) ** 4)}),
        ("The town has 12,500 people.", "The town has 12500 people.", {}),
        ("I met Omar's sister.", "I met the sister of Omar.", {"moved": pytest.approx((4 / 6) ** 4)}),
        ("The cat saw the cats at 3.", "The cat saw at 4.", {"number": 1 / 2}),  # one cat too many
        ("A dog barks.", "a dog barks", {}),
        ("", "A dog.", {}),
    ],
)
def test_a_detail_that_differs_is_found(left, right, details):
    assert differing(left, right) == details


def test_a_detail_counts_less_the_more_else_differs():
    assert differing("The red shop sells 3 lamps.", "The new store sells 4 lamps.")["number"] == pytest.approx(1 / 5)
    only = differing("Lamps cost 3 pounds.", "Lamps cost 4 pounds.")["number"]
    assert only == 1
    order = differing("the red cat saw the dog here", "the dog saw the cat")["exchanged"]
    common = len({"the", "cat", "saw", "dog"}) / len({"the", "red", "cat", "saw", "dog", "here"})
    assert order == pytest.approx(common**4)


@given(left=WORDS, right=WORDS)
def test_sides_may_change_places_and_a_text_is_like_itself(left, right):
    one, other = " ".join(left), " ".join(right)
    np.testing.assert_array_equal(details_of([(one, other)]), details_of([(other, one)]))
    assert not differing(one, one)


def change_of_order(left, right):
    return order_change(ReadWords.of(" ".join(left)), ReadWords.of(" ".join(right)))


@given(parts=st.permutations("ant bee cow dog elk fox gnu hen".split()), cut=st.integers(1, 7))
def test_two_parts_that_change_places_are_moved_and_not_exchanged(parts, cut):
    assert change_of_order(parts, parts[cut:] + parts[:cut]) == (False, True)
    if cut < 7:  # with a word that stays between them they are exchanged
        middle = [*parts[:cut], "yak", *parts[cut:]]
        turned = [*parts[cut:], "yak", *parts[:cut]]
        assert change_of_order(middle, turned) == (True, False)
