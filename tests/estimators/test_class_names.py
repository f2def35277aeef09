"""Names of classes as texts that stand for them."""

import numpy as np
import pytest

from siamese_text.estimators.class_names import moved_to, names_tell, texts_of_classes
from siamese_text.unit_rows import unit_rows


def test_labels_that_are_words_are_their_own_names():
    assert texts_of_classes(["card_lost", "getMoney"], "auto") == {0: ["card lost"], 1: ["get money"]}


@pytest.mark.parametrize("labels", [[0, 1], ["1", "2"], ["A", "B"], ["card", "7"]])
def test_labels_that_say_nothing_are_no_names(labels):
    assert texts_of_classes(labels, "auto") == {}


def test_a_code_among_words_is_a_name_as_well():
    assert texts_of_classes(["card", "w2", "money"], "auto")[1] == ["w2"]


def test_descriptions_are_given_one_or_several_a_class_or_none():
    given = {"a": "I lost my card", "b": ["money", "send it"]}
    assert texts_of_classes(["a", "b", "c"], given) == {0: ["I lost my card"], 1: ["money", "send it"]}


def test_names_are_moved_to_where_the_examples_are():
    random = np.random.default_rng(0)
    examples, names = (unit_rows(random.standard_normal((5, 8)).astype(np.float32) + off) for off in (3, -3))
    numbers = np.arange(5)
    moved = moved_to(examples, numbers, names, numbers)
    assert np.allclose(np.linalg.norm(moved, axis=1), 1)
    assert moved.mean(axis=0) @ examples.mean(axis=0) > 0.8 > 0 > names.mean(axis=0) @ examples.mean(axis=0)
    for few in (0, 1):  # too few classes have both to say how far names lie from examples
        assert np.array_equal(moved_to(examples[:few], numbers[:few], names, numbers), names)


def test_names_that_find_their_examples_tell_and_others_do_not():
    centres = unit_rows(np.random.default_rng(0).standard_normal((20, 32)))
    examples = unit_rows(centres + np.random.default_rng(1).standard_normal((20, 32)) / 10)
    numbers = np.arange(20)
    assert names_tell(examples, numbers, centres, numbers)
    shuffled = np.random.default_rng(0).permutation(20)
    assert not names_tell(examples, numbers, centres[shuffled], numbers)


def test_two_examples_of_two_classes_have_to_agree_both():
    names = np.eye(2, 4)
    assert names_tell(names, np.arange(2), names, np.arange(2))
    assert not names_tell(names, np.arange(2), names[::-1], np.arange(2))
