"""References that are added, removed and compared with, and thresholds that keep what they promise."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from siamese_text.errors import BadData, BadExamples, UsageError
from siamese_text.estimators.verifier import Verifier, equal_error_rate
from siamese_text.unit_rows import unit_rows


class Spelled:
    """Reads vectors that texts spell."""

    def encode(self, texts):
        return np.array([json.loads(text) for text in texts], dtype=np.float32)


def drawn(count, seed, *, references=40):
    """References, and texts of which every other is one of them, less clearly or more."""
    centres = unit_rows(np.random.default_rng(0).standard_normal((references, 16)))
    random = np.random.default_rng(seed)
    of = random.integers(references, size=count)
    genuine = np.arange(count) % 2 == 0
    near = centres[of] + random.standard_normal((count, 16)) * random.uniform(0.05, 0.35, (count, 1))
    vectors = np.where(genuine[:, None], near, random.standard_normal((count, 16)))
    names = [f"r{number}" if same else "" for number, same in zip(of, genuine, strict=True)]
    return spell(centres), [f"r{number}" for number in range(references)], spell(vectors), names


def spell(vectors):
    return [json.dumps(row) for row in vectors.tolist()]


@pytest.fixture
def verifier():
    references, ids, texts, names = drawn(2000, 1)
    verifier = Verifier(Spelled(), false_accepts=0.02, false_rejects=0.2).fit(references, ids)
    verifier.calibrate(texts, names)
    return verifier


def test_what_is_promised_holds_for_new_texts(verifier):
    _, _, texts, names = drawn(4000, 2)
    given = verifier.check(texts)
    same = np.array([said.reference == name for said, name in zip(given, names, strict=True)])
    answers = np.array([said.answer for said in given])
    assert (answers[~same] == "accept").mean() <= 0.02
    assert (answers[same] == "reject").mean() <= 0.2
    assert verifier.reject_below_ <= verifier.accept_from_
    assert [said.answer for said in given] == [
        "accept"
        if said.similarity >= verifier.accept_from_
        else "reject"
        if said.similarity < verifier.reject_below_
        else "unsure"
        for said in given
    ]
    shares = np.array([said.probability for said in given])
    assert shares.mean() == pytest.approx(same.mean(), abs=0.03)


def test_the_equal_error_rate_is_where_both_curves_meet():
    random = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    scores = labels + random.standard_normal(4000)
    false, true, _ = roc_curve(labels, scores)
    place = np.abs(false - (1 - true)).argmin()
    assert equal_error_rate(labels, scores) == pytest.approx(false[place], abs=2e-3)
    assert equal_error_rate(labels, labels * 1.0) == 0


def test_references_come_and_go():
    first, second, third = spell(np.eye(3))
    verifier = Verifier(Spelled()).fit([first], ["a"]).enrol([second, third], ["b", "c"])
    assert verifier.nearest([third])[1].tolist() == [2]
    verifier.remove(["b"])
    assert (verifier.ids_.tolist(), verifier.references_) == (["a", "c"], [first, third])
    assert verifier.nearest([third])[1].tolist() == [1]
    verifier.enrol([second], ["a"], replace=True)
    assert (verifier.ids_.tolist(), verifier.references_) == (["c", "a"], [third, second])


def test_it_is_saved_and_opened_and_goes_on(verifier, tmp_path):
    verifier.save(tmp_path / "known")
    opened = Verifier.open(tmp_path / "known", model=Spelled())
    texts = drawn(20, 3)[2]
    assert opened.check(texts) == verifier.check(texts)
    opened.enrol(spell(np.eye(1, 16)), ["new"])
    assert opened.ids_[-1] == "new"


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda known: known.enrol(["[1]"], ["r1"]), BadExamples, "there is a reference 'r1' already"),
        (lambda known: known.enrol(["[1]", "[2]"], ["x", "x"]), BadExamples, "there is a reference 'x' already"),
        (lambda known: known.enrol(["[1]"], [" "]), BadExamples, "a reference has no name"),
        (lambda known: known.enrol(["[1]"], []), BadExamples, "1 texts and 0 names"),
        (lambda known: known.remove(["r1", "zz"]), BadExamples, "there is no reference 'zz'"),
        (lambda known: known.calibrate(["[1]"], ["zz"]), BadExamples, "there is no reference 'zz'; enrol it first"),
        (lambda known: known.remove(known.ids_.tolist()).check(["[1]"]), BadExamples, "no reference to compare with"),
        (lambda known: known.set_params(false_accepts=3).calibrate([], []), UsageError, "false_accepts is 3"),
        (
            lambda known: known.fit(known.references_, known.ids_).check(known.references_),
            UsageError,
            "no threshold yet",
        ),
        (lambda known: known.calibrate(*drawn(40, 5)[2:]), BadData, "cannot be promised with confidence 0.95"),
        (lambda known: known.calibrate(known.references_, known.ids_), BadExamples, "40 of 40 texts match"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(verifier, act, error, words):
    before = verifier.ids_.tolist()
    with pytest.raises(error, match=words):
        act(verifier)
    assert verifier.ids_.tolist() in (before, [], ["a"])
