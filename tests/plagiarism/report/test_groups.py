"""What hangs together by shared passages."""

import dataclasses

from siamese_text.plagiarism.findings import DocumentFinding, PairFinding
from siamese_text.plagiarism.report.groups import Group, groups
from tests.plagiarism.report.kites import KITES, NOTHING


def test_documents_that_hang_together_through_others_are_one_group_with_their_source():
    documents = tuple(DocumentFinding(name, 50, 0.5, {}, 9, None) for name in "abcdef")
    pairs = tuple(PairFinding(*names, (), 0.5, 0.5) for names in ("ab", "cb", "dz", "cz", "ef"))
    found = groups(dataclasses.replace(KITES, documents=documents, pairs=pairs))
    assert found == (Group(("a", "b", "c", "d"), ("z",), 4), Group(("e", "f"), (), 1))
    assert groups(NOTHING) == ()
