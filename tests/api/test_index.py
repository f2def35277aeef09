"""An index with its model: built, saved, opened, asked."""

import shutil

import numpy as np
import pytest
import torch

from siamese_text import BadData, BadOutput, Index, Scorer, TorchEncoder, UsageError


def test_index_round_trip_gives_the_same_hits(documents, scorer, tmp_path, shared):
    built = Index.build(documents, model=scorer, words=20)
    built.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert built.search(shared, k=2) == opened.search(shared, k=2)
    [best] = opened.search(shared, k=1)
    text = (documents / best.passage.document).read_text()
    assert text[best.passage.start : best.passage.end] == best.passage.text
    assert len(opened) == len(built)


def test_queries_and_documents_get_their_own_prompts(tiny_sentence_model, documents, tmp_path):
    from dataclasses import replace

    encoder = TorchEncoder.load(tiny_sentence_model, device="cpu")
    encoder.layout = replace(encoder.layout, prompts={"query": "read: ", "document": "write: "})
    encoder.save(tmp_path / "prompted")
    built = Index.build(documents, model=tmp_path / "prompted", words=20)
    query = encoder.encode(["read: the river"])[0]
    hits = built.search("the river", k=100, mode="dense")
    for hit in hits:
        passage = encoder.encode([f"write: {hit.passage.text}"])[0]
        assert hit.similarity == pytest.approx(float(passage @ query), abs=1e-5)
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)


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


def test_build_writes_what_save_writes(documents, scorer, tmp_path, shared):
    Index.build(documents, tmp_path / "index", model=scorer, words=20)
    assert Index.open(tmp_path / "index").search(shared, k=1)
    with pytest.raises(BadOutput, match="overwrite"):
        Index.build(documents, tmp_path / "index", model=scorer)


def test_another_model_re_ranks_by_its_name(documents, scorer, model, shared):
    index = Index.build(documents, model=scorer, words=20)
    assert index.search(shared, k=2, rerank=model) == index.search(shared, k=2, rerank=Scorer.load(model, device="cpu"))


@pytest.mark.parametrize("query", [None, float("nan"), ["a cat", 7], " ", "\ud800"])
def test_what_is_no_query_is_refused_in_one_line(documents, scorer, query):
    with pytest.raises(UsageError, match=r"the query (is|holds)"):
        Index.build(documents, model=scorer, words=20).search(query)


def test_texts_in_memory_are_added_replaced_filtered_and_removed(scorer):
    index = Index.build(
        texts=["the cat sleeps", "the dog runs"], metadata=[{"year": 2019}, {"year": 2021}], model=scorer
    )
    assert index.built.added == 2
    assert (
        str(index.add(["a big ship", "the dog barks"], ids=["ship", "1"]))
        == "1 added, 1 changed, 0 removed, 0 unchanged"
    )
    assert index.add(["rain"]).added == 1
    assert [hit.passage.document for hit in index.search("the dog barks", 1)] == ["1"]
    assert [hit.passage.document for hit in index.search("the dog barks", where="year < 2020")] == ["0"]
    assert index.remove("ship").removed == index.remove(where="year = 2019").removed == 1
    assert len(index) == 2
    with pytest.raises(UsageError, match="give either paths or texts"):
        Index.build(model=scorer)


def test_several_queries_get_a_list_of_hits_each(documents, scorer, shared):
    index = Index.build(documents, model=scorer, words=20)
    assert index.search([shared, "the river"], 2) == [index.search(shared, 2), index.search("the river", 2)]
    assert index.search(np.array(["the river"])) == [index.search("the river")]


def test_a_folder_is_refreshed_by_its_name_or_by_no_name(documents, scorer, tmp_path):
    index = Index.build(documents, tmp_path / "index", model=scorer, words=20)
    (documents / "a.txt").unlink()
    (documents / "c.txt").write_text("Owls sleep all day.")
    assert str(index.refresh()) == "1 added, 0 changed, 1 removed, 1 unchanged"
    assert str(index.refresh(documents)) == "0 added, 0 changed, 0 removed, 2 unchanged"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.md").write_text("# More\n\nFoxes sleep at night.")
    changes = index.refresh(tmp_path / "more", metadata={"year": 2020})
    assert (changes.added, changes.encoded) == (1, 1)
    assert {hit.passage.document for hit in index.search("foxes", where="year = 2020")} == {f"{tmp_path}/more/b.md"}


def test_vectors_come_from_the_cache_where_it_has_them(documents, scorer, tmp_path):
    first = Index.build(documents, model=scorer, words=20, cache=tmp_path / "cache")
    again = Index.build(documents, model=scorer, words=20, cache=tmp_path / "cache")
    assert first.built.encoded > again.built.encoded == 0
    assert again.search("the river") == first.search("the river")
    assert Index.build(documents, model=scorer, words=20, cache=False).built.encoded == first.built.encoded


def test_an_index_of_a_model_that_has_changed_since_is_refused(documents, model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "model")
    Index.build(documents, tmp_path / "index", model=folder)
    Index.open(tmp_path / "index")
    encoder = TorchEncoder.load(folder, device="cpu")
    with torch.no_grad():
        next(encoder.parameters()).add_(0.01)
    encoder.save(folder, overwrite=True)
    with pytest.raises(BadData, match=r"is not the one that .*index was built with"):
        Index.open(tmp_path / "index")


def test_the_sentence_nearest_to_the_query_is_marked_if_asked(documents, scorer, shared):
    index = Index.build(documents, model=scorer, words=60)
    [hit] = index.search(shared, 1, mark=True)
    start, end = hit.best.start - hit.passage.start, hit.best.end - hit.passage.start
    assert hit.passage.text[start:end] == shared.strip()
    assert index.search(shared, 1)[0].best is None


def test_a_query_without_end_is_refused(documents, scorer):
    with pytest.raises(UsageError, match="the query has 100,000 characters, and at most 10,000 are read"):
        Index.build(documents, model=scorer, words=20).search("a" * 100_000)
