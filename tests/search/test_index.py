import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadData, BadOutput, MissingInput, NothingToDo, UsageError
from siamese_text.records import Document
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


def built(documents=DOCUMENTS, encoder=None, **options):
    options = {"encoder_name": "bag-of-words", "words": 8, **options}
    return PassageIndex.build(documents, (encoder or BagOfWords()).encode, **options)


def search(index, query, k=10):
    """The hits of one query, encoded as ``built`` encodes the passages."""
    return index.search(BagOfWords().encode([query]), k)[0]


def texts(hits):
    return [hit.passage.text for hit in hits]


def test_every_passage_is_found_first_by_its_own_text():
    index = built()
    assert len(index.passages) == 6
    for passage in index.passages:
        best = search(index, passage.text, 1)[0]
        assert best.passage == passage
        assert best.similarity == pytest.approx(1, abs=1e-6)
        assert best.probability is None


def test_cosine_is_recomputed_by_hand():
    # "apples" and "cellar" are two of the six words of the passage: 2 / (sqrt(2) sqrt(6)).
    index = built(encoder=BagOfWords(length=3.0))
    best = search(index, "apples cellar", 1)[0]
    assert best.passage.text == "Apples keep in a cold cellar."
    assert best.similarity == pytest.approx(2 / (2**0.5 * 6**0.5), rel=1e-6)


def test_dot_ranks_long_passages_higher_than_cosine_does():
    documents = [Document("short.txt", "Rain."), Document("long.txt", "Rain after rain after rain after rain.")]
    query = "rain"
    assert texts(search(built(documents, similarity="cosine"), query)) == [d.text for d in documents]
    by_dot = search(built(documents, similarity="dot"), query)
    assert texts(by_dot) == [d.text for d in reversed(documents)]
    assert [hit.similarity for hit in by_dot] == [4, 1]


def test_several_queries_are_answered_as_each_alone():
    index = built()
    queries = ["ferry harbour", "dough", "pears"]
    assert index.search(BagOfWords().encode(queries), 3) == [search(index, query, 3) for query in queries]
    assert index.search(BagOfWords().encode([])) == []


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
    assert np.array_equal(index.store.vectors, BagOfWords().encode([document.text for document in many]))


def test_a_saved_index_gives_the_same_hits_from_mapped_vectors(tmp_path):
    index = built([*DOCUMENTS, Document("scan.pdf", format="pdf", problem="no text layer")])
    index.save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index")
    assert isinstance(opened.store.vectors, np.memmap)
    assert opened.info == index.info == read_info(tmp_path / "index")
    for query in ("the ferry", "dough and cloth", "a cold cellar"):
        assert search(opened, query) == search(index, query)


def test_texts_survive_the_file_whatever_their_characters(tmp_path):
    odd = "Zeile\u2028eins \x85 \U0001f600 “quoted”"
    index = built([Document("odd.txt", odd)])
    index.save(tmp_path / "index")
    assert list(PassageIndex.open(tmp_path / "index").passages) == list(index.passages)


def test_an_index_is_replaced_only_when_asked(tmp_path):
    built().save(tmp_path / "index")
    other = built(DOCUMENTS[:1])
    with pytest.raises(BadOutput, match="--overwrite"):
        other.save(tmp_path / "index")
    other.save(tmp_path / "index", overwrite=True)
    assert len(PassageIndex.open(tmp_path / "index").passages) == len(other.passages)


def test_an_opened_index_can_be_saved_over_itself(tmp_path):
    built().save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index")
    opened.save(tmp_path / "index", overwrite=True)
    again = PassageIndex.open(tmp_path / "index")
    assert search(again, "pears") == search(opened, "pears")


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
    assert search(PassageIndex.open(folder), "pears") == search(old, "pears")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path, name):
    built().save(tmp_path / "index")
    (tmp_path / "index" / name).unlink()
    with pytest.raises(MissingInput, match=f"{name} is missing"):
        PassageIndex.open(tmp_path / "index")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]\n", b'{"format": "another program"}\n'])
def test_a_foreign_file_is_one_line_of_error(tmp_path, name, content):
    built().save(tmp_path / "index")
    (tmp_path / "index" / name).write_bytes(content)
    with pytest.raises(BadData, match="build the index again") as caught:
        PassageIndex.open(tmp_path / "index")
    assert "\n" not in str(caught.value)


def test_pickled_vectors_are_not_loaded(tmp_path):
    built().save(tmp_path / "index")
    np.save(tmp_path / "index" / "vectors.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BadData, match=r"vectors\.npy"):
        PassageIndex.open(tmp_path / "index")


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
            PassageIndex.open(swapped)


def test_vectors_of_another_precision_are_refused(tmp_path):
    index = built()
    index.save(tmp_path / "index")
    np.save(tmp_path / "index" / "vectors.npy", index.store.vectors.astype(np.float64))
    with pytest.raises(BadData, match="float64"):
        PassageIndex.open(tmp_path / "index")


def test_queries_of_another_width_are_refused(tmp_path):
    built().save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index")
    with pytest.raises(BadData, match=r"width 512 and the queries have 64.*bag-of-words"):
        opened.search(BagOfWords(width=64).encode(["pears"]))


def test_an_index_of_0_1_opens_with_what_it_called_precision(tmp_path):
    built(compute_dtype="int8").save(tmp_path / "index")
    path = tmp_path / "index" / "index.json"
    header = json.loads(path.read_text())
    header["info"]["precision"] = header["info"].pop("compute_dtype")
    path.write_text(json.dumps(header))
    assert read_info(tmp_path / "index").compute_dtype == "int8"
    assert search(PassageIndex.open(tmp_path / "index"), "pears") == search(built(), "pears")
    del header["info"]["precision"]
    path.write_text(json.dumps(header))
    assert read_info(tmp_path / "index").compute_dtype == "fp32"


def test_fewer_than_one_hit_cannot_be_asked_for():
    with pytest.raises(UsageError, match="k is 0; ask for 1"):
        search(built(), "pears", 0)


def test_an_unknown_similarity_is_refused_with_those_known():
    with pytest.raises(UsageError, match="similarity is 'euclidean'; give 'cosine' or 'dot'"):
        built(similarity="euclidean")
