import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadData, BadModel, BadOutput, MissingInput, NothingToDo, UsageError
from siamese_text.records import Document, Predictions
from siamese_text.search import PassageIndex, read_info

HARBOUR = "The ferry leaves the harbour at noon. It carries bicycles for free."
KITCHEN = "Knead the dough for ten minutes. Let it rise under a damp cloth."
ORCHARD = "Pears ripen after they are picked. Apples keep in a cold cellar."
DOCUMENTS = [Document("harbour.txt", HARBOUR), Document("kitchen.txt", KITCHEN), Document("orchard.txt", ORCHARD)]
FILES = ("index.json", "vectors.npy", "passages.jsonl")


class BagOfWords:
    """Counts of hashed words; `length` scales every vector, so that they are not of unit length."""

    def __init__(self, width=512, length=1.0):
        self.embedding_dimension, self.length = width, length

    def encode(self, texts):
        vectors = np.zeros((len(texts), self.embedding_dimension), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                digest = hashlib.blake2b(word.strip(".,").encode(), digest_size=4).digest()
                vectors[row, int.from_bytes(digest, "big") % self.embedding_dimension] += self.length
        return vectors


class OfVectors:
    """Predicts by the embeddings at hand alone."""

    def predict(self, pairs, *, vectors):
        left, right = (np.stack([vectors[pair[side]] for pair in pairs]) for side in (0, 1))
        return self.of(left, right)


class PrefersShortVectors(OfVectors):
    """A classifier that can be followed by hand: the fewer words in the passage, the likelier."""

    threshold = 0.25

    def of(self, left, right):
        probability = 1 / (1 + right.sum(axis=1, dtype=float))
        return Predictions((left * right).sum(axis=1), probability, probability >= self.threshold)


class HasNoDecision(OfVectors):
    def of(self, left, right):
        return Predictions((left * right).sum(axis=1))


def built(documents=DOCUMENTS, encoder=None, **options):
    options = {"encoder_name": "bag-of-words", "words": 8, **options}
    return PassageIndex.build(documents, encoder or BagOfWords(), **options)


def texts(hits):
    return [hit.passage.text for hit in hits]


def test_every_passage_is_found_first_by_its_own_text():
    index = built()
    assert len(index.passages) == 6
    for passage in index.passages:
        best = index.search(passage.text, 1)[0]
        assert best.passage == passage
        assert best.similarity == pytest.approx(1, abs=1e-6)
        assert best.probability is None


def test_cosine_is_recomputed_by_hand():
    # "apples" and "cellar" are two of the six words of the passage: 2 / (sqrt(2) sqrt(6)).
    index = built(encoder=BagOfWords(length=3.0))
    best = index.search("apples cellar", 1)[0]
    assert best.passage.text == "Apples keep in a cold cellar."
    assert best.similarity == pytest.approx(2 / (2**0.5 * 6**0.5), rel=1e-6)


def test_dot_ranks_long_passages_higher_than_cosine_does():
    documents = [Document("short.txt", "Rain."), Document("long.txt", "Rain after rain after rain after rain.")]
    query = "rain"
    assert texts(built(documents, similarity="cosine").search(query)) == [d.text for d in documents]
    by_dot = built(documents, similarity="dot").search(query)
    assert texts(by_dot) == [d.text for d in reversed(documents)]
    assert [hit.similarity for hit in by_dot] == [4, 1]


def test_search_many_answers_each_query_as_search_does():
    index = built()
    queries = ["ferry harbour", "dough", "pears"]
    assert index.search_many(queries, 3) == [index.search(query, 3) for query in queries]
    assert index.search_many([]) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab .\n\t\u3000é", max_size=60), min_size=1, max_size=4), st.integers(1, 6))
def test_passages_are_stripped_and_keep_their_place(contents, words):
    documents = [Document(f"{number}.txt", content) for number, content in enumerate(contents)]
    by_name = {document.name: document.text for document in documents}
    if not "".join(contents).strip():
        with pytest.raises(NothingToDo):
            built(documents, words=words)
        return
    index = built(documents, words=words)
    for passage in index.passages:
        assert passage.text == passage.text.strip() != ""
        assert by_name[passage.document][passage.start : passage.end] == passage.text
    kept = "".join("".join(passage.text for passage in index.passages).split())
    assert kept == "".join("".join(contents).split())


def test_documents_that_cannot_be_used_are_kept_with_their_problem():
    broken = Document("scan.pdf", format="pdf", problem="no text layer")
    index = built([broken, *DOCUMENTS, Document("blank.txt", " \n ")])
    assert [(document.name, document.problem) for document in index.skipped] == [
        ("scan.pdf", "no text layer"),
        ("blank.txt", "it holds no text"),
    ]
    with pytest.raises(NothingToDo, match="none of 1 documents holds text"):
        built([broken])


def test_many_passages_are_encoded_in_order_with_progress():
    calls = []
    many = [Document(f"{number}.txt", f"Word{number}.") for number in range(1500)]
    index = built(many, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (1500, 1500)
    assert len(calls) > 1
    assert np.array_equal(index.vectors, BagOfWords().encode([document.text for document in many]))


def test_a_saved_index_gives_the_same_hits_from_mapped_vectors(tmp_path):
    index = built([*DOCUMENTS, Document("scan.pdf", format="pdf", problem="no text layer")])
    index.save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index", BagOfWords())
    assert isinstance(opened.vectors, np.memmap)
    assert opened.info == index.info == read_info(tmp_path / "index")
    for query in ("the ferry", "dough and cloth", "a cold cellar"):
        assert opened.search(query) == index.search(query)


def test_texts_survive_the_file_whatever_their_characters(tmp_path):
    odd = "Zeile\u2028eins \x85 \U0001f600 “quoted”"
    index = built([Document("odd.txt", odd)])
    index.save(tmp_path / "index")
    assert list(PassageIndex.open(tmp_path / "index", BagOfWords()).passages) == list(index.passages)


def test_an_index_is_replaced_only_when_asked(tmp_path):
    built().save(tmp_path / "index")
    other = built(DOCUMENTS[:1])
    with pytest.raises(BadOutput, match="--overwrite"):
        other.save(tmp_path / "index")
    other.save(tmp_path / "index", overwrite=True)
    assert len(PassageIndex.open(tmp_path / "index", BagOfWords()).passages) == len(other.passages)


def test_an_opened_index_can_be_saved_over_itself(tmp_path):
    built().save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index", BagOfWords())
    opened.save(tmp_path / "index", overwrite=True)
    again = PassageIndex.open(tmp_path / "index", BagOfWords())
    assert again.search("pears") == opened.search("pears")


def test_a_folder_that_is_no_index_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadOutput, match="not an index"):
        built().save(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_failure_while_saving_leaves_the_old_index(tmp_path):
    folder = tmp_path / "index"
    old = built()
    old.save(folder)
    broken = built([Document(tmp_path / "a path is no name", KITCHEN)])
    with pytest.raises(TypeError, match="not JSON serializable"):
        broken.save(folder, overwrite=True)
    assert PassageIndex.open(folder, BagOfWords()).search("pears") == old.search("pears")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path, name):
    built().save(tmp_path / "index")
    (tmp_path / "index" / name).unlink()
    with pytest.raises(MissingInput, match=f"{name} is missing"):
        PassageIndex.open(tmp_path / "index", BagOfWords())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]\n", b'{"format": "another program"}\n'])
def test_a_foreign_file_is_one_line_of_error(tmp_path, name, content):
    built().save(tmp_path / "index")
    (tmp_path / "index" / name).write_bytes(content)
    with pytest.raises(BadData, match="build the index again") as caught:
        PassageIndex.open(tmp_path / "index", BagOfWords())
    assert "\n" not in str(caught.value)


def test_pickled_vectors_are_not_loaded(tmp_path):
    built().save(tmp_path / "index")
    np.save(tmp_path / "index" / "vectors.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BadData, match=r"vectors\.npy"):
        PassageIndex.open(tmp_path / "index", BagOfWords())


def test_a_newer_format_asks_for_an_update(tmp_path):
    built().save(tmp_path / "index")
    path = tmp_path / "index" / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    with pytest.raises(BadData, match="format 2, this version reads up to 1; update"):
        read_info(tmp_path / "index")


def test_files_of_two_indexes_do_not_pass_as_one(tmp_path):
    built().save(tmp_path / "long")
    built(DOCUMENTS[:1]).save(tmp_path / "short")
    for name in ("passages.jsonl", "vectors.npy"):
        swapped = tmp_path / f"swapped-{name}"
        built().save(swapped)
        (tmp_path / "short" / name).replace(swapped / name)
        with pytest.raises(BadData, match="is damaged"):
            PassageIndex.open(swapped, BagOfWords())


def test_vectors_of_another_precision_are_refused(tmp_path):
    index = built()
    index.save(tmp_path / "index")
    np.save(tmp_path / "index" / "vectors.npy", index.vectors.astype(np.float64))
    with pytest.raises(BadData, match="float64"):
        PassageIndex.open(tmp_path / "index", BagOfWords())


def test_an_encoder_of_another_width_is_refused(tmp_path):
    built().save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index", BagOfWords(width=64))
    with pytest.raises(BadData, match=r"width 512 and the encoder gives 64.*bag-of-words"):
        opened.search("pears")


def test_the_classifier_orders_the_candidates_and_fills_in_the_probability():
    documents = [Document(f"{words}.txt", "pear " * words + "tree.") for words in (4, 1, 3, 2)]
    index = built(documents)
    assert [hit.passage.document for hit in index.search("pear")] == ["4.txt", "3.txt", "2.txt", "1.txt"]
    hits = index.search("pear", classifier=PrefersShortVectors())
    assert [hit.passage.document for hit in hits] == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert [hit.probability for hit in hits] == pytest.approx([1 / 3, 1 / 4, 1 / 5, 1 / 6])
    assert [hit.same for hit in hits] == [True, True, False, False]
    assert {hit.passage: hit.similarity for hit in hits} == {
        hit.passage: hit.similarity for hit in index.search("pear")
    }


def test_only_the_nearest_candidates_are_predicted():
    documents = [Document(f"{words}.txt", "pear " * words + "tree.") for words in (4, 1, 3, 2)]
    hits = built(documents).search("pear", 2, classifier=PrefersShortVectors(), candidates=3)
    assert [hit.passage.document for hit in hits] == ["2.txt", "3.txt"]
    assert len(built(documents).search("pear", 4, classifier=PrefersShortVectors(), candidates=1)) == 4


def test_equal_probabilities_keep_the_order_of_similarity():
    class AllTheSame(OfVectors):
        def of(self, left, right):
            return Predictions((left * right).sum(axis=1), np.full(len(right), 0.5), np.full(len(right), True))

    index = built()
    assert texts(index.search("a cold cellar", classifier=AllTheSame())) == texts(index.search("a cold cellar"))


def test_a_threshold_by_hand_says_yes_or_no_and_keeps_the_order_of_similarity():
    class Cut(OfVectors):
        def of(self, left, right):
            similarity = (left * right).sum(axis=1)
            return Predictions(similarity, same=similarity >= similarity.max())

    hits = built().search("a cold cellar", classifier=Cut())
    assert texts(hits) == texts(built().search("a cold cellar"))
    assert {hit.probability for hit in hits} == {None}
    assert [hit.same for hit in hits] == sorted((hit.same for hit in hits), reverse=True)
    assert {hit.same for hit in hits} == {True, False}


def test_a_classifier_without_a_decision_is_refused():
    with pytest.raises(BadModel, match="has no decision"):
        built().search("pears", classifier=HasNoDecision())


@pytest.mark.parametrize("query", ["", " \n"])
def test_a_blank_query_is_refused(query):
    with pytest.raises(UsageError, match="a query is blank"):
        built().search(query)


@pytest.mark.parametrize("classifier", [None, PrefersShortVectors()])
def test_fewer_than_one_hit_cannot_be_asked_for(classifier):
    with pytest.raises(UsageError, match="k is 0; ask for 1"):
        built().search("pears", 0, classifier=classifier)


def test_an_unknown_similarity_is_refused_with_those_known():
    with pytest.raises(UsageError, match="similarity is 'euclidean'; give 'cosine' or 'dot'"):
        built(similarity="euclidean")
