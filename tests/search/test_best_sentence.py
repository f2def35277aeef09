import numpy as np

from siamese_text.records import Hit, Passage
from siamese_text.search.best_sentence import mark_best_sentences
from tests.search.indexes import BagOfWords

TEXT = "# Ferries\n\nThe ferry leaves at noon.  It carries bicycles for free."


def marked(query, *passages):
    hits = [Hit(passage, 0.5) for passage in passages]
    encode = BagOfWords().encode
    return [
        hit.passage.text[hit.best.start - hit.passage.start : hit.best.end - hit.passage.start]
        for hit in mark_best_sentences(encode([query])[0], hits, encode)
    ]


def test_the_sentence_nearest_to_the_query_is_marked_in_its_document():
    passage = Passage("a.md", 100, 100 + len(TEXT), TEXT)
    assert marked("bicycles for free", passage) == ["It carries bicycles for free."]
    assert marked("when it leaves at noon", passage) == ["The ferry leaves at noon."]


def test_a_heading_is_marked_only_where_there_is_nothing_else():
    assert marked("ferries", Passage("a.md", 0, len(TEXT), TEXT)) != ["# Ferries"]
    assert marked("ferries", Passage("b.md", 5, 12, "Ferries")) == ["Ferries"]


def test_no_hits_have_no_sentences():
    assert mark_best_sentences(np.zeros(3, np.float32), [], BagOfWords().encode) == []
