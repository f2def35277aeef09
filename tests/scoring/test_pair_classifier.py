import json
from dataclasses import replace

import numpy as np
import pytest

from siamese_text.errors import BadModel
from siamese_text.scoring.decision import Decision, FittedOn
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import SETTINGS_FILE, PairClassifier
from siamese_text.scoring.scores import BlendWeights
from siamese_text.scoring.similarity import pairwise

WIDTH = 4
LEFT, RIGHT = np.random.default_rng(0).standard_normal((2, 20, WIDTH), dtype=np.float32)


@pytest.fixture
def head():
    chance = np.random.default_rng(1)
    shapes = {
        "hidden.weight": (3, 4 * WIDTH),
        "hidden.bias": (3,),
        "output.weight": (1, 3),
        "output.bias": (1,),
    }
    return TwinHead({name: chance.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()})


@pytest.fixture
def judge(head):
    decision = Decision("blend", (2.0, 0.5), -0.3, 0.5, FittedOn("validation", 10, 0.5, "00ff"))
    return PairClassifier("dot", head, None, decision, {"recipe": "sample", "seed": 0})


def test_a_bare_model_gives_the_similarity_and_no_verdict():
    judged = PairClassifier("manhattan").judge(LEFT, RIGHT)
    np.testing.assert_array_equal(judged.similarity, pairwise("manhattan", LEFT, RIGHT))
    assert judged.probability is None
    assert judged.same is None


def test_a_decision_judges_both_scores(judge, head):
    judged = judge.judge(LEFT, RIGHT)
    logits = 2 * pairwise("dot", LEFT, RIGHT).astype(float) + 0.5 * head.logits(LEFT, RIGHT).astype(float) - 0.3
    np.testing.assert_allclose(judged.probability, 1 / (1 + np.exp(-logits)), rtol=1e-9)
    np.testing.assert_array_equal(judged.same, logits >= 0)
    assert judged.same.any()
    assert not judged.same.all()


def test_a_judge_is_read_as_it_was_written(judge, tmp_path):
    judge.write(tmp_path)
    again = PairClassifier.read(tmp_path, similarity_fn_name="dot")
    assert again.decision == judge.decision
    assert again.trained == judge.trained
    expected, judged = judge.judge(LEFT, RIGHT), again.judge(LEFT, RIGHT)
    np.testing.assert_array_equal(judged.probability, expected.probability)
    np.testing.assert_array_equal(judged.same, expected.same)


def test_a_judge_without_head_and_decision_is_read_as_it_was_written(tmp_path):
    PairClassifier("cosine").write(tmp_path)
    assert not (tmp_path / TwinHead.FILE).exists()
    assert PairClassifier.read(tmp_path) == PairClassifier("cosine")


def test_a_folder_that_we_did_not_write_has_neither_head_nor_decision(tmp_path):
    assert PairClassifier.read(tmp_path, similarity_fn_name="euclidean") == PairClassifier("euclidean")


def test_a_head_that_is_named_but_missing_is_refused(judge, tmp_path):
    judge.write(tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="lacks twin_head"):
        PairClassifier.read(tmp_path)


def test_settings_of_a_newer_release_are_refused(judge, tmp_path):
    judge.write(tmp_path)
    path = tmp_path / SETTINGS_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(BadModel, match="has format 99, this release reads 1"):
        PairClassifier.read(tmp_path)


@pytest.mark.parametrize("text", ['{"format": 1', "[]", '{"format": 1, "decision": {"score": "similarity"}}'])
def test_damaged_settings_are_refused_in_one_line(tmp_path, text):
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(BadModel) as caught:
        PairClassifier.read(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_decision_on_a_head_needs_the_head(judge, tmp_path):
    PairClassifier("dot", None, None, judge.decision).write(tmp_path)
    with pytest.raises(BadModel, match="other scores than its heads give"):
        PairClassifier.read(tmp_path)


class Reader:
    """Encodes the texts that stand for the rows of ``LEFT`` and ``RIGHT``."""

    def encode(self, texts, *, progress=None):
        return np.stack([{"left": LEFT, "right": RIGHT}[side][int(row)] for side, row, *_ in map(str.split, texts)])


@pytest.fixture
def mixed(judge):
    blend = BlendWeights((2.0, 0.5, 1.0, 0.0, 4.0, 3.0, -1.0, -2.0), (0.0, 1.0))
    return replace(judge, decision=replace(judge.decision, weights=(1.0,), blend=blend))


def test_a_mixed_decision_reads_the_words_of_both_sides(mixed, judge):
    assert mixed.reads_texts
    assert not judge.reads_texts
    sides = [(f"left {row} the same", f"right {row} {'same the' if row % 2 else 'the same'}") for row in range(20)]
    similarity, logits = pairwise("dot", LEFT, RIGHT).astype(float), mixed.head.logits(LEFT, RIGHT).astype(float)
    common = 3 / 5
    blend = (2 * (1 - common) + common) * similarity + 0.5 * (1 - common) * logits + 3 * common - common**2
    blend -= 2 * common**2 * (np.arange(20) % 2)
    judged = mixed.decide(mixed.scores_of(sides, Reader()))
    np.testing.assert_allclose(judged.probability, 1 / (1 + np.exp(0.3 - blend)), rtol=1e-5)


def test_a_mix_needs_the_heads_whose_scores_it_mixes(mixed, tmp_path):
    mixed.write(tmp_path)
    assert PairClassifier.read(tmp_path).decision == mixed.decision
    replace(mixed, head=None).write(tmp_path)
    (tmp_path / TwinHead.FILE).unlink()
    with pytest.raises(BadModel, match="other scores than its heads give"):
        PairClassifier.read(tmp_path)
