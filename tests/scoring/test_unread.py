"""Texts that are longer than an encoder reads: how far they differ there, and that no yes is said of what differs."""

from itertools import product

import pytest

from siamese_text import Scorer
from siamese_text.errors import TextsCut
from siamese_text.scoring.unread import unread_difference

READ = "one two three four five six seven eight"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("", "", 0.0),
        ("nine ten", "nine ten", 0.0),
        ("nine ten", "", 2 / 10),  # one side is read whole
        ("nine ten", "ten nine", 1 / 10),
        ("nine ten", "nine eleven twelve", 2 / 11),
        ("Nine, ten!", "nine ten", 0.0),
    ],
)
def test_words_that_were_not_read_count_unless_the_other_text_goes_on_with_them(left, right, expected):
    pair = f"{READ} {left}", f"{READ} {right}"
    assert unread_difference([pair], [left], [right]) == pytest.approx(expected)
    assert unread_difference([pair[::-1]], [right], [left]) == pytest.approx(expected)


def written(people, deeds):
    """Seven sentences for each of some people, about eight words each."""
    places = ("at home", "in the yard", "on the pier", "by the mill", "at school", "under the bridge", "near the sea")
    return " ".join(f"{who} {deed} {place}." for (who, deed), place in product(zip(people, deeds, strict=True), places))


OPENING = written(
    ["The old miller", "A tired nurse", "Our new teacher", "The young captain", "My loud neighbour"],
    ["sharpened a knife", "wrote a long letter", "lost a green hat", "sold fresh fish", "played the trumpet"],
)
HARVEST = written(["The farmer's wife", "Her eldest son"], ["carried baskets of apples", "repaired the broken wagon"])
TRIAL = written(["The public prosecutor", "A silent witness"], ["accused the banker of fraud", "refused to say a word"])


@pytest.mark.weights
@pytest.mark.parametrize("model", ["general", "all-MiniLM-L6-v2"])
def test_no_yes_is_said_of_texts_that_differ_beyond_what_is_read(model):
    scorer = Scorer.load(model, device="cpu")
    pairs = [
        (f"{OPENING} {HARVEST}", f"{OPENING} {TRIAL}"),  # its vectors are equal
        (f"{OPENING} {HARVEST}", OPENING),
        (f"{OPENING} {HARVEST}", f"{OPENING} {HARVEST}"),
        (f"{OPENING} {HARVEST}", f"{OPENING} {HARVEST} Everyone was pleased."),
        ("The farmer's wife carried apples.", "The public prosecutor accused the banker."),
    ]
    with pytest.warns(TextsCut):
        said = scorer.predict(pairs)
    assert said.similarity[0] > 0.999
    assert said.verdicts == ["unsure", "unsure", "yes", "yes", "no"]
