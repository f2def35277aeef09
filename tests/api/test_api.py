"""The Python API on a tiny model: each public function does what its command does."""

import json
import signal

import numpy as np
import pytest

from siamese_text import (
    Document,
    Findings,
    Index,
    Pair,
    Predictions,
    Scorer,
    check_folder,
    distill,
    evaluate,
    train,
)
from siamese_text.api.index import read_documents
from siamese_text.data.loading import load_pairs
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import BadData, Interrupted, MissingInput, UsageError
from siamese_text.scoring.similarity import cosine

SHARED = "Seven herons stood in the shallow water below the old mill and did not move until the rain stopped. "
REST = "The small library near the river opens early in the morning and closes late at night all week. "


@pytest.fixture(scope="module")
def scorer(tiny_sentence_model):
    return Scorer.load(tiny_sentence_model, device="cpu")


@pytest.fixture(scope="module")
def model(tiny_sentence_model, tmp_path_factory):
    output = tmp_path_factory.mktemp("api") / "model"
    report = train("sample", output, model=str(tiny_sentence_model), max_steps=2, limit=64, device="cpu")
    assert report.output == output
    assert set(report.after) == {"validation", "test"}
    return output


class StopsAfterTwo:
    """An observer that presses Ctrl-C after the second step, and notes from where a run went on."""

    def started(self, _steps, done):
        self.done = done

    def stepped(self, record):
        if record.step == 2 and self.done == 0:
            signal.raise_signal(signal.SIGINT)

    def loaded(self, data):
        pass

    evaluated_before = validated = loaded


def test_training_goes_on_where_it_was_interrupted(tiny_sentence_model, tmp_path):
    observer = StopsAfterTwo()
    options = {"model": str(tiny_sentence_model), "max_steps": 4, "limit": 64, "device": "cpu", "observer": observer}
    with pytest.raises(Interrupted):
        train("sample", tmp_path / "model", **options)
    train("sample", tmp_path / "model", resume=True, **options)
    assert observer.done == 2
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text(REST + SHARED + "Nobody saw them leave that day.")
    (folder / "b.md").write_text("# Birds\n\nWe walked for an hour. " + SHARED + REST.replace("library", "station"))
    return folder


def test_scoring_pairs_equals_the_cosine_of_their_embeddings(scorer):
    pairs = [("the cat sleeps", "the dog runs"), ("a bird", "a bird"), ("the dog runs", "the cat sleeps")]
    said = scorer.predict(pairs)
    left, right = (scorer.encode([pair[side] for pair in pairs]) for side in (0, 1))
    assert isinstance(said, Predictions)
    np.testing.assert_allclose(said.similarity, cosine(left, right), atol=1e-6)
    assert said.similarity[1] == pytest.approx(1, abs=1e-6)
    assert said.probability is None and said.same is None


def test_pairs_may_be_records_or_tuples(scorer):
    of_tuples = scorer.predict([("a cat", "a dog")])
    of_records = scorer.predict([Pair("a cat", "a dog", 1.0)])
    np.testing.assert_array_equal(of_tuples.similarity, of_records.similarity)


def test_a_trained_model_brings_its_decision(model):
    loaded = Scorer.load(model, device="cpu")
    said = loaded.predict([("a cat", "a dog"), ("the river is long", "the river is long")])
    assert loaded.decision.fitted_on.data == "sample/validation"
    assert said.same.dtype == bool
    swapped = loaded.predict([("a dog", "a cat"), ("the river is long", "the river is long")])
    np.testing.assert_allclose(said.probability, swapped.probability, atol=1e-5)


def test_evaluate_takes_names_files_and_loaded_pairs(model, tmp_path):
    by_name = evaluate(model, "sample", "test")
    pairs = load_pairs("sample", "test")
    file = tmp_path / "pairs.jsonl"
    rows = [{"sentence1": p.sentence1, "sentence2": p.sentence2, "label": p.label} for p in pairs.pairs]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    by_pairs, by_file = evaluate(model, pairs), evaluate(model, file)
    assert by_name.evaluation.ap == by_pairs.evaluation.ap == by_file.evaluation.ap
    assert not by_name.evaluation.cross_fitted
    assert evaluate(model, "sample").evaluation.cross_fitted


def test_evaluate_refuses_one_class(scorer, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("sentence1,sentence2,label\na,b,1\nc,d,1\n")
    with pytest.raises(BadData, match="one class only"):
        evaluate(scorer, str(file))


def test_graded_pairs_are_correlated(scorer, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("sentence1,sentence2,label\na cat,a cat,1\na cat,a dog,0.5\na cat,the river is long,0.1\n")
    figures = evaluate(scorer, file).evaluation
    assert -1 <= figures.spearman <= 1 and -1 <= figures.pearson <= 1
    assert figures.ap is None


def test_train_refuses_an_unknown_setting():
    with pytest.raises(UsageError, match="did you mean epochs"):
        train("sample", "never", epoch=3)


def test_check_folder_finds_a_shared_sentence(documents, scorer):
    findings = check_folder(documents, model=scorer)
    assert isinstance(findings, Findings)
    assert findings.options["model"] == scorer.name
    [pair] = findings.pairs
    assert {pair.left, pair.right} == {"a.txt", "b.md"}
    assert any("Seven herons" in match.left.text and "Seven herons" in match.right.text for match in pair.matches)


def test_a_student_searches_and_finds_candidates(documents, tiny_sentence_model, scorer, tmp_path):
    student = tmp_path / "student"
    report = distill(student, teacher=str(tiny_sentence_model), static=True, max_steps=2, device="cpu")
    assert (report.output, report.layers, report.settings.sentences) == (student, None, "sample")
    index = Index.build(documents, model=student)
    index.save(tmp_path / "index")
    assert Index.open(tmp_path / "index").search(SHARED, k=2) == index.search(SHARED, k=2)
    findings = check_folder(documents, model=scorer, candidates_model=student)
    assert findings.options["candidates_model"] == str(student)
    assert any(SHARED.strip() in match.left.text for pair in findings.pairs for match in pair.matches)


def test_check_folder_against_another_folder(documents, scorer, tmp_path):
    one = tmp_path / "one"
    one.mkdir()
    (one / "c.txt").write_text("They came back late. " + SHARED + REST)
    findings = check_folder(one, against=documents, model=scorer)
    assert {pair.left for pair in findings.pairs} | {pair.right for pair in findings.pairs} == {
        "c.txt",
        "a.txt",
        "b.md",
    }
    assert [document.name for document in findings.documents] == ["c.txt"]


def test_index_round_trip_gives_the_same_hits(documents, scorer, tmp_path):
    built = Index.build(documents, model=scorer, words=20)
    built.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert built.search(SHARED, k=2) == opened.search(SHARED, k=2)
    [best] = opened.search(SHARED, k=1)
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


def test_re_ranking_orders_the_nearest_by_the_decision_and_encodes_no_passage_again(documents, model, monkeypatch):
    decides = Scorer.load(model, device="cpu")
    index = Index.build(documents, model=decides, words=20)
    hits = index.search(SHARED, 4, rerank=True)
    assert [hit.probability for hit in hits] == sorted((hit.probability for hit in hits), reverse=True)
    by_another = index.search(SHARED, 4, rerank=Scorer.load(model, device="cpu"))  # which reads every text again
    assert [hit.passage for hit in by_another] == [hit.passage for hit in hits]
    np.testing.assert_allclose([hit.probability for hit in by_another], [hit.probability for hit in hits], atol=1e-5)
    near = index.search(SHARED, 100)
    monkeypatch.setattr("siamese_text.api.index.CANDIDATES", 2)
    few = index.search(SHARED, 1, rerank=True)
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


@pytest.mark.weights
def test_the_default_model_decides_without_training():
    scorer = Scorer.load()
    said = scorer.predict([("A dog barks.", "A dog is barking."), ("A dog barks.", "Shares fell on Monday.")])
    assert said.same.tolist() == [True, False]
    assert said.probability[0] > 0.8 > 0.2 > said.probability[1]
