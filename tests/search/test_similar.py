"""What is like several documents: the formula in plain Python, and what is left out."""

import itertools

import numpy as np
import pytest

from siamese_text import NothingToDo, UsageError
from siamese_text.records import Document
from siamese_text.search.similar import most_marginal, similar_documents
from tests.search.indexes import BagOfWords, build

TEXTS = {
    "ferry": "the ferry crosses the wide river",
    "boat": "a boat crosses the wide river",
    "raft": "a raft on the river",
    "copy": "The FERRY crosses  the wide river",
    "bread": "bread rises under a damp cloth",
    "dough": "dough rises under a warm cloth",
    "pears": "pears ripen in a cold cellar",
}


@pytest.fixture
def index():
    return build([Document(name, text) for name, text in TEXTS.items()], words=50)


def names(found):
    return [each.passage.document for each in found]


def cosine(one, other):
    a, b = BagOfWords().encode([TEXTS[one], TEXTS[other]]).astype(float)
    return float(a @ b) / float((a @ a) ** 0.5 * (b @ b) ** 0.5)


def test_it_finds_what_the_formula_says(index):
    like, dislike, d = ["ferry", "bread"], ["raft"], 0.4
    rest = [name for name in TEXTS if name not in [*like, *dislike, "copy"]]
    fit = {x: max(cosine(x, l) for l in like) - 0.25 * max(cosine(x, t) for t in dislike) for x in rest}  # noqa: E741
    chosen = []
    while len(chosen) < 3:
        left = [x for x in rest if x not in chosen]
        nearest = {x: max((cosine(x, s) for s in chosen), default=-1) for x in left}
        chosen.append(max(left, key=lambda x: (1 - d) * fit[x] - d * nearest[x]))
    found = similar_documents(index, like, dislike, 3, diversity=d)
    assert names(found) == chosen
    for each in found:
        assert each.fit == pytest.approx(fit[each.passage.document], abs=1e-6)
        assert each.like == max(like, key=lambda l: cosine(each.passage.document, l))  # noqa: E741
        assert each.similarity == pytest.approx(cosine(each.passage.document, each.like), abs=1e-6)


def test_a_disliked_text_keeps_those_like_it_away(index):
    assert names(similar_documents(index, ["ferry"], k=2, diversity=0)) == ["boat", "raft"]
    assert names(similar_documents(index, ["ferry"], ["boat"], k=1, diversity=0)) == ["raft"]
    assert similar_documents(index, ["ferry"], ["dough"], 1)[0].fit < similar_documents(index, ["ferry"], (), 1)[0].fit


def test_diversity_gives_up_what_is_nearest_for_what_is_new():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    fits = vectors @ vectors[0]

    def alike(rows):
        return np.mean([vectors[i] @ vectors[j] for i, j in itertools.combinations(rows, 2)])

    plain, diverse = (most_marginal(fits, vectors, 6, d) for d in (0, 0.5))
    assert plain.tolist() == np.argsort(-fits)[:6].tolist()
    assert plain[0] == diverse[0] and alike(diverse) < alike(plain)
    assert len(set(most_marginal(fits, vectors, 99, 0.5).tolist())) == 40


def test_a_document_of_several_passages_is_found_once_and_liked_as_a_whole():
    long = "The ferry crosses the river. " * 4 + "Bread rises under a cloth. " * 4
    index = build([Document("long", long), *(Document(name, text) for name, text in TEXTS.items())], words=8)
    assert len(index) > len(TEXTS) + 1
    assert names(similar_documents(index, ["boat"], k=9)).count("long") == 1
    found = similar_documents(index, ["long"], k=3)
    assert {each.like for each in found} == {"long"}


def test_only_documents_that_fulfil_the_filter_are_found():
    index = build([Document("ferry", TEXTS["ferry"])], metadata={"year": 2001})
    with pytest.raises(NothingToDo, match="no other document"):
        similar_documents(index, ["ferry"])
    with pytest.raises(UsageError, match="month"):
        similar_documents(index, ["ferry"], where="month = 3")


@pytest.mark.parametrize(
    ("like", "options", "words"),
    [
        ([], {}, "no document is liked"),
        (["boat"], {"dislike": ["boat"]}, "'boat' is both liked and disliked"),
        (["oar"], {}, "there is no document 'oar'; there are 7, such as 'ferry'"),
        (["boat"], {"k": 0}, "k is 0"),
        (["boat"], {"diversity": 1}, "diversity is 1; give 0 or more"),
    ],
)
def test_what_cannot_be_asked_is_one_line(index, like, options, words):
    with pytest.raises(UsageError, match=words):
        similar_documents(index, like, **options)
