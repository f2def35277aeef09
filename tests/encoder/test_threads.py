"""Encoders in several threads and processes at once give what they give alone, to the last bit."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from siamese_text import Index, Scorer
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.encoder.words import word_vectors
from siamese_text.records import Span

pytestmark = [
    pytest.mark.filterwarnings("ignore:the model is exported", "ignore:int8 beside fp32", "ignore:set SIAMESE"),
    pytest.mark.filterwarnings("ignore:.*were longer than", "ignore:.*fork"),
]
CALLS, THREADS = 200, 8
BACKENDS = ["torch", "onnx", "int8"]
KINDS = [*BACKENDS, "static"]
REQUESTS = [
    [f"the {'old ' * ((3 * i + j) % 7)}cat {'sleeps in the house ' * ((7 * i + j) % 9)}" for j in range(1 + i % 5)]
    for i in range(CALLS)
]
TEXTS = REQUESTS[4]


@pytest.fixture(scope="module")
def load(tiny_sentence_model, static_folder):
    """A function that loads an encoder of some kind."""

    def of(kind):
        return load_encoder(static_folder) if kind == "static" else load_encoder(tiny_sentence_model, backend=kind)

    return of


def in_threads(function, requests):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, requests))


@pytest.mark.parametrize("kind", KINDS)
def test_eight_threads_give_the_vectors_of_one(load, kind):
    encode = load(kind).encode
    alone = [encode(texts) for texts in REQUESTS]
    for mine, expected in zip(in_threads(encode, REQUESTS), alone, strict=True):
        np.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize("kind", BACKENDS)
def test_an_encoder_that_was_never_used_may_begin_in_eight_threads(load, kind):
    expected = load(kind).encode(TEXTS)
    for mine in in_threads(load(kind).encode, [TEXTS] * THREADS):
        np.testing.assert_array_equal(mine, expected)


def test_tokens_words_and_texts_may_be_asked_for_at_once(load):
    encoder = load("torch")
    text = "the old cat sleeps"
    ways = [
        lambda: encoder.encode(TEXTS),
        lambda: np.concatenate(encoder.encode_tokens(TEXTS, lambda tokens: tokens)[1]),
        lambda: word_vectors(encoder, text, [Span(4, 7), Span(8, 11)]),
    ]
    alone = [way() for way in ways]
    for number, mine in enumerate(in_threads(lambda place: ways[place % 3](), range(CALLS))):
        np.testing.assert_array_equal(mine, alone[number % 3])


def test_two_models_at_once_do_not_meet(make_tiny_model, load):
    encoders = [load("torch"), load_encoder(make_tiny_model("roberta"), backend="torch"), load("onnx"), load("static")]
    calls = [(encoders[number % 4], texts) for number, texts in enumerate(REQUESTS)]
    alone = [encoder.encode(texts) for encoder, texts in calls]
    for mine, expected in zip(in_threads(lambda call: call[0].encode(call[1]), calls), alone, strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_encoders_may_be_loaded_in_several_threads(load, tiny_sentence_model):
    expected = load("torch").encode(TEXTS)
    for encoder in in_threads(partial(load_encoder, backend="torch"), [tiny_sentence_model] * THREADS):
        np.testing.assert_array_equal(encoder.encode(TEXTS), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_in_threads_are_those_of_one(tiny_sentence_model, backend):
    scorer = Scorer.load(tiny_sentence_model, backend=backend)
    requests = [[(texts[0], other) for other in texts] for texts in REQUESTS]
    alone = [scorer.predict(pairs).similarity for pairs in requests]
    for mine, expected in zip(in_threads(scorer.predict, requests), alone, strict=True):
        np.testing.assert_array_equal(mine.similarity, expected)


def test_searches_in_threads_find_what_one_finds(tiny_sentence_model, tmp_path):
    for number, texts in enumerate(REQUESTS[:20]):
        (tmp_path / f"{number}.txt").write_text(". ".join(texts))
    index = Index.build(tmp_path, model=tiny_sentence_model, words=12)
    queries = [texts[-1] for texts in REQUESTS]
    assert in_threads(index.search, queries) == [index.search(query) for query in queries]


@pytest.mark.parametrize("training", [False, True])
def test_encoding_changes_nothing_of_the_model(tiny_sentence_model, training):
    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu").train(training)
    before = state_of(encoder)
    seen = []
    for texts in REQUESTS[:5]:
        encoder.encode(texts, progress=lambda *_: seen.append(state_of(encoder)))
    assert all(state == before for state in [*seen, state_of(encoder)])


def state_of(encoder):
    kinds = [(type(module), module.training) for module in encoder.modules()]
    return kinds, encoder.transformer.config.to_dict(), dict(os.environ)


@pytest.mark.parametrize("kind", BACKENDS)
def test_an_encoder_goes_through_a_pickle_and_gives_the_same(load, kind):
    encoder = load(kind)
    expected = encoder.encode(TEXTS)
    pickled = pickle.dumps(encoder)
    np.testing.assert_array_equal(pickle.loads(pickled).encode(TEXTS), expected)
    assert kind == "torch" or len(pickled) < 10_000  # where the graph lies, not what it holds


PROCESSES = """
import multiprocessing, os, sys, warnings
import numpy as np
from siamese_text.encoder.loading import load_encoder

warnings.simplefilter("ignore")
TEXTS = [f"the {'old ' * count}cat" for count in range(40)]

def load(models):
    return [load_encoder(folder, backend=backend) for folder, backend in models]

def encode(models, places):
    places.put([encoder.encode(TEXTS) for encoder in load(models)])

def encode_again(places):
    places.put([encoder.encode(TEXTS) for encoder in ENCODERS])

def differ(ours, theirs):
    return [number for number, both in enumerate(zip(ours, theirs, strict=True)) if not np.array_equal(*both)]

if __name__ == "__main__":
    method, *models = sys.argv[1:]
    models = list(zip(models[::2], models[1::2], strict=True))
    ENCODERS = load(models)
    expected = [encoder.encode(TEXTS) for encoder in ENCODERS]
    if method == "os.fork":  # which ends as any program does, with all destructors
        if not os.fork():
            sys.exit(len(differ([encoder.encode(TEXTS) for encoder in ENCODERS], expected)))
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    context = multiprocessing.get_context(method)
    places = context.Queue()
    wanted = (encode_again, (places,)) if method == "fork" else (encode, (models, places))
    child = context.Process(target=wanted[0], args=wanted[1])
    child.start()
    found = places.get(timeout=90)
    child.join()
    sys.exit(child.exitcode or len(differ(found, expected)))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "os.fork"])
def test_a_process_made_after_loading_gives_the_same_vectors(
    tiny_sentence_model, static_folder, load, tmp_path, method
):
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("there is no fork")
    models = []
    for kind in KINDS:
        load(kind)  # exports what is to be exported
        models += [static_folder, "auto"] if kind == "static" else [tiny_sentence_model, kind]
    (tmp_path / "main.py").write_text(PROCESSES)
    command = [sys.executable, tmp_path / "main.py", method, *models]
    environment = os.environ | {"OMP_NUM_THREADS": "2"}  # with one there is no thread to wait for
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
    assert done.returncode == 0, done.stderr
