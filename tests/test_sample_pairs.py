"""The bundled pairs: enough of them, no sentence in two splits, and nothing that word counts could give away."""

import json
import re
from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from siamese_text.bundled import bundled
from siamese_text.data.splits import bag_of_words

SPLITS = ("train", "validation", "test")
KINDS = {"reworded": 1, "reordered": 1, "swap": 0, "negation": 0, "number": 0, "entity": 0, "time": 0, "topic": 0}


@pytest.fixture(scope="module")
def pairs():
    return {
        split: [json.loads(line) for line in (bundled("data", "pairs") / f"{split}.jsonl").open(encoding="utf-8")]
        for split in SPLITS
    }


def labels(rows):
    return np.array([row["label"] for row in rows])


def words(sentence):
    return set(re.findall(r"\w+", sentence.lower()))


def surface(rows, vectorizer):
    """Word overlap, two differences of length, and TF-IDF cosine of each pair."""
    left = vectorizer.transform([row["sentence1"] for row in rows])
    right = vectorizer.transform([row["sentence2"] for row in rows])
    cosine = np.asarray(left.multiply(right).sum(axis=1)).ravel()
    sides = [(words(row["sentence1"]), words(row["sentence2"])) for row in rows]
    overlap = [len(a & b) / len(a | b) for a, b in sides]
    in_words = [abs(len(row["sentence1"].split()) - len(row["sentence2"].split())) for row in rows]
    in_letters = [abs(len(row["sentence1"]) - len(row["sentence2"])) for row in rows]
    return np.column_stack([overlap, in_words, in_letters, cosine])


def test_there_are_enough_pairs_of_every_kind(pairs):
    assert sum(map(len, pairs.values())) >= 900
    for rows in pairs.values():
        kinds = Counter(row["kind"] for row in rows)
        assert set(kinds) == set(KINDS)
        assert all(KINDS[row["kind"]] == row["label"] for row in rows)
        assert 0.45 < labels(rows).mean() < 0.55


def test_no_sentence_stands_in_two_splits(pairs):
    seen = {
        split: {bag_of_words(row[side]) for row in rows for side in ("sentence1", "sentence2")}
        for split, rows in pairs.items()
    }
    assert not seen["train"] & seen["validation"]
    assert not seen["train"] & seen["test"]
    assert not seen["validation"] & seen["test"]


def test_surface_features_do_not_give_the_label_away(pairs):
    texts = [row[side] for row in pairs["train"] for side in ("sentence1", "sentence2")]
    vectorizer = TfidfVectorizer().fit(texts)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(surface(pairs["train"], vectorizer), labels(pairs["train"]))
    scores = model.predict_proba(surface(pairs["test"], vectorizer))[:, 1]
    assert roc_auc_score(labels(pairs["test"]), scores) < 0.65


def test_easy_negatives_share_few_words_and_hard_ones_many(pairs):
    rows = [row for split in pairs.values() for row in split]
    overlap = {
        kind: np.mean(
            [
                len(words(r["sentence1"]) & words(r["sentence2"])) / len(words(r["sentence1"]))
                for r in rows
                if r["kind"] == kind
            ]
        )
        for kind in KINDS
    }
    assert overlap["topic"] < 0.3 and overlap["reworded"] < 0.3
    assert overlap["reordered"] > 0.8
