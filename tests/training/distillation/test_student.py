"""A student of any kind of teacher begins with some of its layers, and comes back from its folder as it was."""

import json

import numpy as np
import pytest
import torch

from siamese_text import api
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.training.distillation.student import count_layers, make_student

KINDS = ("modernbert", "gpt2", "llama", "mistral", "qwen3", "mpnet", "longformer")
TEXTS = ["bees fly over the canal", "we read", "the library is open in winter"]


@pytest.fixture(scope="module")
def teacher_of(tiny_model, tmp_path_factory):
    """Return a function that writes a model of four layers and of some kind, random but always the same."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)

    def make(kind, **values):
        folder = tmp_path_factory.mktemp("models") / kind
        config = AutoConfig.for_model(
            kind,
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            hidden_size=32,
            num_hidden_layers=4,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=16,
            intermediate_size=64,
            max_position_embeddings=140,
            initializer_range=0.2,
            **values,
        )
        with torch.random.fork_rng():
            torch.manual_seed(0)
            AutoModel.from_config(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_a_student_of_any_kind_is_opened_as_it_was_saved(teacher_of, tmp_path, kind):
    teacher = TorchEncoder.load(teacher_of(kind), device="cpu", max_seq_length=64)
    assert count_layers(teacher) == 4
    state = torch.random.get_rng_state()
    student = make_student(teacher, (1, 3))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert count_layers(student) == 2
    assert not np.allclose(student.encode(TEXTS), teacher.encode(TEXTS), atol=1e-3)
    student.save(tmp_path / "student")
    opened = TorchEncoder.load(tmp_path / "student", device="cpu")
    assert np.allclose(opened.encode(TEXTS), student.encode(TEXTS), atol=1e-6)
    whole = make_student(teacher, range(4))
    assert np.array_equal(whole.encode(TEXTS), teacher.encode(TEXTS))


def test_what_is_listed_by_layer_is_cut_with_them(teacher_of):
    teacher = TorchEncoder.load(teacher_of("modernbert"), device="cpu", max_seq_length=64)
    kinds = list(teacher.transformer.config.layer_types)
    assert len(set(kinds)) == 2
    assert make_student(teacher, (0, 2, 3)).transformer.config.layer_types == [kinds[0], *kinds[2:]]
    assert teacher.transformer.config.layer_types == kinds


@pytest.mark.parametrize("kind", ["modernbert", "llama"])
def test_a_whole_run_ends_with_the_student(teacher_of, tmp_path, kind):
    api.distill(tmp_path / "student", teacher=str(teacher_of(kind)), layers="1", max_steps=2, device="cpu")
    config = json.loads((tmp_path / "student" / "config.json").read_text(encoding="utf-8"))
    assert config["num_hidden_layers"] == 1


def test_layers_that_are_one_for_all_are_refused_before_anything_is_learned(teacher_of, tmp_path):
    with pytest.raises(UsageError, match=r"albert.*a student cannot keep some") as error:
        api.distill(tmp_path / "student", teacher=str(teacher_of("albert", embedding_size=16)), device="cpu")
    assert "freeze_layers" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_student_that_would_be_lost_when_it_is_saved_is_refused_before_it_learns(tiny_model, tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("two of\nthese are not one of those")

    monkeypatch.setattr(TorchEncoder, "write", fail)
    with pytest.raises(UsageError, match=r"bert.*layers 1 alone \(two of these are not one of those\)"):
        api.distill(tmp_path / "student", teacher=str(tiny_model), layers="1", device="cpu")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"layers": "1"}, {"static": True}], ids=["layers", "static"])
def test_teacher_and_student_read_behind_the_same_prompt(tiny_sentence_model, tmp_path, options, monkeypatch):
    from transformers import AutoTokenizer

    from siamese_text.training.batches import TokenisedExamples

    prompts = {"query": "we read ", "title": "a library of bees "}
    teacher = TorchEncoder.load(tiny_sentence_model, device="cpu")
    folder = tmp_path / "teacher"
    teacher.save(folder)
    file = folder / "config_sentence_transformers.json"
    told = json.loads(file.read_text(encoding="utf-8")) | {"prompts": prompts, "default_prompt_name": "query"}
    file.write_text(json.dumps(told), encoding="utf-8")
    seen, collate = [], TokenisedExamples.collate
    monkeypatch.setattr(TokenisedExamples, "collate", lambda *args: seen.append(collate(*args)) or seen[-1])
    common = {"teacher": str(folder), "max_steps": 1, "device": "cpu"} | options
    api.distill(tmp_path / "student", prompt="title", **common)
    ids = seen[0].tokens.input_ids.tolist()
    texts = AutoTokenizer.from_pretrained(folder).batch_decode(ids, skip_special_tokens=True)
    assert all(text.startswith("a library of bees") for text in texts)
    told = json.loads((tmp_path / "student" / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    assert told["default_prompt_name"] == "title"
    with pytest.raises(UsageError, match="no prompt 'headline'; it has query, document, title"):
        api.distill(tmp_path / "other", prompt="headline", **common)
