"""Mined negatives against a plain search through everything, and against sentence-transformers."""

import json

import numpy as np
import pytest

from siamese_text.augment import mining
from siamese_text.augment.mining import REASONS, MiningOptions, mine
from siamese_text.errors import NothingToDo, UsageError

TRUE, JOINED, NEAR, ABOVE, BELOW = REASONS


class Table:
    """An encoder that looks its vectors up."""

    def __init__(self, vectors):
        self.vectors = vectors

    def encode(self, texts):
        return np.array([self.vectors[text] for text in texts], dtype=np.float32)


def at(*degrees):
    """Vectors in the plane, not of unit length, by their angles."""
    angles = np.radians(degrees)
    return np.stack([3 * np.cos(angles), 3 * np.sin(angles)], axis=1)


def plane(**degrees):
    return Table(dict(zip(degrees, at(*degrees.values()), strict=True)))


FAN = plane(a=0, p=30, b=10, c=28, d=40, e=60, f=120)


def mined(positives, corpus, encoder=FAN, **options):
    return mine(positives, corpus, encoder, MiningOptions(**{"relative_margin": None} | options))


def test_the_nearest_that_is_not_true_is_the_negative():
    found = mined([("a", "p")], list("pbcdef"))
    assert found.rows[0].negatives == ("b",)
    assert found.rows[0].similarity == pytest.approx(np.cos(np.radians(30)))
    assert found.rows[0].similarities == pytest.approx([np.cos(np.radians(10))])
    assert (found.looked_at, found.dropped[TRUE], found.spare, found.short) == (6, 1, 4, 0)


@pytest.mark.parametrize(
    ("options", "negatives", "reason", "count"),
    [
        ({"margin": 0.0}, "de", NEAR, 2),  # nearer than the positive
        ({"margin": 0.2}, "ef", NEAR, 3),  # cos 30° - 0.2 = 0.666, between 40° and 60°
        ({"relative_margin": 0.05}, "de", NEAR, 2),  # 0.823, between 28° and 40°
        ({"relative_margin": 0.2}, "ef", NEAR, 3),  # 0.693
        ({"max_score": 0.8}, "de", ABOVE, 2),
        ({"min_score": 0.9}, "b", BELOW, 3),
        ({"skip": 2}, "de", NEAR, 0),
    ],
)
def test_near_ones_are_dropped_by_each_limit_and_counted(options, negatives, reason, count):
    corpus = list("pbdef" if reason == BELOW else "pbcdef")
    found = mined([("a", "p")], corpus, negatives=2, **options)
    assert "".join(found.rows[0].negatives) == negatives
    assert found.dropped[reason] == count if count else reason not in found.dropped


def test_what_is_joined_through_other_positives_is_no_negative():
    found = mined([("a", "p"), ("b", "p"), ("c", "b")], list("pbcdef"), negatives=3)
    assert found.rows[0].negatives == ("d", "e", "f")
    assert found.dropped[JOINED] == 3  # b and c for a, p for c
    assert found.dropped[TRUE] == 6  # p for a; b, p and c for b; c and b for c


def test_texts_that_differ_in_case_and_white_space_are_one():
    encoder = Table(dict(zip(["a", "p", " P ", "A", "b"], at(0, 30, 30, 0, 50), strict=True)))
    assert mined([("a", "p")], [" P ", "A", "b"], encoder).rows[0].negatives == ("b",)


def test_an_anchor_without_a_negative_gives_no_row():
    found = mined([("a", "p"), ("f", "e")], list("bcd"), negatives=2, max_score=0.3)
    assert [row.anchor for row in found.rows] == ["f"]
    assert found.short == 1


@pytest.fixture
def world():
    """Positives, corpus and encoder of 60 random texts, and their cosines."""
    random = np.random.default_rng(5)
    names = [f"text {number}" for number in range(60)]
    vectors = random.normal(size=(60, 3)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    positives = [(names[i], names[j]) for i, j in random.integers(60, size=(25, 2)) if i != j]
    cosines = {(a, b): float(unit[i] @ unit[j]) for i, a in enumerate(names) for j, b in enumerate(names)}
    return positives, names[10:], Table(dict(zip(names, vectors, strict=True))), cosines


def plainly(positives, corpus, cosines, options):
    """The negatives of each positive by looking at all texts."""
    parts = {text: {text} for pair in positives for text in pair}
    for left, right in positives:
        joined = parts[left] | parts[right]
        for text in joined:
            parts[text] = joined
    for anchor, positive in positives:
        near = cosines[anchor, positive]
        ranked = sorted((text for text in corpus if text not in parts[anchor]), key=lambda text: -cosines[anchor, text])
        looked_at = ranked[options.skip : options.skip + options.depth]
        limit = min(near - (options.margin or 0), near - options.relative_margin * abs(near), options.max_score)
        yield [text for text in looked_at if options.min_score <= cosines[anchor, text] <= limit]


@pytest.mark.parametrize(("block", "neighbours"), [(1, 10**6), (7, 10**6), (1024, 10**6), (1024, 100), (1024, 1)])
def test_the_same_is_found_by_looking_at_everything_for_any_block(world, monkeypatch, block, neighbours):
    monkeypatch.setattr(mining, "BLOCK", block)
    monkeypatch.setattr(mining, "NEIGHBOURS", neighbours)
    positives, corpus, encoder, cosines = world
    options = MiningOptions(3, 1, 20, 0.05, 0.1, max_score=0.9, min_score=-0.5)
    found = mine(positives, corpus, encoder, options)
    expected = list(plainly(positives, corpus, cosines, options))
    kept = [(*pair, tuple(texts[:3])) for pair, texts in zip(positives, expected, strict=True) if texts]
    assert [(row.anchor, row.positive, row.negatives) for row in found.rows] == kept
    assert found.spare == sum(max(len(texts) - 3, 0) for texts in expected)
    assert found.short == sum(len(texts) < 3 for texts in expected) > 0
    total = sum(len(row.negatives) for row in found.rows) + found.spare + sum(found.dropped.values())
    assert found.looked_at == total


def test_random_ones_are_drawn_by_the_seed_from_those_looked_at(world):
    positives, corpus, encoder, _ = world

    def draw(**options):
        return mine(positives, corpus, encoder, MiningOptions(2, sampling="random", **options)).rows

    assert draw() == draw() != draw(seed=1)
    top = mine(positives, corpus, encoder, MiningOptions(50)).rows
    fit = {(row.anchor, row.positive): set(row.negatives) for row in top}
    assert all(set(row.negatives) <= fit[row.anchor, row.positive] for row in draw())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"negatives": 0}, "negatives is 0"),
        ({"skip": -1}, "skip is -1"),
        ({"negatives": 5, "depth": 4}, "depth is 4"),
        ({"margin": -0.1}, "margin is -0.1"),
        ({"relative_margin": 1.5}, "relative_margin is 1.5"),
        ({"max_score": 2.0}, "max_score is 2"),
        ({"sampling": "best"}, "'best'; choose top or random"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, words):
    with pytest.raises(UsageError, match=words):
        MiningOptions(**options)


def test_nothing_to_mine_is_said():
    with pytest.raises(NothingToDo, match="0 positives"):
        mined([], ["b"])


@pytest.mark.parametrize("margins", [{"absolute_margin": 0.01}, {"relative_margin": 0.02}, {"relative_margin": 0.0}])
def test_sentence_transformers_finds_the_same(tiny_sentence_model, margins):
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.util import mine_hard_negatives

    from siamese_text.encoder.torch_encoder import TorchEncoder

    words = (
        "a cat sleeps under the old tree in winter and two white birds fly over slow river to big green park".split()
    )
    texts = [" ".join(words[(i * k + k) % 20] for k in range(3, 8)) + f" {words[i]}" for i in range(20)]
    positives = list(zip(texts[::2], texts[1::2], strict=True))
    rows = Dataset.from_dict({"anchor": texts[::2], "positive": texts[1::2]})
    model = SentenceTransformer(str(tiny_sentence_model), device="cpu")
    theirs = mine_hard_negatives(
        rows, model, num_negatives=2, range_max=30, sampling_strategy="top", verbose=False, **margins
    )
    margin, relative = (margins.get(name) for name in ("absolute_margin", "relative_margin"))
    options = MiningOptions(2, depth=30, margin=margin, relative_margin=relative)
    found = mine(positives, texts[1::2], TorchEncoder.load(tiny_sentence_model, device="cpu"), options)
    # theirs leaves out rows with fewer, and its relative margin turns round where the positive's cosine is below 0
    full = [row for row in found.rows if len(row.negatives) == 2 and row.similarity > 0]
    theirs = [row for row in theirs if row["anchor"] in {mined_row.anchor for mined_row in full}]
    ours = [(row.anchor, row.positive, text) for row in full for text in row.negatives]
    assert ours == [(row["anchor"], row["positive"], row["negative"]) for row in theirs]
    assert ours


def test_what_is_mined_can_be_written_as_json(world):
    positives, corpus, encoder, _ = world
    row = mine(positives, corpus, encoder, MiningOptions()).rows[0]
    assert json.dumps([row.similarity, *row.similarities])
