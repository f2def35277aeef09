"""Which passages count: against the folder itself, innocent documents, or the shipped background."""

import random
from itertools import combinations

import pytest

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding.chance import FEWEST_DOCUMENTS
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.passages import find_passages
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.plagiarism.finding.weighing import weigh
from siamese_text.plagiarism.findings import Background, Reason
from siamese_text.plagiarism.report.rows import summary
from siamese_text.records import Document

COMMON = "the river rose in spring and nobody in the valley could say when the mill would turn again".split()
LETTERS = "bcdfghjklmnpqrstvwxyz"
COPIED = "Seven grey herons stood below the broken weir while the miller counted his empty sacks by lamplight."


def essay(name, *parts):
    """Sentences of words of its own among some that all essays use, around some parts."""
    rng = random.Random(name)
    words = [rng.choice(COMMON) if rng.random() < 0.3 else "".join(rng.choices(LETTERS, k=7)) for _ in range(80)]
    own = [" ".join(words[start : start + 10]).capitalize() + "." for start in range(0, 80, 10)]
    return Document(name, " ".join([*own[:4], *parts, *own[4:]]))


def folder(count, prefix="e"):
    return [essay(f"{prefix}{number}.txt") for number in range(count)]


def weighed(documents, encoder, options, *, checked, innocent=0, references=0):
    prepared = prepare(documents, encoder, common=20, references=references)
    names = [document.name for document in documents]
    groups = names[:checked], names[checked : checked + innocent], names[checked + innocent :]
    return weigh(list(find_passages(prepared, references, 20, options)), *groups, options=options)


def test_a_folder_of_twenty_says_itself_what_chance_does(encoder):
    documents = [*folder(FEWEST_DOCUMENTS - 2), essay("x.txt", COPIED), essay("y.txt", COPIED)]
    findings = check_documents(documents, encoder)
    assert (findings.chance.background, findings.chance.documents) == (Background.FOLDER, FEWEST_DOCUMENTS)
    assert {(pair.left, pair.right) for pair in findings.pairs} == {("x.txt", "y.txt")}
    [match] = findings.pairs[0].matches
    assert match.p_value < findings.options["false_share"] / 190
    assert findings.chance.by_chance == pytest.approx(190 * match.p_value)


def test_innocent_documents_say_what_chance_does_and_are_compared_with_nobody(encoder):
    checked = [essay("x.txt", COPIED), essay("y.txt", COPIED)]
    innocent = [essay("x.txt"), *folder(FEWEST_DOCUMENTS, "old")]
    findings = check_documents(checked, encoder, innocent=innocent)
    assert (findings.chance.background, findings.chance.documents) == (Background.INNOCENT, FEWEST_DOCUMENTS + 1)
    assert {(pair.left, pair.right) for pair in findings.pairs} == {("x.txt", "y.txt")}
    assert set(findings.texts) == {"x.txt", "y.txt"}


def test_what_innocent_documents_share_is_no_evidence(encoder):
    checked = [essay("x.txt", COPIED), essay("y.txt", COPIED)]
    sharing = [essay(f"old{number}.txt", *[COPIED][: number % 3]) for number in range(20)]
    assert check_documents(checked, encoder).pairs
    assert check_documents(checked, encoder, innocent=sharing).pairs == ()


def test_a_larger_false_share_lists_more(encoder):
    documents = folder(FEWEST_DOCUMENTS)
    shares = {}
    for false_share in (0.05, 0.9):
        weighing = weighed(documents, encoder, CheckOptions(false_share=false_share), checked=len(documents))
        shares[false_share] = weighing.least
        assert all(one.share == pytest.approx(one.found.evidence / weighing.least) for one in weighing.weighed)
    assert shares[0.05] > shares[0.9] + 5


def test_a_source_is_weighed_apart_from_the_other_documents(encoder):
    documents = [*folder(FEWEST_DOCUMENTS - 1), essay("x.txt", COPIED), Document("source.txt", COPIED)]
    weighing = weighed(documents, encoder, CheckOptions(), checked=FEWEST_DOCUMENTS, references=1)
    listed = {one.found.names for one in weighing.weighed if one.share >= 1}
    assert listed == {("x.txt", "source.txt")}


def test_what_two_have_from_one_source_is_listed_with_the_source_alone(encoder):
    documents = [*folder(4), essay("x.txt", COPIED), essay("y.txt", COPIED), Document("source.txt", COPIED)]
    weighing = weighed(documents, encoder, CheckOptions(), checked=6, references=1)
    listed = {one.found.names for one in weighing.weighed if one.share >= 1 and not one.found.quotation}
    assert listed == {("x.txt", "source.txt"), ("y.txt", "source.txt")}
    assert ("x.txt", "y.txt") in {one.found.names for one in weighing.weighed if one.found.quotation}


def test_the_weaker_of_two_passages_has_the_larger_p_value(encoder):
    documents = folder(FEWEST_DOCUMENTS)
    weighing = weighed(documents, encoder, CheckOptions(), checked=len(documents))
    ordered = sorted(weighing.weighed, key=lambda one: one.found.evidence)
    assert all(one.p_value >= other.p_value for one, other in combinations(ordered, 2))


def test_copies_of_one_text_are_not_what_chance_does():
    copied = essay("x.txt", COPIED)
    documents = [Document(f"x{number}.txt", copied.text) for number in range(40)]
    findings = check_documents([*documents, *folder(2)], None)
    assert (findings.chance.background, findings.chance.documents) == (Background.SHIPPED, 3)
    assert len(findings.pairs) == 40 * 39 / 2


def test_what_hardly_differs_in_most_documents_is_no_clean_folder():
    copied = essay("x.txt", COPIED).text
    documents = [Document(f"x{number}.txt", f"{copied} Signed by number{number}.") for number in range(25)]
    findings = check_documents([*documents, *folder(2)], None)
    assert findings.pairs == ()  # more than twenty have it, as they have what was given to all
    assert "; 1 long passage in up to 25 documents is not counted" in summary(findings)
    assert len(check_documents([*documents, *folder(2)], None, count=[Reason.COMMON]).pairs) > 0
