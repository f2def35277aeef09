"""What an index promises wherever it is kept: the same tests for a folder and for a PostgreSQL server with pgvector."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import pytest

from siamese_text.errors import BadData, BadOutput, MissingInput, NothingToDo, UsageError
from siamese_text.records import Document
from siamese_text.search.database import is_url
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.places import build_index, check_place, facts_of, has_index, info_of, open_index
from siamese_text.search.sources import GIVEN, PLACES, given_item
from tests.search.indexes import DOCUMENTS, HARBOUR, KITCHEN, SOURCE, BagOfWords, items

NUMBERS = count()
ENCODER = BagOfWords(width=64)


@pytest.fixture(params=["folder", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, tmp_path):
    """A place where no index is yet."""
    if request.param == "folder":
        return str(tmp_path / "idx")
    return f"{request.getfixturevalue('server')}#test_{next(NUMBERS)}"


def build(place, documents=DOCUMENTS, *, encoder=ENCODER, overwrite=False, metadata=None, **info):
    made = IndexInfo(**{"encoder_name": "bag-of-words", "words": 8, "model_key": "k"} | info)
    sources = [(SOURCE, items(documents, **(metadata or {})))]
    return build_index(sources, encoder.encode, made, output=place, overwrite=overwrite, progress=None)[0]


def add(index, **texts):
    given = [(GIVEN, [given_item(name, text, {}) for name, text in texts.items()])]
    return index.update(given, ENCODER.encode, complete=False)


def search(index, query, k=10, **options):
    return index.search([query], ENCODER.encode([query]), k, **options)[0]


def names(hits):
    return [hit.passage.document for hit in hits]


def test_every_passage_is_found_first_by_its_own_text_and_sliced_from_its_document(place):
    index = build(place)
    assert len(index) == 6
    for document in DOCUMENTS:
        for text in document.text.split(". "):
            best = search(index, text, 1)[0]
            assert best.passage.document == document.name
            assert best.passage.text == document.text[best.passage.start : best.passage.end]
            assert best.similarity == pytest.approx(1, abs=1e-6)
            assert best.found_by == "both"


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_nearest_are_those_that_numpy_finds(place, similarity):
    chance = np.random.default_rng(0)
    table = chance.normal(size=(40, 8)).astype(np.float32)
    documents = [Document(f"{row}", f"word{row}") for row in range(40)]

    class Drawn:
        def encode(self, texts):
            return np.array([table[int(text.removeprefix("word"))] for text in texts])

    index = build(place, documents, encoder=Drawn(), similarity=similarity)
    queries = chance.normal(size=(3, 8)).astype(np.float32)
    lengths = np.linalg.norm(table, axis=1) if similarity == "cosine" else 1
    for query, hits in zip(queries, index.search(["a", "b", "c"], queries, 5, mode="dense"), strict=True):
        expected = table @ query / lengths / (np.linalg.norm(query) if similarity == "cosine" else 1)
        assert names(hits) == [str(row) for row in np.argsort(-expected)[:5]]
        np.testing.assert_allclose([hit.similarity for hit in hits], np.sort(expected)[::-1][:5], rtol=1e-5)
    ((_, vectors),) = index.find(["a"], queries[:1], 2, mode="dense")
    np.testing.assert_array_equal(vectors, table[[int(name) for name in names(search_by(index, queries[:1], 2))]])


def search_by(index, vectors, k):
    return index.search(["a"], vectors, k, mode="dense")[0]


def test_words_are_found_in_their_forms_and_weighed_by_how_rare_they_are(place):
    index = build(place)
    assert names(search(index, "ripening bicycle", mode="words")) == ["harbour.txt", "orchard.txt"]
    for query in ("zebra (crossing) AND 'x' | & !", r"o'zebra's C:\zebra\x 'zebra\' http://zebra/zz'q", "''\\''"):
        assert search(index, query, mode="words") == []
    assert search(index, "!?", mode="words") == []
    hit = search(index, "dough", 1, mode="words")[0]
    # ln((6 - 1 + .5) / (1 + .5)) · 2.2 / (1 + 1.2 (.25 + .75 · 6 / mean)): once in a passage of 6 words, 6 passages
    mean = np.mean([len(text.split()) for document in DOCUMENTS for text in document.text.split(". ")])
    assert hit.words == pytest.approx(np.log(5.5 / 1.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 6 / mean)), rel=1e-5)
    assert hit.found_by == "words"


def test_a_change_leaves_what_is_as_before_and_encodes_what_is_new(place):
    index = build(place)
    seen = BagOfWords(width=64)
    changed = [Document("harbour.txt", HARBOUR + " Dogs may come."), DOCUMENTS[1], Document("new.txt", "Rain fell.")]
    done = index.update([(SOURCE, items(changed))], seen.encode)
    assert (done.added, done.changed, done.removed, done.unchanged, done.passages) == (1, 1, 1, 1, 5)
    assert sorted(seen.seen) == ["It carries bicycles for free. Dogs may come.", "Rain fell."]  # 8 words and more
    assert names(search(index, "pears ripen", mode="words")) == []
    assert names(search(index, "dogs may come", 1)) == ["harbour.txt"]
    with pytest.raises(NothingToDo, match="holds no documents now"):
        index.update([(SOURCE, items([]))], ENCODER.encode)
    assert len(index) == 5


def test_texts_are_added_replaced_and_removed_by_their_names(place):
    index = build(place)
    assert str(add(index, a="Bees dance.", b="Herons wait.")) == "2 added, 0 changed, 0 removed, 0 unchanged"
    assert str(add(index, a="Bees sing.", b="Herons wait.")) == "0 added, 1 changed, 0 removed, 1 unchanged"
    assert index.documents_ever == 6
    assert [hit.passage.text for hit in search(index, "bees", 1)] == ["Bees sing."]
    with pytest.raises(UsageError, match="no document 'zzz'; nothing was removed"):
        index.remove(["a", "zzz"])
    assert index.remove(["a", "kitchen.txt"]).removed == 2
    assert not {"a", "kitchen.txt"} & {*names(search(index, "bees dough", 20))}
    for documents in ([("x", "one"), ("x", "two")], [("b", "of another source")]):
        source = GIVEN if documents[0][0] == "x" else SOURCE
        with pytest.raises(BadData, match=r"two documents|another source"):
            index.update([(source, [given_item(*each, {}) for each in documents])], ENCODER.encode, complete=False)
    assert len(index) == 5
    index.compact()
    assert len(index) == 5


FILTERS = [
    ("year >= 2020", "a c"),
    ("year = 2019.5 or kind = 'pdf'", "a b"),
    ("kind != 'pdf'", "b d"),
    ("not kind = 'pdf'", "b c d"),
    ("kind in ('pdf', 'txt')", "a d"),
    ("kind not in ('pdf')", "b d"),
    ("kind like 'P%' or kind like '_x_'", "a d"),
    ("kind like '50\\%' or kind like 'h.ml'", ""),
    ("tags contains 'bees'", "a"),
    ("tags contains 3 and draft = true", "b"),
    ("kind contains 'txt'", "d"),
    ("year is null", "d"),
    ("kind is not null", "a b d"),
    ("author.name = 'Ann \"Q\" O''Hara'", "c"),
    ("(year < 2020 or draft = false) and not tags contains 'bees'", "b"),
]
KNOWN = {
    "a": {"year": 2021, "kind": "pdf", "tags": ["bees", 1]},
    "b": {"year": 2019.5, "kind": "html", "tags": [3], "draft": True},
    "c": {"year": 2020, "kind": None, "author": {"name": 'Ann "Q" O\'Hara'}},
    "d": {"kind": "txt", "draft": "no"},
}


def test_filters_mean_the_same_everywhere_and_all_that_fulfil_them_are_found(place):
    given = [given_item(name, f"a text about {name}", known) for name, known in KNOWN.items()]
    info = IndexInfo("bag-of-words", words=8)
    index = build_index([(GIVEN, given)], ENCODER.encode, info, output=place, overwrite=False, progress=None)[0]
    for condition, found in FILTERS:
        for mode in ("dense", "words"):
            hits = search(index, "a text about", 20, mode=mode, where=condition)
            assert " ".join(sorted(names(hits))) == found, (condition, mode)
        assert all(hit.metadata == KNOWN[hit.passage.document] for hit in hits)
    with pytest.raises(UsageError, match="no document has the field 'size'; fields: author, draft, kind, tags, year"):
        search(index, "text", where="size = 1")
    with pytest.raises(UsageError, match="'year' is number"):
        search(index, "text", where="year = 'x'")
    assert index.remove(where="year >= 2020").removed == 2
    with pytest.raises(NothingToDo):
        index.remove(where="year >= 2020")


def test_a_hit_tells_its_page_by_which_passages_are_filtered(place):
    index = build(place, DOCUMENTS[:1], metadata={"kind": "pdf", PLACES: [[0, "page 1"], [38, "page 2"]]})
    hits = {hit.passage.start: hit.metadata for hit in search(index, "ferry bicycles")}
    assert hits == {0: {"kind": "pdf", "place": "page 1", "page": 1}, 38: {"kind": "pdf", "place": "page 2", "page": 2}}
    for mode in ("hybrid", "dense", "words"):
        for where in ("page = 2", "kind = 'pdf' and page > 1", "place = 'page 2' and page in (2, 3)", "not page = 1"):
            assert [hit.passage.start for hit in search(index, "ferry bicycles", mode=mode, where=where)] == [38]
    assert search(index, "ferry", where="page = 3 or page is null") == []
    with pytest.raises(UsageError, match=r"no document has the field 'slide'; fields: kind, page, place$"):
        search(index, "ferry", where="slide = 2")
    with pytest.raises(UsageError, match="'page' is number, and the filter compares it with text"):
        search(index, "ferry", where="page = 'two'")
    with pytest.raises(UsageError, match=r"'page' is that of a passage, and documents are meant; fields: kind$"):
        index.remove(where="page = 2")
    assert len(index) == 2


def test_what_is_known_of_a_document_stands_before_what_its_file_tells_of_a_page(place):
    index = build(place, DOCUMENTS[:1], metadata={"page": 7, PLACES: [[0, "page 1"], [38, "fields of page 2"]]})
    assert len(search(index, "ferry bicycles", where="page = 7")) == 2
    assert search(index, "ferry", where="page = 1") == []
    assert len(search(index, "bicycles ferry", where="place = 'fields of page 2'")) == 1
    assert set(facts_of(index).fields) == {"page", "place"}
    assert index.remove(where="page = 7").removed == 1


def test_what_was_built_is_opened_again_with_the_name_and_checksum_of_its_model(place):
    assert not has_index(place)
    build(place, [*DOCUMENTS, Document("bad.pdf", problem="it is damaged")], compute_dtype="int8")
    assert has_index(place)
    info = info_of(place)
    assert (info.encoder_name, info.model_key, info.compute_dtype, info.words) == ("bag-of-words", "k", "int8", 8)
    assert [document.problem for document in info.skipped] == ["it is damaged"]
    index = open_index(place)
    facts = facts_of(index)
    assert (facts.documents, facts.passages, facts.dimensions, facts.fields) == (3, 6, 64, {})
    assert [source.place for source in facts.sources] == [SOURCE.place]
    assert facts.bytes > 1000
    again = pickle.loads(pickle.dumps(index))
    assert search(again, "apples") == search(index, "apples")
    with pytest.raises(BadData, match=r"width.*encode them by the encoder of the index, bag-of-words"):
        index.search(["apples"], np.ones((1, 63), np.float32), mode="dense")
    for k, mode, words in ((0, "dense", "k is 0"), (1, "best", "mode is 'best'")):
        with pytest.raises(UsageError, match=words):
            search(index, "apples", k, mode=mode)


def test_a_place_that_is_taken_is_replaced_only_if_that_is_asked_for(place):
    build(place)
    with pytest.raises((BadOutput, UsageError), match="exists; choose another"):
        build(place)
    with pytest.raises((BadOutput, UsageError), match="exists; choose another"):
        check_place(place, precision="float32", approximate=False, overwrite=False)
    with pytest.raises(NothingToDo):
        build(place, [Document("a.txt", " ")], overwrite=True)
    assert len(open_index(place)) == 6  # what could not be replaced is as it was
    build(place, [Document("a.txt", KITCHEN)], overwrite=True)
    assert len(open_index(place)) == 2


def test_a_writer_that_dies_leaves_the_old_state_and_readers_see_it_meanwhile(place):
    index = build(place)
    seen = []

    class Dying:
        def encode(self, texts):
            seen.append(names(search(open_index(place), "pears", 1)))
            if is_url(place):  # a second writer is refused; a folder's is tested by its lock
                with pytest.raises(BadOutput, match="another process writes"):
                    add(open_index(place), x="Rain.")
            raise MemoryError

    with pytest.raises(MemoryError):
        index.update([(SOURCE, items([Document("new.txt", "Rain fell.")]))], Dying().encode)
    assert seen == [["orchard.txt"]]
    assert names(search(index, "pears", 1)) == ["orchard.txt"]
    assert str(add(index, x="Rain.")).startswith("1 added")


def test_an_index_that_is_made_anew_by_another_model_answers_none_of_the_queries_of_the_first(place):
    index = build(place)
    seen = []

    class Looking(BagOfWords):
        def encode(self, texts):
            seen.append(names(search(index, "pears", 1)))  # readers go on with the old one
            return super().encode(texts)

    again = build(place, encoder=Looking(width=64), overwrite=True, encoder_name="another", model_key="else")
    assert seen == [["orchard.txt"]]
    for use in (lambda: search(index, "pears", 1), lambda: add(index, x="Rain.")) if is_url(place) else ():
        with pytest.raises(BadData, match="was made anew with another meanwhile; open it again"):
            use()
    still = again if is_url(place) else index  # the files of a folder stay open
    assert names(search(still, "pears", 1)) == ["orchard.txt"]


def test_several_threads_search_at_once(place):
    index = build(place)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda query: names(search(index, query, 1)), ["pears", "ferry", "dough"] * 4))
    assert found == [["orchard.txt"], ["harbour.txt"], ["kitchen.txt"]] * 4


def test_an_index_that_is_not_there_is_one_line(place):
    with pytest.raises(MissingInput) as raised:
        open_index(place)
    assert "\n" not in str(raised.value)
    assert "build" in str(raised.value)
