"""An index with its model: built, saved, opened, asked."""

import numpy as np
import pytest

from siamese_text import BadOutput, Document, Index, MissingInput, Scorer, TorchEncoder, UsageError
from siamese_text.api.index import read_documents


def test_index_round_trip_gives_the_same_hits(documents, scorer, tmp_path, shared):
    built = Index.build(documents, model=scorer, words=20)
    built.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert built.search(shared, k=2) == opened.search(shared, k=2)
    [best] = opened.search(shared, k=1)
    text = (documents / best.passage.document).read_text()
    assert text[best.passage.start : best.passage.end] == best.passage.text
    assert isinstance(opened.passages.store.vectors, np.memmap)


def test_queries_and_documents_get_their_own_prompts(tiny_sentence_model, documents, tmp_path):
    from dataclasses import replace

    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    encoder.layout = replace(encoder.layout, prompts={"query": "read: ", "document": "write: "})
    encoder.save(tmp_path / "prompted")
    built = Index.build(documents, model=tmp_path / "prompted", words=20)
    texts = [passage.text for passage in built.passages.passages]
    np.testing.assert_allclose(
        built.passages.store.vectors, encoder.encode([f"write: {text}" for text in texts]), atol=1e-6
    )
    [hit] = built.search("the river", k=1)
    query = encoder.encode(["read: the river"])
    assert hit.similarity == pytest.approx(float(np.max(built.passages.store.vectors @ query[0])), abs=1e-6)


def test_a_query_that_cannot_be_answered_is_refused(documents, scorer):
    index = Index.build(documents, model=scorer, words=20)
    for query in ("", " \n"):
        with pytest.raises(UsageError, match="the query is blank"):
            index.search(query)
    for rerank in (False, scorer):
        with pytest.raises(UsageError, match="k is 0; ask for 1"):
            index.search("the river", 0, rerank=rerank)


def test_re_ranking_orders_by_the_decision_and_encodes_no_passage_again(documents, model, monkeypatch, shared):
    decides = Scorer.load(model, device="cpu")
    index = Index.build(documents, model=decides, words=20)
    hits = index.search(shared, 4, rerank=True)
    assert [hit.probability for hit in hits] == sorted((hit.probability for hit in hits), reverse=True)
    by_another = index.search(shared, 4, rerank=Scorer.load(model, device="cpu"))  # which reads every text again
    assert [hit.passage for hit in by_another] == [hit.passage for hit in hits]
    np.testing.assert_allclose([hit.probability for hit in by_another], [hit.probability for hit in hits], atol=1e-5)
    near = index.search(shared, 100)
    monkeypatch.setattr("siamese_text.api.index.CANDIDATES", 2)
    few = index.search(shared, 1, rerank=True)
    assert few[0].passage in [hit.passage for hit in near[:2]]


def test_read_documents_names_files_by_their_place(documents):
    alone = read_documents([documents])
    several = read_documents([documents, documents / "a.txt"])
    assert [document.name for document in alone] == ["a.txt", "b.md"]
    assert [document.name for document in several] == [
        f"{documents.as_posix()}/a.txt",
        f"{documents.as_posix()}/b.md",
        (documents / "a.txt").as_posix(),
    ]
    assert all(isinstance(document, Document) for document in several)
    with pytest.raises(MissingInput, match="does not exist"):
        read_documents([documents / "missing.txt"])


def test_build_writes_what_save_writes(documents, scorer, tmp_path, shared):
    Index.build(documents, tmp_path / "index", model=scorer, words=20)
    assert Index.open(tmp_path / "index").search(shared, k=1)
    with pytest.raises(BadOutput, match="overwrite"):
        Index.build(documents, tmp_path / "index", model=scorer)


def test_another_model_re_ranks_by_its_name(documents, scorer, model, shared):
    index = Index.build(documents, model=scorer, words=20)
    assert index.search(shared, k=2, rerank=model) == index.search(shared, k=2, rerank=Scorer.load(model, device="cpu"))


@pytest.mark.parametrize("query", [None, float("nan"), ["a cat"], " ", "\ud800"])
def test_what_is_no_query_is_refused_in_one_line(documents, scorer, query):
    with pytest.raises(UsageError, match=r"the query (is|holds)"):
        Index.build(documents, model=scorer, words=20).search(query)
