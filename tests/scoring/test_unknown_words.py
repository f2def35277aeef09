"""How much of a pair stands in words that a model does not know, and what a decision says of such pairs."""

from dataclasses import replace

import numpy as np
import pytest

from siamese_text.api import Scorer
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.fit_decision import LEAST_REACH, fit_decision
from siamese_text.scoring.scores import Scores
from siamese_text.scoring.unknown_words import USUAL_SHARE, USUAL_WORDS, unknown_share, words_to_know
from siamese_text.text import words


def pieces(words):
    """A tokenizer of lower-case ASCII words, which breaks others into letters and reads no sign and no Thai."""
    return [
        None if not word[0].isalpha() or word[0] >= "\u0e00" else 1 if word.isascii() else len(word) for word in words
    ]


def share(unknown, every):
    return pytest.approx((unknown + USUAL_WORDS * USUAL_SHARE) / (every + USUAL_WORDS))


def share_of(text, word_pieces):
    found = words_to_know(text, words(text))
    return unknown_share(found, dict(zip(found, word_pieces(found), strict=True)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ten owls", share(0, 2)),
        ("one дом", share(1, 2)),
        ("это мой дом", share(3, 3)),
        ("12 34", share(0, 0)),  # numbers are no words
        ("แมวนอน", 1.0),  # nothing but what is unknown
        ("a แมวน", share(2, 3)),  # four characters without a space count as two words
        ("☂", 1.0),
        ("", share(0, 0)),
    ],
)
def test_words_count_by_their_length_where_they_have_no_spaces(text, expected):
    assert share_of(text, pieces) == expected


def test_a_model_of_a_language_without_spaces_has_tokens_of_several_characters():
    text = "แมวนอนบนโซฟา"
    assert share_of(text, lambda words: [len(word) // 2 for word in words]) < LEAST_REACH
    assert share_of(text, lambda words: [len(word) for word in words]) > LEAST_REACH


SCORES = Scores(np.float32([0.9, 0.1, 0.9, 0.5]), unknown=np.float32([0.1, 0.1, 0.6, 0.6]))
DECISION = Decision("similarity", (10.0,), -5.0, 0.5, FittedOn("pairs", 100, 0.3, ""), reach=0.5)


def test_what_is_beyond_the_reach_is_unsure_and_as_probable_as_any_pair():
    said = DECISION.predict(SCORES)
    assert said.verdicts == ["yes", "no", "unsure", "unsure"]
    assert said.unknown.tolist() == [False, False, True, True]
    assert said.probability[2:].tolist() == [0.3, 0.3]
    assert replace(DECISION, prior=0.1).predict(SCORES).probability[2:].tolist() == [0.1, 0.1]
    inside = DECISION.predict(SCORES.take(np.array([0, 1])))
    assert (inside.verdicts, inside.unknown) == (["yes", "no"], None)


def test_without_a_reach_nothing_changes():
    for decision, scores in ((replace(DECISION, reach=None), SCORES), (DECISION, replace(SCORES, unknown=None))):
        assert decision.predict(scores).verdicts == ["yes", "no", "yes", "yes"]
    assert Decision.from_json(DECISION.to_json()) == DECISION
    assert "reach" not in replace(DECISION, reach=None).to_json()


@pytest.mark.parametrize(("usual", "reach"), [(0.1, LEAST_REACH), (0.8, 0.8)])
def test_a_decision_reaches_as_far_as_the_pairs_that_it_was_fitted_on(usual, reach):
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 2, 300)
    scores = Scores((labels + chance.normal(size=300)).astype(np.float32))
    known = replace(scores, unknown=np.full(len(labels), usual, np.float32))
    known.unknown[0] = 1  # one odd pair of many
    told = FittedOn("pairs", len(labels), float(np.mean(labels)), "")
    assert fit_decision(labels, known, told, "similarity").reach == pytest.approx(reach, abs=0.01)
    promised = fit_decision(labels, known, told, "similarity", "precision>=0.6")
    assert promised.reach == 1  # for a promise holds for each of them
    assert fit_decision(labels, scores, told, "similarity").reach is None


# Written for this test: two that say something else, and of the first the same in other words.
FOREIGN = [
    ("猫坐在垫子上。", "狗在院子里跑。"),
    ("猫坐在垫子上。", "猫在垫子上坐着。"),
    ("แมวนั่งบนเสื่อ", "สัญญาถูกลงนามเมื่อวานนี้"),
    ("Кошка спит на диване.", "Договор был подписан вчера."),
    ("Η γάτα κοιμάται στον καναπέ.", "Το συμβόλαιο υπογράφηκε χθες."),
    ("تنام القطة على الأريكة.", "وقع الطرفان العقد أمس."),
    ("고양이가 소파에서 잔다.", "어제 양측이 계약서에 서명했다."),
    ("😀", "😡"),
]


@pytest.mark.weights
@pytest.mark.parametrize("model", ["general", "all-MiniLM-L6-v2"])
def test_the_default_knows_that_it_does_not_know_other_scripts(model):
    scorer = Scorer.load(model, device="cpu")
    with pytest.warns(UserWarning, match="does not know"):
        said = scorer.predict(FOREIGN)
    assert said.verdicts == ["unsure"] * len(FOREIGN)
    names = [("Szczepan Brzęczyszczykiewicz lives in Łękołody.", "Ann lives in Paris."), ("แมวนั่งบนเสื่อ", "แมวนั่งบนเสื่อ")]
    with pytest.warns(UserWarning, match="does not know"):
        assert "unsure" not in scorer.predict(names).verdicts
