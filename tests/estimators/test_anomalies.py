"""Anomalies: p-values by the definition, and false alarms counted on vectors drawn like the known ones."""

import json

import numpy as np
import pytest

from siamese_text.errors import BadExamples, UsageError
from siamese_text.estimators.anomalies import AnomalyDetector


class Spelled:
    """Reads vectors that texts spell."""

    def encode(self, texts):
        return np.array([json.loads(text) for text in texts], dtype=np.float32)


def drawn(count, seed, *, off=0.0):
    """Texts that spell vectors of a cloud with a long tail, or of one that lies off it."""
    random = np.random.default_rng(seed)
    centre = np.array([2 + off, 1, 0, 0, -off])
    return [json.dumps(row) for row in (centre + random.standard_t(3, (count, 5))).tolist()]


def unit(text):
    vector = np.array(json.loads(text))
    return vector / np.linalg.norm(vector)


def strangeness(text, others, neighbours):
    return sum(sorted(1 - unit(text) @ unit(other) for other in others)[:neighbours]) / neighbours


@pytest.mark.filterwarnings("ignore:with 15 known texts")
@pytest.mark.parametrize("neighbours", [1, 3])
def test_a_p_value_counts_the_known_texts_that_are_as_strange_with_the_text_among_them(neighbours):
    known, texts = drawn(15, 0), [*drawn(6, 1), *drawn(2, 2, off=4)]
    scored = AnomalyDetector(Spelled(), neighbours=neighbours).fit(known).scores(texts)
    for number, text in enumerate(texts):
        mine = strangeness(text, known, neighbours)
        others = [[*known[:row], *known[row + 1 :], text] for row in range(15)]
        theirs = [strangeness(each, rest, neighbours) for each, rest in zip(known, others, strict=True)]
        assert scored.strangeness[number] == pytest.approx(mine, abs=1e-6)
        assert scored.p_values[number] == pytest.approx((1 + sum(value >= mine - 1e-6 for value in theirs)) / 16)
        assert scored.nearest[number] == max(range(15), key=lambda row: unit(known[row]) @ unit(text))


@pytest.mark.parametrize("known", [25, 99])
def test_of_usual_texts_no_more_than_the_wanted_share_is_an_alarm(known):
    alarms = []
    for seed in range(200):
        detector = AnomalyDetector(Spelled(), false_alarms=0.1).fit(drawn(known, seed))
        alarms.append((detector.predict(drawn(20, 1000 + seed)) == -1).mean())
    error = np.std(alarms) / 200**0.5
    expected = int(0.1 * (known + 1)) / (known + 1)  # p-values are multiples of 1 / (n + 1)
    assert np.mean(alarms) == pytest.approx(expected, abs=4 * error)
    assert np.mean(alarms) <= 0.1 + 3 * error


def test_what_lies_elsewhere_is_found_and_the_nearest_is_named():
    detector = AnomalyDetector(Spelled()).fit(drawn(200, 0))
    far = drawn(20, 1, off=-8)
    assert (detector.predict(far) == -1).mean() > 0.8
    assert (detector.p_values(far) <= 0.05).tolist() == (detector.predict(far) == -1).tolist()
    scores, strange = detector.score_samples(far), detector.scores(far).strangeness
    assert scores.argmin() == strange.argmax()


def test_among_themselves_texts_are_compared_with_the_others():
    texts = [*drawn(10, 0), json.dumps([-9.0, 0, 0, 0, 0])]
    strange, nearest = AnomalyDetector(Spelled(), neighbours=2).among_themselves(texts)
    for row, text in enumerate(texts):
        others = [*texts[:row], *texts[row + 1 :]]
        assert strange[row] == pytest.approx(strangeness(text, others, 2), abs=1e-6)
        assert nearest[row] == max(set(range(11)) - {row}, key=lambda other: unit(texts[other]) @ unit(text))
    assert strange.argmax() == 10


def test_too_few_known_texts_give_no_alarm_and_that_is_said():
    with pytest.warns(UserWarning, match=r"with 18 known texts no p-value is below 0\.053, .* 19 would do"):
        detector = AnomalyDetector(Spelled()).fit(drawn(18, 0))
    assert (detector.predict(drawn(20, 1, off=-8)) == 1).all()


def test_it_is_saved_and_opened_to_the_bit(tmp_path):
    detector = AnomalyDetector(Spelled()).fit(drawn(30, 0))
    detector.save(tmp_path / "usual")
    opened = AnomalyDetector.open(tmp_path / "usual", model=Spelled())
    assert np.array_equal(opened.p_values(drawn(9, 1)), detector.p_values(drawn(9, 1)))


@pytest.mark.parametrize(
    ("options", "texts", "error", "words"),
    [
        ({"false_alarms": 5}, 30, UsageError, "false_alarms is 5; give a share between 0 and 1"),
        ({"neighbours": 0}, 30, UsageError, "neighbours is 0; give 1 or more"),
        ({}, 1, BadExamples, "1 known text says nothing of what is usual"),
    ],
)
def test_bad_settings_are_refused(options, texts, error, words):
    with pytest.raises(error, match=words):
        AnomalyDetector(Spelled(), **options).fit(drawn(texts, 0))
