"""A probe of whole models: the same pairs for each, what a model without a decision says, the file of pairs."""

import json

import pytest

from siamese_text.api import Scorer, probe
from siamese_text.augment.minimal_pairs import bundled_sentences, minimal_pairs
from siamese_text.errors import BadOutput, MissingInput, NothingToDo

SENTENCES = bundled_sentences()[:40]


@pytest.fixture(scope="module")
def scorer(tiny_sentence_model):
    return Scorer.load(tiny_sentence_model)


def test_a_model_is_shown_the_pairs_and_measured_by_what_it_predicts(trained_model):
    trained = Scorer.load(trained_model)
    report = probe(trained, SENTENCES, per_family=5)
    pairs = minimal_pairs(SENTENCES, per_family=5)
    assert report.pairs == pairs
    said = trained.predict(pairs).same
    wrong = sum(bool(same) != (pair.label == 1) for same, pair in zip(said, pairs, strict=True))
    assert report.models[0].of("all").wrong == wrong
    assert report.models[0].threshold.startswith(("similarity", "probability"))
    assert report.counts["voice"] == 5
    assert report.counts["clauses"] == 0
    assert report.models[0].of("clauses") is None


def test_a_model_without_a_decision_has_no_threshold(scorer, tmp_path):
    report = probe([scorer, scorer], SENTENCES, per_family=3, output=tmp_path / "pairs.jsonl")
    first, second = report.models
    assert first.threshold is None
    assert first.of("all").wrong is None
    assert first.of("all").misranked == second.of("all").misranked
    rows = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["sentence1"], row["sentence2"], row["label"], row["kind"]) for row in rows] == [
        (pair.sentence1, pair.sentence2, pair.label, pair.kind) for pair in report.pairs
    ]
    [score] = scorer.scores([report.pairs[0]]).similarity
    assert rows[0]["models"][scorer.name] == {"score": pytest.approx(float(score), abs=1e-6), "same": None}
    with pytest.raises(BadOutput):
        probe(scorer, SENTENCES, output=tmp_path / "pairs.jsonl")


def test_sentences_come_from_a_file_from_memory_or_with_the_package(scorer, tmp_path):
    (tmp_path / "own.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
    assert probe(scorer, tmp_path / "own.txt", per_family=2).pairs == probe(scorer, iter(SENTENCES), per_family=2).pairs
    assert probe(scorer, per_family=1).sentences == len(bundled_sentences())


def test_what_gives_no_pair_is_refused(scorer, tmp_path):
    with pytest.raises(NothingToDo, match="no rule fits any of the 1 sentences"):
        probe(scorer, ["Rain."])
    with pytest.raises(MissingInput):
        probe(scorer, tmp_path / "nowhere.txt")
