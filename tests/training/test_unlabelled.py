"""Sentences without labels: pairs by rule, and two views of each by dropout."""

import json
from dataclasses import replace

import pytest
import torch

from siamese_text.data.splits import bag_of_words
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadData, NothingToDo, UsageError
from siamese_text.records import Example, Pair
from siamese_text.training.batches import TokenisedExamples
from siamese_text.training.fit import check_fit
from siamese_text.training.losses import Facts, build_loss
from siamese_text.training.mixture import TrainSet, load_training_data
from siamese_text.training.sampling import BatchOptions, plan
from siamese_text.training.settings import TrainSettings
from siamese_text.training.siamese_module import SiameseModule
from siamese_text.training.unlabelled import read_unlabelled
from tests.training.sentences import ACTIONS, SUBJECTS

SENTENCES = [f"{subject} {action} on {day} May 1990" for subject in SUBJECTS for action in ACTIONS for day in (3, 14)]
TEXTS = ["the cat sleeps in the garden", "two birds eat bread", "we read a long book"]
VIEWS = [Example((text, text)) for text in TEXTS]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def module(tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    return SiameseModule(encoder, [build_loss("infonce", "positives", Facts(32, 32))])


def embedded(module, batch):
    """The two columns of a batch, as the module lays them out."""
    torch.manual_seed(0)
    texts, _ = module._embed(batch.tokens, lambda hidden: hidden[..., :0], None)
    return [texts[column] for column in batch.columns]


def test_two_views_differ_in_training_and_are_equal_in_use(module):
    batch = TokenisedExamples(VIEWS, module.encoder.tokenizer, views=True).collate([2, 0, 1])
    left, right = embedded(module.train(), batch)
    assert (left - right).abs().amax(dim=1).min() > 1e-3
    left, right = embedded(module.eval(), batch)
    assert torch.allclose(left, right, atol=1e-6)


def test_without_views_a_text_beside_itself_is_encoded_once(module):
    batch = TokenisedExamples(VIEWS, module.encoder.tokenizer).collate([0, 1, 2])
    left, right = embedded(module.train(), batch)
    assert len(batch.tokens.input_ids) == 3
    assert torch.equal(left, right)


def test_the_columns_of_views_hold_the_same_tokens_and_no_batch_repeats_a_text(module):
    rows = TokenisedExamples([*VIEWS, *VIEWS], module.encoder.tokenizer, views=True)
    batch = rows.collate([0, 1, 2])
    left, right = (batch.tokens.input_ids[column] for column in batch.columns)
    assert torch.equal(left, right)
    options = BatchOptions(batch_size=3, distinct_texts=True)
    batches = plan(rows.columns_by_tokens, None, rows.text_lengths, options).batches(0)
    assert sorted(sorted(row % 3 for row in batch) for batch in batches) == [[0, 1, 2], [0, 1, 2]]


def test_sentences_alone_are_learned_as_pairs_and_as_views_kept_apart_from_a_tenth(file):
    found = load_training_data(TrainSettings(dataset=file, unlabelled=file), None)
    kinds = [(each.name, each.kind, each.loss, each.views) for each in found.sets]
    assert kinds == [(file, "pairs", "bce", False), (f"{file}/views", "positives", "infonce", True)]
    taken = {bag_of_words(text) for pair in found.held_out["validation"] for text in pair.sides}
    learned = [bag_of_words(text) for each in found.sets for row in each.examples for text in row.texts]
    assert not taken & set(learned)
    assert {pair.label for pair in found.held_out["validation"]} == {0, 1}
    of_file = {bag_of_words(text) for text in SENTENCES}
    assert found.leaked[f"{file}/views"] == len(SENTENCES) - len(found.sets[1].examples)
    assert 0 < len(taken & of_file) <= 0.2 * len(SENTENCES)


def test_beside_a_data_set_its_validation_counts_and_its_sentences_are_left_out(file, tmp_path):
    for split, rows in (("train", 8), ("validation", 4)):
        lines = [{"sentence1": f"{split} one {i}", "sentence2": f"{split} {i}", "label": i % 2} for i in range(rows)]
        lines[0]["sentence1"] = SENTENCES[0] if split == "validation" else "none of them"
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / f"{split}.jsonl").write_text(text, encoding="utf-8")
    found = load_training_data(TrainSettings(dataset="own", unlabelled=file), tmp_path)
    assert [each.name for each in found.sets] == ["own", f"{file}/pairs", f"{file}/views"]
    assert [len(pairs) for pairs in found.held_out.values()] == [4]
    assert found.leaked[f"{file}/views"] == 1
    assert not any(SENTENCES[0] in row.texts for each in found.sets for row in each.examples)


def test_the_column_text_of_a_table_holds_sentences(file, tmp_path):
    table = tmp_path / "sentences.jsonl"
    lines = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(SENTENCES)]
    table.write_text("\n".join(lines), encoding="utf-8")
    assert read_unlabelled(str(table), 0).views.examples == read_unlabelled(file, 0).views.examples


def test_sentences_give_look_alikes_rewordings_and_unrelated_pairs_and_each_sentence_once(file):
    made = read_unlabelled(file, 0)
    pairs = made.pairs().pairs
    assert [row.texts for row in made.views.examples] == [(text, text) for text in SENTENCES]
    assert {pair.label for pair in made.made} == {0, 1}
    reworded = {pair.sentence1: pair.sentence2 for pair in made.made if pair.label == 1}
    unrelated = [pair for pair in pairs if pair.kind == "unrelated"]
    assert 0.8 * len(reworded) < len(unrelated) <= len(pairs) - len(made.made)
    for pair in unrelated:
        assert pair.label == 0
        assert pair.sentence2 in set(reworded.values()) - {reworded[pair.sentence1]}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "holds no sentences"), ("\n \n", "holds no sentences"), ("the cat sleeps\n" * 3, "holds one sentence")],
)
def test_too_few_sentences_are_refused(tmp_path, text, words):
    path = tmp_path / "few.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NothingToDo, match=f"{words}; give two or more"):
        read_unlabelled(str(path), 0)


def test_texts_that_no_rule_fits_are_refused(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cat\ndog\n", encoding="utf-8")
    with pytest.raises(NothingToDo, match="no rule fits any of the 2 texts"):
        read_unlabelled(str(path), 0)


def test_pairs_of_one_label_measure_nothing(file):
    made = tuple(Pair(f"a {number}", f"b {number}", 0.0) for number in range(20))
    with pytest.raises(BadData, match=r"rules made 0 rewordings and 20 look-alikes of own\.txt"):
        replace(read_unlabelled(file, 0), source="own.txt", made=made).parts()


def test_views_without_dropout_are_refused(tiny_sentence_model):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    views = [TrainSet("own", VIEWS, "positives", "infonce", views=True)]
    check_fit(encoder, views, TrainSettings())
    with pytest.raises(UsageError, match=r"dropout is 0, .*set dropout=0\.1"):
        check_fit(encoder, views, TrainSettings(dropout=0.0))
