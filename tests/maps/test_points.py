"""The texts of a map: all passages of an index, or a draw of them that is the same each time."""

import numpy as np

from siamese_text.maps.points import drawn, points_of
from siamese_text.records import Document
from tests.search.indexes import BagOfWords, build


def test_points_are_the_passages_with_their_vectors_and_what_is_known():
    index = build([Document("a", "the red cat sat"), Document("b", "a dog ran")], metadata={"year": 2001})
    points = points_of(index, 10)
    assert (points.names, points.texts, points.total) == (["a", "b"], ["the red cat sat", "a dog ran"], 2)
    assert points.known == [{"year": 2001, "document": "a"}, {"year": 2001, "document": "b"}]
    counts = BagOfWords().encode(points.texts)
    np.testing.assert_allclose(points.vectors, counts / np.linalg.norm(counts, axis=1, keepdims=True), atol=1e-6)


def test_passages_of_one_document_are_told_apart_by_their_places():
    index = build(words=6)
    points = points_of(index, 100)
    assert points.total == len(index) > 3
    assert points.names[0] == "harbour.txt:0" and len(set(points.names)) == points.total


def test_of_too_many_texts_the_same_ones_are_drawn_each_time():
    index = build([Document(str(number), f"text number {number}") for number in range(50)])
    first, again = points_of(index, 20), points_of(index, 20)
    assert first.names == again.names == sorted(first.names, key=int)
    assert (len(first.names), first.total) == (20, 50)
    assert drawn(50, 20).tolist() == [int(name) for name in first.names]
