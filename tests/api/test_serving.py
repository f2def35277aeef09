"""A model in a web service and in pools of processes answers as it does alone."""

import json
import multiprocessing
import os
import threading
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GridSearchCV

from siamese_text import Scorer

REQUESTS, CLIENTS = 500, 8
PAIRS = [
    (f"the {'old ' * (number % 5)}cat sleeps", f"a cat {'in the warm house ' * (number % 7)}is asleep")
    for number in range(35)
]

pytestmark = pytest.mark.filterwarnings("ignore:the model is exported", "ignore:.*fork", "ignore:.*were longer than")


@pytest.fixture(scope="module", params=["torch", "onnx"])
def scorer(request, trained_model):
    return Scorer.load(trained_model, backend=request.param, device="cpu")


@pytest.fixture
def address(scorer, socket_enabled):
    """Of a small web service that gives the probabilities of one pair."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            pair = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(scorer.predict_proba([tuple(pair)]).tolist()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_no_answer_of_a_web_service_is_wrong(scorer, address):
    expected = [scorer.predict_proba([pair]).tolist() for pair in PAIRS]

    def ask(number):
        body = json.dumps(PAIRS[number % len(PAIRS)]).encode()
        with urllib.request.urlopen(address, data=body, timeout=60) as answer:
            return json.loads(answer.read())

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(ask, range(REQUESTS)))
    wrong = [number for number, answer in enumerate(answers) if answer != expected[number % len(PAIRS)]]
    assert wrong == []


def answers_of_a_pool(scorer, method):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        return list(pool.map(scorer.predict_proba, [PAIRS, PAIRS, PAIRS], timeout=120))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_pool_of_forked_processes_answers_as_one(scorer):
    expected = scorer.predict_proba(PAIRS)  # in use before the pool is made
    for found in answers_of_a_pool(scorer, "fork"):
        np.testing.assert_array_equal(found, expected)


def test_a_pool_of_fresh_processes_answers_as_one(trained_model):
    """By ONNX; the grid search below has fresh processes with PyTorch, which take long to start."""
    scorer = Scorer.load(trained_model, backend="onnx", device="cpu")
    expected = scorer.predict_proba(PAIRS)
    for found in answers_of_a_pool(scorer, "spawn"):
        np.testing.assert_array_equal(found, expected)


class Threshold(ClassifierMixin, BaseEstimator):
    """A classifier with a scorer inside, as a user of scikit-learn would write one."""

    def __init__(self, scorer=None, threshold=0.5):
        self.scorer = scorer
        self.threshold = threshold

    def fit(self, pairs, labels):
        self.classes_ = np.unique(labels)
        return self

    def predict(self, pairs):
        same = self.scorer.predict_proba([tuple(pair) for pair in pairs])[:, 1]
        return (same > self.threshold).astype(int)


def test_a_grid_search_in_two_processes_finds_what_one_finds(trained_model):
    scorer = Scorer.load(trained_model, backend="torch", device="cpu")
    labels = np.arange(len(PAIRS)) % 2
    search = {
        jobs: GridSearchCV(Threshold(scorer), {"threshold": [0.1, 0.5, 0.9]}, cv=2, n_jobs=jobs).fit(PAIRS, labels)
        for jobs in (1, 2)
    }
    np.testing.assert_array_equal(*(each.cv_results_["mean_test_score"] for each in search.values()))
    assert clone(Threshold(scorer)).threshold == 0.5
