"""``index`` and ``search``: documents to a folder, and a query to the passages that answer it."""

import json

import pytest

from siamese_text import Scorer
from siamese_text.bundled import bundled


def test_index_and_search_find_a_passage_by_its_own_words(good_command, tiny_sentence_model):
    good_command("index", bundled("data", "faq"), "--model", tiny_sentence_model, "-o", "idx")
    text = (bundled("data", "faq") / "rooms.md").read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith("## "))
    passage = text[text.index(heading) :].split("\n## ")[0]
    out, _ = good_command("search", "idx", passage, "-k", "3", "--json")
    hits = json.loads(out)["hits"]
    assert len(hits) == 3
    assert hits[0]["passage"]["document"] == "rooms.md"
    assert hits[0]["similarity"] == pytest.approx(1, abs=1e-3)


def test_search_reranks_by_the_decision(good_command, trained):
    good_command("index", bundled("data", "faq"), "--model", trained, "-o", "idx")
    out, _ = good_command("search", "idx", "how long may I keep a film?", "--rerank", "--json")
    hits = json.loads(out)["hits"]
    probabilities = [hit["probability"] for hit in hits]
    assert probabilities == sorted(probabilities, reverse=True)
    threshold = Scorer.load(trained).decision.threshold
    # the model reads the beginning of a passage: of what differs beyond it, it says neither yes nor no
    said = [hit["verdict"] for hit in hits]
    assert [hit["same"] for hit in hits] == [verdict == "yes" for verdict in said]
    sure = [place for place, verdict in enumerate(said) if verdict != "unsure"]
    assert [said[place] == "yes" for place in sure] == [probabilities[place] >= threshold for place in sure]


def test_search_reranks_by_the_decision_of_another_model(command, good_command, trained, tiny_sentence_model):
    good_command("index", bundled("data", "faq"), "--model", tiny_sentence_model, "-o", "idx")
    query = "how long may I keep a film?"
    found, _ = good_command("search", "idx", query, "--json")
    ranked, _ = good_command("search", "idx", query, "--rerank-model", trained, "--json")
    hits = json.loads(ranked)["hits"]
    said, _ = good_command("score", query, hits[0]["passage"]["text"], "--model", trained, "--json")
    assert hits[0]["probability"] == pytest.approx(json.loads(said)["pairs"][0]["probability"], abs=1e-6)
    assert [hit["probability"] for hit in hits] == sorted((hit["probability"] for hit in hits), reverse=True)
    assert all(hit["probability"] is None for hit in json.loads(found)["hits"])
    code, _, lines = command("search", "idx", query, "--rerank-model", tiny_sentence_model)
    assert (code, "has no decision" in lines[-1]) == (2, True)
