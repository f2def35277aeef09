"""Hard negatives for a file of pairs by one call."""

import json

import pytest

from siamese_text import BadOutput, MiningOptions, UsageError, load_examples, load_pairs, mine_file


def test_a_file_of_negatives_is_what_training_reads(tiny_sentence_model, tmp_path):
    output = tmp_path / "mined.jsonl"
    options = MiningOptions(negatives=2, relative_margin=None)
    done = mine_file("sample", output, model=tiny_sentence_model, options=options, output_format="pairs")
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == done.rows
    [loaded] = load_examples(output, (None,))
    assert (loaded.kind, len(loaded.examples)) == ("pairs", done.rows)
    assert done.kept == sum(len(row.negatives) for row in done.mined.rows) == done.to_json()["kept"]
    assert done.similarity_of_negatives == pytest.approx(done.to_json()["similarity_of_negatives"])


def test_what_cannot_be_written_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "mined.jsonl").write_text("keep me")
    with pytest.raises(BadOutput, match="overwrite"):
        mine_file("no such data set", tmp_path / "mined.jsonl")
    with pytest.raises(UsageError, match="choose from triplets, tuples, pairs"):
        mine_file("no such data set", tmp_path / "other.jsonl", output_format="lists")


def test_pairs_and_corpus_may_be_in_memory(tiny_sentence_model, tmp_path):
    pairs = [(pair.sentence1, pair.sentence2, pair.label) for pair in load_pairs("sample", "validation").pairs[:30]]
    corpus = (text for pair in pairs for text in pair[:2])
    options = MiningOptions(relative_margin=None)
    done = mine_file(pairs, tmp_path / "mined.jsonl", model=tiny_sentence_model, corpus=corpus, options=options)
    assert done.positives == sum(label for *_, label in pairs) and done.kept
    with pytest.raises(UsageError, match="the corpus are 7"):
        mine_file(pairs, tmp_path / "none.jsonl", model=tiny_sentence_model, corpus=7)
