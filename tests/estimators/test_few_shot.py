"""Classes from a few examples, on an encoder that counts six words."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from siamese_text.errors import BadExamples, NothingToDo, UsageError
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.class_scores import METHODS
from siamese_text.estimators.few_shot import FewShotClassifier

CARD = ["lost card", "my card", "card is lost", "the card card", "lost lost card"]
MONEY = ["send money", "money please", "send me money", "the money money", "send send money"]
RAIN = ["weather today", "rain rain", "rain and weather", "the weather", "more rain"]
TEXTS, LABELS = CARD + MONEY, ["card"] * 5 + ["money"] * 5


@pytest.fixture
def fitted(words):
    return FewShotClassifier(CachedEncoder(words), false_accepts=0.2).fit(TEXTS, LABELS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [str, object, int])
def test_each_method_finds_the_class_and_answers_in_the_type_of_the_labels(words, method, kind):
    given = np.array([0] * 5 + [7] * 5) if kind is int else np.array(LABELS, dtype=kind)
    classifier = FewShotClassifier(words, method=method).fit(TEXTS, given)
    answers = classifier.predict(["a lost card", "send some money"])
    assert answers.tolist() == [given[0], given[5]]
    assert answers.dtype == classifier.classes_.dtype
    assert answers.dtype.kind == given.dtype.kind


def test_probabilities_decide_and_add_up_to_one(fitted):
    texts = ["a lost card", "send some money", "card money"]
    shares = fitted.predict_proba(texts)
    assert np.allclose(shares.sum(axis=1), 1)
    assert shares[0].argmax() == 0 and shares[1].argmax() == 1
    assert np.allclose(fitted.decision_function(texts), np.log(shares[:, 1] / shares[:, 0]))


def test_names_alone_will_do(words):
    names = {"c": "lost card", "m": ["send", "money"], "w": "weather rain"}
    classifier = FewShotClassifier(words, names=names).fit([], [])
    assert classifier.predict(["my card", "money", "more rain"]).tolist() == ["c", "m", "w"]


def test_a_class_with_a_name_needs_no_example(words):
    classifier = FewShotClassifier(words, names={"weather": "weather rain"}).fit(TEXTS, LABELS)
    assert classifier.classes_.tolist() == ["card", "money", "weather"]
    assert classifier.predict(["rain and weather"]).tolist() == ["weather"]


def test_labels_are_names_where_examples_find_them(words):
    texts = ["lost card", "send money", "rain and weather"]
    assert FewShotClassifier(words).fit(texts, ["card", "money", "weather"]).named_
    assert not FewShotClassifier(words).fit(texts, ["money", "weather", "card"]).named_
    assert FewShotClassifier(words, names=True).fit(texts, ["money", "weather", "card"]).named_
    assert not FewShotClassifier(words, names=False).fit(texts, ["card", "money", "weather"]).named_


def test_what_is_far_from_all_classes_is_none_of_these(fitted):
    assert fitted.predict(["rain rain", "lost card"]).tolist() == ["none of these", "card"]
    assert fitted.score_samples(["rain rain"]) < -fitted.threshold_ < fitted.score_samples(["lost card"])
    assert fitted.outsiders_ == "10 texts of other classes"
    assert 0 <= fitted.false_rejects_ < 0.5


def test_texts_of_no_class_can_be_given_and_set_the_threshold(words):
    classifier = FewShotClassifier(words, false_accepts=0.4, none="other")
    classifier.fit(TEXTS + RAIN, LABELS + ["other"] * 5)
    assert classifier.classes_.tolist() == ["card", "money"]
    assert classifier.outsiders_ == "5 given texts"
    far = np.sort(-classifier.score_samples(RAIN))
    assert classifier.threshold_ == pytest.approx(far[1])  # ⌊0.4 · 6⌋ = 2
    assert classifier.predict(["weather rain"]).tolist() == ["other"]


def test_labels_that_are_numbers_need_a_number_for_none(words):
    numbers = [0] * 5 + [1] * 5
    with pytest.raises(UsageError, match="none is 'none of these' and labels are like"):
        FewShotClassifier(words, false_accepts=0.2).fit(TEXTS, numbers)
    classifier = FewShotClassifier(words, false_accepts=0.2, none=-1).fit(TEXTS, numbers)
    assert classifier.predict(["rain rain", "lost card"]).tolist() == [-1, 0]


def test_a_text_counts_once_and_not_at_all_where_it_stands_in_two_classes(words):
    with pytest.warns(UserWarning, match="1 texts stand in two classes and count in neither, such as 'both'"):
        odd = FewShotClassifier(words).fit([*TEXTS, TEXTS[0], "both", "both"], [*LABELS, "card", "card", "money"])
    plain = FewShotClassifier(words).fit(TEXTS, LABELS)
    assert np.array_equal(odd.predict_proba(TEXTS), plain.predict_proba(TEXTS))


def test_it_is_saved_and_opened_to_the_bit(fitted, tmp_path, words):
    fitted.save(tmp_path / "classes")
    opened = FewShotClassifier.open(tmp_path / "classes", model=words)
    texts = ["a lost card", "rain", "money"]
    assert np.array_equal(opened.predict_proba(texts), fitted.predict_proba(texts))
    assert opened.predict(texts).tolist() == fitted.predict(texts).tolist()


def test_the_nearest_example_comes_back_as_well(words, tmp_path):
    fitted = FewShotClassifier(words, method="nearest").fit(TEXTS, LABELS)
    fitted.save(tmp_path / "classes")
    opened = FewShotClassifier.open(tmp_path / "classes", model=words)
    assert np.array_equal(opened.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_it_is_searched_and_cross_validated_on_frames_with_each_text_encoded_once(words):
    frame = pd.DataFrame({"text": TEXTS}, index=range(30, 40))
    classifier = FewShotClassifier(CachedEncoder(words), names=False)
    assert cross_val_score(classifier, frame, LABELS, cv=5).mean() == 1
    search = GridSearchCV(classifier, {"method": ["prototype", "nearest"]}, cv=2).fit(frame, LABELS)
    assert clone(search.best_estimator_).method in ("prototype", "nearest")
    assert sorted(words.asked) == sorted(TEXTS)


@pytest.mark.parametrize(
    ("texts", "labels", "options", "error", "words_of_it"),
    [
        (CARD, ["card"] * 5, {}, BadExamples, "are of one class only, 'card'; give two classes or more"),
        (TEXTS, LABELS[:-1], {}, BadExamples, "10 texts and 9 labels"),
        (TEXTS, [*LABELS[:-1], None], {}, BadExamples, "text 10 has no label"),
        (TEXTS, None, {}, BadExamples, "y is None"),
        ([*TEXTS[:-1], " "], LABELS, {}, UsageError, "text 10 is empty"),
        ([], [], {}, NothingToDo, "there is no text"),
        (["x", "x", "lost"], ["a", "b", "c"], {}, BadExamples, "class 'a' has no example left and no name"),
        (TEXTS, LABELS, {"method": "best"}, UsageError, "method is 'best'; choose from prototype, nearest"),
        (TEXTS, LABELS, {"false_accepts": 5}, UsageError, "false_accepts is 5; give a share between 0 and 1"),
        (TEXTS, LABELS, {"false_accepts": 0.01}, BadExamples, "10 texts .* cannot promise 0.01 false accepts"),
        (TEXTS, LABELS, {"names": "yes"}, UsageError, "names is 'yes'"),
        (
            TEXTS,
            np.array([1, *LABELS[1:]], dtype=object),
            {},
            BadExamples,
            "some labels are words and some are numbers",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:1 texts stand in two classes")
def test_bad_examples_are_refused_in_one_line(words, texts, labels, options, error, words_of_it):
    with pytest.raises(error, match=words_of_it) as raised:
        FewShotClassifier(words, **options).fit(texts, labels)
    assert "\n" not in str(raised.value)
