"""Similar sentences as evidence: those that stand out from what the folder has in common."""

import pytest

from siamese_text.plagiarism.finding.meaning import FolderMeaning
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, Span

SAID = "Every lamp in the harbour was put out because the pilots steered by the moon that night."
RETOLD = "That night, the moon steered by the pilots, was out in the harbour because every lamp put."
OWN = [
    "A goat ate the mayor's straw hat while he praised new drains before seven sleepy bakers.",
    "Iron bells crack when winter frost bites deep, so sextons wrap them inside old sailcloth.",
    "My aunt grows purple beans along every fence between her kitchen and some railway bridge.",
    "Chess clocks tick loudly enough to wake dogs sleeping under tables during long tournaments.",
]


def meaning(encoder, *texts):
    documents = [Document(f"{number}.txt", text) for number, text in enumerate([*texts, *OWN])]
    return FolderMeaning(prepare(documents, encoder, common=50))


def whole(place, text):
    return place, Span(0, len(text))


def test_a_retold_sentence_stands_out(encoder):
    seen = meaning(encoder, SAID, RETOLD)
    assert seen.surprise(whole(0, SAID), whole(1, RETOLD)) > 10
    assert seen.surprise(whole(0, SAID), whole(2, OWN[0])) == 0


def test_what_everyone_says_does_not_stand_out(encoder):
    everyone = [f"{RETOLD} {sentence}" for sentence in OWN]
    documents = [Document(f"{number}.txt", text) for number, text in enumerate([SAID, RETOLD, *everyone])]
    seen = FolderMeaning(prepare(documents, encoder, common=50))
    alone = meaning(encoder, SAID, RETOLD)
    sides = whole(0, SAID), whole(1, RETOLD)
    assert seen.surprise(*sides) < 0.8 * alone.surprise(*sides)


def test_the_side_that_comes_first_does_not_matter(encoder):
    seen = meaning(encoder, SAID, RETOLD)
    one, other = whole(0, SAID), whole(1, RETOLD)
    assert seen.surprise(one, other) == pytest.approx(seen.surprise(other, one))


def test_two_retold_sentences_are_more_than_one(encoder):
    left, right = f"{SAID} {OWN[0]}", f"{RETOLD} {OWN[0]}"
    documents = [Document(name, text) for name, text in (("a", left), ("b", right), ("c", OWN[1]), ("d", OWN[2]))]
    seen = FolderMeaning(prepare(documents, encoder, common=50))
    assert seen.surprise(whole(0, left), whole(1, right)) > seen.surprise((0, Span(0, len(SAID))), whole(1, right))


def test_a_passage_without_sentences_is_no_evidence(encoder):
    seen = meaning(encoder, SAID, "Too short.")
    assert seen.surprise(whole(0, SAID), (1, Span(0, 10))) == 0
