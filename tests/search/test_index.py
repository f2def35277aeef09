"""What an index finds, and what of it survives on disk."""

import json
import pickle
import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import BadData, BadOutput, MissingInput, NothingToDo, UsageError
from siamese_text.records import Document
from siamese_text.search import PassageIndex, read_info
from tests.search.indexes import DOCUMENTS, BagOfWords, build, contents, refresh, search, texts

FILES = ("index.json", "passages.sqlite", "vectors-1.npy")


def test_every_passage_is_found_first_by_its_own_text():
    index = build()
    assert len(index) == 6
    for _, _, text in contents(index):
        best = search(index, text, 1)[0]
        assert best.passage.text == text
        assert best.similarity == pytest.approx(1, abs=1e-6)
        assert (best.found_by, best.probability, best.best) == ("both", None, None)


def test_cosine_is_recomputed_by_hand():
    # "apples" and "cellar" are two of the six words of the passage: 2 / (sqrt(2) sqrt(6)).
    best = search(build(encoder=BagOfWords(length=3.0)), "apples cellar", 1)[0]
    assert best.passage.text == "Apples keep in a cold cellar."
    assert best.similarity == pytest.approx(2 / (2**0.5 * 6**0.5), rel=1e-6)


def test_dot_ranks_long_passages_higher_than_cosine_does():
    documents = [Document("short.txt", "Rain."), Document("long.txt", "Rain after rain after rain after rain.")]
    assert texts(search(build(documents, similarity="cosine"), "rain", mode="dense")) == [d.text for d in documents]
    by_dot = search(build(documents, similarity="dot"), "rain", mode="dense")
    assert texts(by_dot) == [d.text for d in reversed(documents)]
    assert [hit.similarity for hit in by_dot] == [4, 1]


def test_several_queries_are_answered_as_each_alone():
    index = build()
    queries = ["ferry harbour", "dough", "pears"]
    assert index.search(queries, BagOfWords().encode(queries), 3) == [search(index, query, 3) for query in queries]
    assert index.search([], BagOfWords().encode([])) == []


def test_words_find_only_passages_with_a_word_of_the_query_in_any_of_its_forms():
    index = build()
    assert texts(search(index, "ripening bicycle", mode="words")) == [
        "It carries bicycles for free.",
        "Pears ripen after they are picked.",
    ]
    assert search(index, 'zebra (crossing) AND "x" NEAR *', mode="words") == []
    assert search(index, "!?", mode="words") == []
    hit = search(index, "dough", 1, mode="words")[0]
    assert (hit.found_by, hit.words > 0) == ("words", True)
    assert hit.similarity == pytest.approx(search(index, "dough", 1, mode="dense")[0].similarity, rel=1e-6)


def test_hybrid_says_which_of_both_found_a_hit():
    hits = search(build(), "bicycles dough", 6)
    assert {hit.passage.text: hit.found_by for hit in hits}["It carries bicycles for free."] == "both"
    assert hits[-1].found_by == "meaning"
    assert hits[-1].words is None


def test_hybrid_is_the_fusion_of_both_rankings():
    index = build()
    query = "the ferry under a cold cloth"
    scores = {}
    for mode in ("dense", "words"):
        for rank, text in enumerate(texts(search(index, query, 6, mode=mode)), start=1):
            scores[text] = scores.get(text, 0) + 1 / (60 + rank)
    fused = [scores[text] for text in texts(search(index, query, 6))]
    assert fused == sorted(scores.values(), reverse=True)


def test_a_filter_keeps_what_fulfils_it_and_nothing_else(tmp_path):
    index = build(DOCUMENTS[:1], tmp_path / "index", metadata={"year": 2019})
    refresh(index, DOCUMENTS[:1], year=2019)
    index.update([*_other(DOCUMENTS[1:], year=2021)], BagOfWords().encode)
    for mode in ("hybrid", "dense", "words"):
        hits = search(index, "the dough pears a cold cellar ferry", 10, mode=mode, where="year > 2020")
        assert {hit.metadata["year"] for hit in hits} == {2021}
    assert len(search(index, "ferry", where="year > 2020")) == 4
    assert search(index, "ferry", where="year > 2021") == []
    with pytest.raises(UsageError, match="no document has the field 'yeer'; fields: year"):
        search(index, "ferry", where="yeer > 2020")


def _other(documents, **metadata):
    from siamese_text.search.sources import TextSource
    from tests.search.indexes import items

    return [(TextSource("folder", "/other"), items(documents, **metadata))]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text("ab .\n\t\u3000é", max_size=60), min_size=1, max_size=4), st.integers(1, 6))
def test_passages_are_stripped_and_keep_their_place(written, words):
    documents = [Document(f"{number}.txt", content) for number, content in enumerate(written)]
    by_name = {document.name: document.text for document in documents}
    if not "".join(written).strip():
        with pytest.raises(NothingToDo):
            build(documents, words=words)
        return
    found = contents(build(documents, words=words))
    for name, start, text in found:
        assert text == text.strip() != ""
        assert by_name[name][start : start + len(text)] == text
    assert "".join("".join(text for _, _, text in found).split()) == "".join("".join(written).split())


def test_documents_that_cannot_be_used_are_kept_with_their_problem():
    broken = Document("scan.pdf", format="pdf", problem="no text layer")
    index = build([broken, *DOCUMENTS, Document("blank.txt", " \n ")])
    assert [(document.name, document.problem) for document in index.info.skipped] == [
        ("blank.txt", "it holds no text"),
        ("scan.pdf", "no text layer"),
    ]
    with pytest.raises(NothingToDo, match="none of 1 documents holds text"):
        build([broken])


def test_many_passages_are_encoded_in_order_with_progress():
    calls = []
    many = [Document(f"{number}.txt", f"Word{number}.") for number in range(1500)]
    index = build(many, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (1500, 1500)
    assert len(calls) > 1
    assert len(contents(index)) == 1500


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_a_saved_index_gives_the_same_hits_from_mapped_vectors(tmp_path, precision):
    index = build([*DOCUMENTS, Document("scan.pdf", format="pdf", problem="no text layer")], precision=precision)
    index.save(tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index")
    with opened.reader.reading() as (_, snapshot):
        assert all(isinstance(store.vectors, np.memmap) for store in snapshot.stores.values())
    assert opened.info == index.info == read_info(tmp_path / "index")
    for query in ("the ferry", "dough and cloth", "a cold cellar"):
        assert search(opened, query) == search(index, query)


def test_an_index_without_a_folder_leaves_nothing_behind():
    index = build()
    folder = index.folder
    assert folder.is_dir()
    del index
    assert not folder.exists()


def test_texts_survive_the_file_whatever_their_characters(tmp_path):
    odd = "Zeile\u2028eins \x85 \U0001f600 “quoted” \x00 end"
    assert [text for _, _, text in contents(build([Document("odd.txt", odd)], tmp_path / "index"))] == [odd]


def test_an_index_is_replaced_only_when_asked(tmp_path):
    build(output=tmp_path / "index")
    with pytest.raises(BadOutput, match="--overwrite"):
        build(DOCUMENTS[:1], tmp_path / "index")
    build(DOCUMENTS[:1], tmp_path / "index", overwrite=True)
    assert len(PassageIndex.open(tmp_path / "index")) == 2


def test_a_reader_goes_on_where_an_index_was_replaced(tmp_path):
    build(output=tmp_path / "index")
    reader = PassageIndex.open(tmp_path / "index")
    assert len(reader) == 6
    build(DOCUMENTS[:1], tmp_path / "index", overwrite=True)
    PassageIndex.open(tmp_path / "index").compact()
    assert texts(search(reader, "ferry", 1)) == ["The ferry leaves the harbour at noon."]


def test_an_opened_index_can_be_saved_over_itself(tmp_path):
    build(output=tmp_path / "index")
    opened = PassageIndex.open(tmp_path / "index")
    opened.save(tmp_path / "index", overwrite=True)
    assert search(PassageIndex.open(tmp_path / "index"), "pears") == search(opened, "pears")


def test_a_folder_that_is_no_index_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for write in (build().save, lambda folder, overwrite: build(output=folder, overwrite=overwrite)):
        with pytest.raises(BadOutput, match="not an index"):
            write(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_index_is_pickled_as_its_path(tmp_path):
    index = build(output=tmp_path / "index")
    assert search(pickle.loads(pickle.dumps(index)), "pears") == search(index, "pears")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path, name):
    build(output=tmp_path / "index")
    (tmp_path / "index" / name).unlink()
    with pytest.raises(MissingInput, match=f"{name} is missing"):
        PassageIndex.open(tmp_path / "index")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]\n", b'{"format": "another program"}\n'])
def test_a_foreign_file_is_one_line_of_error(tmp_path, name, content):
    build(output=tmp_path / "index")
    (tmp_path / "index" / name).write_bytes(content)
    with pytest.raises(BadData, match=name) as caught:
        PassageIndex.open(tmp_path / "index")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FILES[1:])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_copied_in_part_is_named(tmp_path, name, share):
    build([Document(f"{number}.txt", f"Word{number}.") for number in range(300)], tmp_path / "index")
    path = tmp_path / "index" / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(BadData, match=name):
        search(PassageIndex.open(tmp_path / "index"), "word7")


def test_one_wrong_bit_in_the_vectors_is_found(tmp_path):
    build(output=tmp_path / "index")
    path = tmp_path / "index" / "vectors-1.npy"
    damaged = bytearray(path.read_bytes())
    damaged[-5] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(BadData, match=r"vectors-1\.npy is damaged: its checksum"):
        PassageIndex.open(tmp_path / "index")


@pytest.mark.parametrize(("number", "words"), [(4, "reads format 3; update"), (2, "earlier version; build the index")])
def test_another_format_is_said_with_what_to_do(tmp_path, number, words):
    build(output=tmp_path / "index")
    (tmp_path / "index" / "index.json").write_text(json.dumps({"format": number}))
    with pytest.raises(BadData, match=f"format {number}.*{words}"):
        read_info(tmp_path / "index")


def test_files_of_two_indexes_do_not_pass_as_one(tmp_path):
    build(output=tmp_path / "long")
    build(DOCUMENTS[:1], tmp_path / "short")
    (tmp_path / "short" / "vectors-1.npy").replace(tmp_path / "long" / "vectors-1.npy")
    with pytest.raises(BadData, match="its checksum is not that of the index"):
        PassageIndex.open(tmp_path / "long")


def test_a_folder_that_may_not_be_written_can_be_searched(tmp_path, monkeypatch):
    index = build(output=tmp_path / "index")
    expected = search(index, "pears")
    connect = sqlite3.connect

    def refused(path, *arguments, **options):  # as SQLite does where it may not make its files beside the database
        if str(path).endswith("mode=ro"):
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, *arguments, **options)

    monkeypatch.setattr(sqlite3, "connect", refused)
    assert search(PassageIndex.open(tmp_path / "index"), "pears") == expected


def test_queries_of_another_width_are_refused():
    with pytest.raises(BadData, match=r"width 512 and the queries have 64.*bag-of-words"):
        build().search(["pears"], BagOfWords(width=64).encode(["pears"]))


def test_what_cannot_be_asked_is_refused():
    index = build()
    with pytest.raises(UsageError, match="k is 0; ask for 1"):
        search(index, "pears", 0)
    with pytest.raises(UsageError, match="mode is 'sparse'; choose from hybrid, dense, words"):
        search(index, "pears", mode="sparse")
    with pytest.raises(UsageError, match="similarity is 'euclidean'; give 'cosine' or 'dot'"):
        build(similarity="euclidean")
    assert len(search(index, "pears", 1000)) == 6
