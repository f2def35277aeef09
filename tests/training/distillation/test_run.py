"""A student begins as some of its teacher's layers, or as its tokens, and learns to give the teacher's vectors."""

import json

import numpy as np
import pytest
import torch

from siamese_text.data.sentences import read_sentences
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.static import StaticEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadData, Interrupted, MissingInput, NothingToDo, UsageError
from siamese_text.training.distillation.corpus import load_corpus
from siamese_text.training.distillation.run import run_distillation
from siamese_text.training.distillation.settings import DistillSettings
from siamese_text.training.distillation.student import choose_layers, make_student
from siamese_text.training.distillation.table import TrainedTable, bare_tokenizer, token_vectors

SENTENCES = [
    f"the {who} {does} in the {where} {when}"
    for who in ("cat", "dog", "bird", "woman", "teacher")
    for does in ("sleeps", "runs", "eats", "reads")
    for where in ("garden", "town", "park")
    for when in ("early", "late", "in winter")
]
GRADED = [("a cat sleeps", "the cat sleeps", 5), ("a dog runs", "bees on a flower", 0), ("snow", "rain", 2)]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory, make_tiny_model):
    """A teacher of four layers."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    two, folder = make_tiny_model("bert"), tmp_path_factory.mktemp("models") / "teacher"
    config = AutoConfig.from_pretrained(two)
    config.num_hidden_layers = 4
    with torch.random.fork_rng():
        torch.manual_seed(1)
        AutoModel.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(two).save_pretrained(folder)
    return TorchEncoder.load(folder, device="cpu", normalize=True), _saved(folder, tmp_path_factory)


def _saved(folder, tmp_path_factory):
    saved = tmp_path_factory.mktemp("models") / "teacher-sentences"
    TorchEncoder.load(folder, device="cpu", normalize=True).save(saved)
    return str(saved)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    return str(path)


@pytest.fixture
def distil(teacher, corpus, tmp_path):
    """Return a function that distils the teacher; its settings may be given."""

    def call(name="student", *, resume=False, observer=None, overwrite=False, data_dir=None, **values):
        defaults = {
            "teacher": teacher[1],
            "sentences": corpus,
            "layers": "2",
            "per_device_train_batch_size": 16,
            "held_out": 20,
        }
        settings = DistillSettings().changed(defaults | {"num_train_epochs": 2, "learning_rate": 2e-3} | values)
        return run_distillation(
            settings,
            tmp_path / name,
            device="cpu",
            data_dir=data_dir,
            resume=resume,
            observer=observer,
            overwrite=overwrite,
        )

    return call


@pytest.mark.parametrize(
    ("wanted", "layers"), [("3", (0, 2, 5)), ("2", (0, 5)), ("1", (5,)), ("6", (0, 1, 2, 3, 4, 5)), ("1, 4", (1, 4))]
)
def test_layers_are_evenly_chosen_or_as_listed(wanted, layers):
    assert choose_layers(wanted, 6) == layers


@pytest.mark.parametrize("wanted", ["0", "7", "-1", "", "three", "2,1", "1,1", "0,6", "1.5"])
def test_layers_that_the_teacher_has_not_are_refused(wanted):
    with pytest.raises(UsageError, match="layers is"):
        choose_layers(wanted, 6)


def test_the_student_begins_with_its_teachers_layers(teacher):
    encoder = teacher[0]
    student = make_student(encoder, (0, 3))
    taken, kept = encoder.transformer.encoder.layer, student.transformer.encoder.layer
    assert (len(taken), len(kept), student.transformer.config.num_hidden_layers) == (4, 2, 2)
    for layer, origin in zip(kept, (taken[0], taken[3]), strict=True):
        for name, weight in layer.state_dict().items():
            assert torch.equal(weight, origin.state_dict()[name])
    words = encoder.transformer.embeddings.word_embeddings.weight
    assert torch.equal(student.transformer.embeddings.word_embeddings.weight, words)
    assert student.transformer.embeddings.word_embeddings.weight.data_ptr() != words.data_ptr()


@pytest.mark.parametrize("options", [{"layers": "2"}, {"static": "true"}], ids=["layers", "static"])
def test_a_student_learns_and_is_saved_with_all_about_it(distil, tmp_path, options):
    report = distil(evals_per_epoch=1, num_train_epochs=4, **options)
    losses = [record.loss for record in report.history.steps]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    assert report.after > report.before
    values = [record.value for record in report.history.validations]
    assert max(values) == pytest.approx(report.after, abs=1e-5)
    folder = tmp_path / "student"
    written = {path.name for path in folder.iterdir()}
    assert {"report.json", "history.jsonl", "curves.png", "README.md", "siamese_text.json"} <= written
    assert not (tmp_path / "student.checkpoints").exists()
    trained = json.loads((folder / "siamese_text.json").read_text(encoding="utf-8"))["trained"]
    assert trained["cosine_with_the_teacher"]["after"] == report.after
    assert f"{report.after:.3f}" in (folder / "README.md").read_text(encoding="utf-8")
    assert isinstance(load_encoder(folder, backend="torch"), StaticEncoder if "static" in options else TorchEncoder)


@pytest.mark.parametrize("options", [{"layers": "2"}, {"static": "true"}], ids=["layers", "static"])
def test_sentence_transformers_opens_a_student_with_the_same_vectors(distil, tmp_path, options):
    from sentence_transformers import SentenceTransformer

    distil(max_steps=3, **options)
    texts = ["the cat sleeps", "Two BIRDS, one tree!", "", "zzz 12 é", "river " * 300]
    theirs = SentenceTransformer(str(tmp_path / "student"), device="cpu").encode(texts)
    ours = load_encoder(tmp_path / "student", backend="torch", device="cpu").encode(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("options", [{"layers": "1,3"}, {"static": "true"}], ids=["layers", "static"])
def test_the_same_seed_gives_the_same_bits_and_another_one_others(distil, tmp_path, options):
    vectors = []
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        distil(name, seed=seed, max_steps=6, **options)
        vectors.append(load_encoder(tmp_path / name, backend="torch", device="cpu").encode(SENTENCES))
    assert np.array_equal(vectors[0], vectors[1])
    assert not np.array_equal(vectors[0], vectors[2])


class _StopAfter:
    """Sends an interrupt after a step."""

    def __init__(self, step):
        self.step = step

    def __getattr__(self, _):
        return lambda *_: None

    def stepped(self, record):
        if record.step == self.step:
            import signal

            signal.raise_signal(signal.SIGINT)


def test_a_stopped_run_goes_on_bit_for_bit_without_its_teacher_encoding_again(distil, tmp_path, monkeypatch):
    whole = distil("whole", max_steps=8)
    with pytest.raises(Interrupted, match="--resume"):
        distil("stopped", max_steps=8, observer=_StopAfter(3))
    encoded = []
    encode = TorchEncoder.encode
    monkeypatch.setattr(
        TorchEncoder, "encode", lambda self, texts, **kw: encoded.append(len(texts)) or encode(self, texts, **kw)
    )
    resumed = distil("stopped", max_steps=8, resume=True)
    assert max(encoded) == len(whole.corpus.held_out)  # never the training sentences
    assert resumed.after == whole.after
    one, other = (TorchEncoder.load(tmp_path / name, device="cpu").encode(SENTENCES) for name in ("whole", "stopped"))
    assert np.array_equal(one, other)


def test_a_table_begins_with_the_teachers_vectors_of_single_tokens(teacher):
    encoder = teacher[0]
    table = token_vectors(encoder)
    tokenizer = encoder.tokenizer.tokenizer
    words = ["cat", "river", "!"]
    np.testing.assert_allclose(table[tokenizer.convert_tokens_to_ids(words)], encoder.encode(words), atol=1e-6)


def test_a_table_in_training_gives_the_vectors_of_the_static_encoder_that_is_saved(teacher):
    encoder = teacher[0]
    tokenizer = bare_tokenizer(encoder)
    trained = TrainedTable(token_vectors(encoder), tokenizer, encoder)
    texts = ["the cat sleeps", "snow", "a long book is read by her"]
    means = trained(tokenizer.pad(tokenizer(texts).ids)).detach().numpy()
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(trained.encode(texts), expected, atol=1e-6)


def test_teacher_and_student_are_measured_side_by_side(distil, tmp_path):
    rows = [{"sentence1": one, "sentence2": other, "label": grade} for one, other, grade in GRADED]
    for split in ("train", "validation"):
        path = tmp_path / "data" / "stsb" / f"{split}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = distil(dataset="stsb", data_dir=tmp_path / "data", max_steps=2)
    of_teacher, of_student = report.evaluations["stsb/validation"]
    assert -1 <= of_student.spearman <= 1
    figures = json.loads((tmp_path / "student" / "report.json").read_text(encoding="utf-8"))["evaluations"]
    assert figures["stsb/validation"]["teacher"]["spearman"] == of_teacher.spearman
    with pytest.raises(NothingToDo, match="6 of them in held-out pairs"):
        distil("leak", dataset="stsb", sentences="stsb", data_dir=tmp_path / "data")


def test_sentences_of_held_out_pairs_are_left_out_in_any_word_order(tmp_path, write_graded):
    path = tmp_path / "sentences.txt"
    path.write_text("Sleeps a CAT!\n" + "\n".join(SENTENCES), encoding="utf-8")
    corpus = load_corpus(DistillSettings(sentences=str(path), dataset="stsb", held_out=10), write_graded)
    assert corpus.left_out == 1
    assert len(corpus.held_out) == 10
    assert "Sleeps a CAT!" not in {*corpus.training, *corpus.held_out}
    assert set(corpus.training).isdisjoint(corpus.held_out)
    limited = load_corpus(DistillSettings(sentences=str(path), held_out=10, max_train_samples=7), None)
    assert (len(limited.training), len(limited.held_out)) == (7, 10)


@pytest.fixture
def write_graded(tmp_path):
    rows = [{"sentence1": one, "sentence2": other, "label": grade} for one, other, grade in GRADED]
    path = tmp_path / "data" / "stsb" / "validation.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path / "data"


def test_bad_input_is_refused_in_one_line(distil, tmp_path):
    empty, broken, held_out = (tmp_path / name for name in ("empty.txt", "broken.txt.gz", "stsb-test.txt"))
    empty.write_text("\n \n")
    broken.write_bytes(b"no gzip")
    held_out.write_text("a b c")
    for sentences, error in ((empty, NothingToDo), (broken, BadData), (held_out, UsageError)):
        with pytest.raises(error):
            distil(sentences=str(sentences))
    with pytest.raises(MissingInput):
        distil(sentences="nowhere.txt")
    with pytest.raises(UsageError, match="the teacher has 4 layers"):
        distil(layers="5")
    distil("static", static=True, max_steps=1)
    with pytest.raises(UsageError, match="is static"):
        distil(teacher=str(tmp_path / "static"))
    with pytest.raises(UsageError, match="held_out is 0"):
        DistillSettings(held_out=0)
    with pytest.raises(UsageError, match="did you mean layers"):
        DistillSettings().changed({"layer": "3"})


def test_a_stray_zero_byte_does_not_hide_a_corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes("\ufeffOne café.\nTwo\0 dogs.\n".encode() + b"More lines here.\n" * 200)
    assert read_sentences(str(path)) == ["One café.", "Two dogs.", "More lines here."]
    path.write_bytes("Un café.\nDeux chiens.".encode("utf-16"))
    assert read_sentences(str(path)) == ["Un café.", "Deux chiens."]
