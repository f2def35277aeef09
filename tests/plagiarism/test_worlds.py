"""What the defaults find with real embeddings, in small worlds of essays on one topic each."""

import pytest

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import Evidence
from siamese_text.records import Span

KINDS = {"v": Evidence.IDENTICAL, "e": Evidence.EDITED, "p": Evidence.PARAPHRASE}
# Lone sentences and definitions in wholly other words: no surer of their kind than what pupils of one class write by
# chance: in folders of ten, more than one pair in fifty has as much (recipes/bench/plagiarism_background.py).
BEYOND_REACH = {"eels_and_sleep": {"p3", "p4", "p5", "p6"}, "methods_and_machines": {"p1", "p3"}}


@pytest.fixture(scope="module")
def real_encoder():
    from siamese_text import TorchEncoder

    return TorchEncoder.load("all-MiniLM-L6-v2")


def covered(passage, planted):
    """The share of a planted passage that a reported one covers."""
    name, start, end = planted
    return Span(start, end).overlap(passage.span) / (end - start) if passage.document == name else 0.0


def meets(match, planted):
    """The smaller of the shares of both sides of a planted passage that a match covers."""
    first, second = planted
    straight = min(covered(match.left, first), covered(match.right, second))
    return max(straight, min(covered(match.left, second), covered(match.right, first)))


@pytest.mark.weights
def test_planted_passages_are_found_and_innocent_ones_left_alone(world, world_name, real_encoder):
    findings = check_documents(world.documents, real_encoder)
    matches = [match for pair in findings.pairs for match in pair.matches]
    planted = {mark: passage for mark, passage in world.passages.items() if mark[0] in KINDS}
    found = {
        mark
        for mark, passage in planted.items()
        if any(meets(match, passage) >= 0.5 and match.evidence is KINDS[mark[0]] for match in matches)
    }
    assert set(planted) - found <= BEYOND_REACH.get(world_name, set())
    invented = [match for match in matches if not any(meets(match, passage) for passage in planted.values())]
    assert invented == []
    quoted = [passage for mark, passage in world.passages.items() if mark[0] == "q"]
    assert all(any(meets(match, passage) >= 0.5 for match in findings.quotations) for passage in quoted)
