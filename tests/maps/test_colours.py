"""What colours say: values of a column, clusters with words, and how strange a text is among the others."""

import numpy as np
import pytest

from siamese_text import UsageError
from siamese_text.maps.colours import by_cluster, by_strangeness, by_values

TEXTS = ["tea with milk", "the green tea", "tea and the milk", "a dog barks", "the dog runs", "a dog and the cat"] * 2


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    drawn = np.tile(np.repeat(np.eye(2, 8), 3, axis=0), (2, 1)) + 0.1 * rng.normal(size=(12, 8))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def test_the_commonest_values_are_groups_and_the_rest_has_none():
    values = [f"class {number:02}" for number in range(15) for _ in range(20 - number)] + [None]
    found = by_values("class", values)
    assert list(found.groups) == [f"class {number:02}" for number in range(12)]
    assert found.sizes == [20 - number for number in range(12)]
    assert (found.of == -1).sum() == 8 + 7 + 6 + 1
    assert found.values[0] == "class 00" and found.values[-1] == "" and not found.ordered


def test_many_numbers_are_fifths_and_few_are_values():
    found = by_values("year", [*range(100), None])
    assert found.groups == ["up to 19.8", "up to 39.6", "up to 59.4", "up to 79.2", "above 79.2"]
    assert found.sizes == [20] * 5 and found.of[-1] == -1 and found.ordered
    assert by_values("stars", [1, 2, 3, 2]).groups == ["1", "2", "3"]


def test_clusters_are_found_counted_and_named_by_what_only_they_say(vectors):
    found = by_cluster(vectors, TEXTS)
    assert len(found.groups) == 2 and found.sizes == [6, 6]
    assert sorted(name.split()[1] for name in found.groups) == ["dog", "tea"]
    assert not any("the" in name.split() for name in found.groups)
    of_tea = next(place for place, name in enumerate(found.groups) if "tea" in name)
    assert (found.of == of_tea).tolist() == [text.find("tea") >= 0 for text in TEXTS]


def test_as_many_clusters_as_are_asked_for_if_there_can_be(vectors):
    found = by_cluster(vectors, TEXTS, 5)
    assert len(found.groups) == 5 and found.sizes == sorted(found.sizes, reverse=True)
    assert [name.split(":")[0] for name in found.groups] == ["1", "2", "3", "4", "5"]
    with pytest.raises(UsageError, match="clusters is 13; 12 different texts make 2 to 12"):
        by_cluster(vectors, TEXTS, 13)
    assert by_cluster(vectors[[0, 0, 0]], TEXTS[:3]).sizes == [3]


def test_strangeness_is_the_mean_distance_to_the_three_nearest_others():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(40, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[:6] = vectors[0]  # more copies than are looked at
    found = by_strangeness(vectors)
    expected = [np.mean(np.sort(1 - np.delete(vectors @ vector, row))[:3]) for row, vector in enumerate(vectors)]
    np.testing.assert_allclose([float(value) for value in found.values], expected, atol=6e-4)
    assert found.sizes == [32, 6, 2]  # usual ones first
    assert set(np.flatnonzero(found.of == 2)) == set(np.argsort(expected)[-2:])
