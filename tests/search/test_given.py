"""Texts in memory, however they are given."""

from datetime import date

import numpy as np
import pytest

from siamese_text.errors import BadData, UsageError
from siamese_text.search.given import given_items


def read(*arguments, **options):
    found = [item.read() for item in given_items(*arguments, **options)]
    return [(document.name, document.text, dict(known)) for document, known in found]


def test_lists_arrays_and_generators_are_numbered():
    expected = [("5", "tea", {}), ("6", "milk", {})]
    for texts in (["tea", "milk"], np.array(["tea", "milk"]), (text for text in ("tea", "milk"))):
        assert read(texts, first=5) == expected


def test_ids_and_metadata_go_with_their_texts():
    known = [{"year": np.int64(2020)}, {"day": date(2020, 5, 1), "tags": ["a"]}]
    assert read(["tea", "milk"], [7, "b"], known) == [
        ("7", "tea", {"year": 2020}),
        ("b", "milk", {"day": "2020-05-01", "tags": ["a"]}),
    ]
    assert read(["tea"], metadata={"year": 2020}) == [("0", "tea", {"year": 2020})]


def test_a_frame_has_its_texts_ids_and_metadata_in_columns():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"id": ["a", "b"], "text": ["tea", "milk"], "year": [2020, None]})
    assert read(frame) == [("a", "tea", {"year": 2020}), ("b", "milk", {})]
    assert [name for name, *_ in read(frame, id_column="text", column="id")] == ["tea", "milk"]
    assert read(frame["text"], frame["id"], frame[["year"]]) == read(frame)
    assert read([{"text": "tea", "year": 1}]) == [("0", "tea", {"year": 1})]


def test_equal_content_has_equal_digests():
    one, other, third = (
        next(given_items(["tea"], ["a"], known)).digest for known in ({"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": 2})
    )
    assert one == other != third


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((["tea"], ["a", "b"]), UsageError, "there are 1 texts and 2 ids"),
        ((["tea"], None, [{}, {}]), UsageError, "there are 1 texts and 2 metadata"),
        ((["tea"], None, ["x"]), UsageError, "metadata are no mappings"),
        ((["tea"], [""]), UsageError, "an id is empty"),
        (("tea",), UsageError, "give a list"),
        (([b"tea"],), UsageError, "texts hold no text"),
        ((["tea"], None, {"x": object()}), BadData, "the metadata of '0' cannot be written as JSON"),
        ((["tea"], None, {"x": float("inf")}), BadData, "cannot be written as JSON"),
    ],
)
def test_what_cannot_be_given_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        read(*arguments)
