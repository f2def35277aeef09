"""What a pair shares comes back as it was found, for the same folder, options and code alone."""

from dataclasses import replace

import numpy as np
import pytest

from siamese_text.plagiarism.finding.aligner import Alignment
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.pair_cache import PairCache, drop_earlier_states, open_pairs
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, Span

TEXTS = [
    "The lamp on the pier was lit by the keeper before the ships came in. Nobody saw him go home that night.",
    "A bridge of nine arches carries the road over the river near the mill. The mill stands still in summer.",
]
ALIGNED = [(Alignment(Span(3, 70), Span(1, 60), 0.1 + 0.2, 1 / 3, 12, 11), 17.123456789012345)]


def folder(encoder, texts=TEXTS):
    documents = [Document(f"{place}.txt", text) for place, text in enumerate(texts)]
    return prepare(documents, encoder, common=20)


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path, encoder):
    with open_pairs(tmp_path, folder(encoder), 0, 20, CheckOptions()) as blobs:
        pairs = PairCache(blobs)
        assert pairs.get(0, 1) is None
        pairs.put(0, 1, ALIGNED)
        pairs.put(0, 2, [])
        assert (pairs.new, pairs.known) == (2, 0)
    with open_pairs(tmp_path, folder(encoder), 0, 20, CheckOptions()) as blobs:
        pairs = PairCache(blobs)
        assert pairs.get(0, 1) == ALIGNED
        assert pairs.get(0, 2) == []
        assert pairs.get(1, 0) is None
        assert (pairs.new, pairs.known) == (0, 2)


def test_without_a_file_nothing_is_kept():
    pairs = PairCache()
    pairs.put(0, 1, ALIGNED)
    assert pairs.get(0, 1) is None
    assert (pairs.new, pairs.known) == (1, 0)


@pytest.mark.parametrize("other", ["text", "vectors", "options", "common", "references", "excluded"])
def test_whatever_a_result_depends_on_has_a_file_of_its_own(tmp_path, encoder, other):
    prepared, options = folder(encoder), CheckOptions()
    with open_pairs(tmp_path, prepared, 0, 20, options) as blobs:
        before = blobs.path
    if other == "text":
        prepared = folder(encoder, [TEXTS[0], TEXTS[1].replace("nine", "ten")])
    elif other == "vectors":
        nudged = np.nextafter(prepared[0].table, np.float32(2))
        prepared = [replace(prepared[0], table=nudged), prepared[1]]
    elif other == "excluded":
        prepared = [replace(prepared[0], excluded=(Span(0, 9),)), prepared[1]]
    elif other == "options":
        options = CheckOptions(max_gap=2)
    counts = int(other == "references"), 20 + (other == "common")
    with open_pairs(tmp_path, prepared, *counts, options) as blobs:
        assert blobs.path != before


def test_earlier_states_of_the_same_documents_are_dropped_and_no_others(tmp_path, encoder):
    def used(texts, owner):
        with open_pairs(tmp_path, folder(encoder, texts), 0, 20, CheckOptions(), owner) as blobs:
            PairCache(blobs).put(0, 1, ALIGNED)
            drop_earlier_states(blobs)
            return blobs.path

    changed = [TEXTS[0], TEXTS[1].replace("nine", "ten")]
    first, elsewhere, last = used(TEXTS, "here"), used(TEXTS, "there"), used(changed, "here")
    assert first != last
    assert {file for file in (tmp_path / "pairs").iterdir() if file.suffix == ".sqlite"} == {elsewhere, last}
