from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.data.examples import evaluation_pairs
from siamese_text.data.splits import bag_of_words, components, sentences_of, sharing, split_by_sentence, split_classes
from siamese_text.errors import BadData, UsageError
from siamese_text.records import Example, Pair

WORDS = st.lists(st.sampled_from(["red", "Blue", "kite", "flies", "sinks"]), min_size=1, max_size=3).map(" ".join)
PAIRS = st.lists(st.builds(Pair, WORDS, WORDS, st.sampled_from([0.0, 1.0, None])), max_size=60)


def bag(sentence):
    return tuple(sorted(sentence.lower().split()))


def separate_pairs(count, label):
    return [Pair(f"left {label} {n}", f"right {label} {n}", label) for n in range(count)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ann paid Bob.", "bob PAID ann"),
        ("caf\u00e9 open", "open cafe\u0301"),
        ("Tea, please!", "please: tea"),
    ],
)
def test_word_order_case_punctuation_and_composition_make_no_other_key(first, second):
    assert bag_of_words(first) == bag_of_words(second)


@pytest.mark.parametrize(("first", "second"), [("tea tea", "tea"), ("?!", "…"), ("tea", "teas")])
def test_other_words_and_repeated_words_make_another_key(first, second):
    assert bag_of_words(first) != bag_of_words(second)


@given(PAIRS, st.integers(0, 5), st.sampled_from([0.1, 0.3, 0.6]))
def test_no_sentence_in_any_word_order_is_on_both_sides(pairs, seed, share):
    train, validation = split_by_sentence(pairs, share=share, seed=seed)
    sides = [{bag(s) for pair in part for s in (pair.sentence1, pair.sentence2)} for part in (train, validation)]
    assert sides[0].isdisjoint(sides[1])
    assert sorted(map(id, train + validation)) == sorted(map(id, pairs))


def test_each_label_gives_its_share():
    pairs = separate_pairs(60, 1.0) + separate_pairs(140, 0.0)
    _, validation = split_by_sentence(pairs, share=0.1)
    assert [pair.label for pair in validation] == [1.0] * 6 + [0.0] * 14


def test_a_component_bigger_than_the_target_stays_in_training():
    giant = [Pair("the hub of all", f"spoke {n}", 1.0) for n in range(50)]
    train, validation = split_by_sentence(giant + separate_pairs(50, 1.0), share=0.1)
    assert set(giant) <= set(train)
    assert len(validation) == 10


def test_a_small_set_still_gives_each_label_one_pair():
    _, validation = split_by_sentence(separate_pairs(3, 1.0) + separate_pairs(3, 0.0), share=0.1)
    assert [pair.label for pair in validation] == [1.0, 0.0]


def test_a_single_pair_and_no_pair_stay_in_training():
    pairs = separate_pairs(1, 1.0)
    assert split_by_sentence(pairs) == (pairs, [])
    assert split_by_sentence([]) == ([], [])


def test_the_seed_alone_decides_which_pairs_are_held_out():
    pairs = separate_pairs(100, 1.0)
    assert split_by_sentence(pairs, seed=3) == split_by_sentence(pairs, seed=3)
    assert split_by_sentence(pairs, seed=3) != split_by_sentence(pairs, seed=4)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_outside_zero_and_one_is_refused(share):
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_by_sentence([], share=share)


def test_rows_that_share_a_sentence_in_any_word_order_are_found():
    train = [Pair("A hat.", "A cap."), Pair("Rain fell.", "It rained."), Pair("One cup.", "Two cups.")]
    other = [Pair("fell rain", "Snow fell."), Pair("It snows.", "a hat")]
    rows = [pair.sides for pair in train]
    assert sharing(rows, sentences_of(other)).tolist() == [True, True, False]
    assert not sharing(rows, []).any()


def test_examples_of_any_kind_are_split_without_cutting_a_component():
    triplets = [Example((f"anchor {i // 3}", f"positive {i}", f"negative {i}")) for i in range(60)]
    train, validation = split_by_sentence(triplets, share=0.2)
    assert len(validation) == 12
    assert not sharing([row.texts for row in train], sentences_of(validation)).any()
    texts = [Example((f"text {i}",), float(i % 3)) for i in range(60)]
    _, validation = split_by_sentence(texts, share=0.2)
    assert sorted(row.label for row in validation) == [0.0] * 4 + [1.0] * 4 + [2.0] * 4


def texts_of_classes(sizes):
    """So many texts of each class, no two with the same words."""
    return [
        Example((f"way {n} to say {label}",), float(label)) for label, size in enumerate(sizes) for n in range(size)
    ]


@pytest.mark.parametrize(
    ("sizes", "held_out"),
    [
        ([15] * 10, [2] * 10),  # the tenth
        ([14] * 10, [2] * 10),  # of which one each would be left
        ([8] * 10, [2] * 10),
        ([4, 4], [2, 2]),
        ([50, 3, 1], [5, 1]),  # the tenth has two of one class
        ([9, 5, 3, 1], [2, 2, 1]),
        ([3] * 5, [3, 3]),  # whole classes
        ([2] * 30, [2] * 3),
        ([2, 2, 2, 2, 1], [2, 2]),
    ],
)
def test_few_texts_a_class_leave_both_parts_two_to_compare(sizes, held_out):
    rows = texts_of_classes(sizes)
    train, validation = split_classes(rows, "own")
    counts = Counter(row.label for row in validation)
    assert sorted(counts.values(), reverse=True) == held_out
    assert sorted([*train, *validation], key=rows.index) == rows
    assert (train, validation) == split_classes(rows, "own")
    pairs = evaluation_pairs(validation, "classes")
    assert {pair.label for pair in pairs} == {0, 1}


@pytest.mark.parametrize("sizes", [[3, 3], [2, 2, 2], [1] * 40, [200, 1], [1, 1]])
def test_too_few_texts_a_class_are_refused_with_what_would_be_enough(sizes):
    rows = texts_of_classes(sizes)
    with pytest.raises(BadData, match=f"own: of its {len(rows)} texts .* give 4 texts a class or more, or a file"):
        split_classes(rows, "own")


def test_texts_of_one_class_are_split_for_who_refuses_them_by_name():
    rows = [Example((f"text {number}",), 0.0) for number in range(20)]
    assert [len(part) for part in split_classes(rows, "own")] == [18, 2]


def test_rows_are_linked_through_any_column():
    assert components([["a", "b", "c"], ["d"], ["e", "C", "f"], ["F"], ["g", "g"]]) == [0, 1, 0, 0, 2]
