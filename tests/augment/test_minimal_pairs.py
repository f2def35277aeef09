"""Minimal pairs: how sentences spread over families, and that the bundled sentences serve all of them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamese_text.augment import RULES
from siamese_text.augment.minimal_pairs import FAMILIES, bundled_sentences, minimal_pairs
from siamese_text.errors import UsageError

SENTENCES = [
    "The nurse thanked the driver on 3 May 2011.",
    "Ann owes Bo ten pounds.",
    "The bridge was not crossed at night.",
    "The bridge was not crossed at night.",
    "Too short.",
]


def test_each_sentence_gives_at_most_one_pair_to_a_family():
    pairs = minimal_pairs(SENTENCES)
    assert max(Counter((pair.kind, pair.sentence1) for pair in pairs).values()) == 1
    nurse = {pair.kind: pair.sentence2 for pair in pairs if pair.sentence1 == SENTENCES[0]}
    assert set(nurse) == {"arguments", "date", "voice", "dates-moved", "form"}
    assert nurse["arguments"] == "The driver thanked the nurse on 3 May 2011."
    assert nurse["voice"] == "The driver was thanked by the nurse on 3 May 2011."


def test_labels_are_those_of_the_families_and_their_rules():
    labels = {family.name: family.label for family in FAMILIES}
    assert all(pair.label == labels[pair.kind] for pair in minimal_pairs(SENTENCES))
    assert all(RULES[rule].label == family.label for family in FAMILIES for rule in family.rules)
    assert all(RULES[rule].default for family in FAMILIES for rule in family.rules)


def test_the_bundled_sentences_give_every_family_sixty_pairs():
    assert Counter(pair.kind for pair in minimal_pairs(bundled_sentences(), per_family=60)) == {
        family.name: 60 for family in FAMILIES
    }
    assert len(set(bundled_sentences())) == len(bundled_sentences())


@given(st.lists(st.sampled_from(bundled_sentences()), max_size=8), st.integers(1, 3), st.integers(0, 2))
def test_the_order_of_the_sentences_decides_nothing_but_which_are_taken(sentences, per_family, seed):
    pairs = minimal_pairs(sentences, per_family=per_family, seed=seed)
    assert max(Counter(pair.kind for pair in pairs).values(), default=0) <= per_family
    assert pairs == minimal_pairs(sentences, per_family=per_family, seed=seed)
    assert all(pair.sentence1 in sentences and pair.sentence1 != pair.sentence2 for pair in pairs)


def test_per_family_below_one_is_refused():
    with pytest.raises(UsageError, match="per_family is 0"):
        minimal_pairs(SENTENCES, per_family=0)
