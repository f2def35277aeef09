"""The check from documents to findings, with an encoder that sees shared words only."""

import random
from dataclasses import replace

import numpy as np
import pytest

from siamese_text.errors import NothingToDo, UsageError
from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.finding import partners
from siamese_text.plagiarism.finding.known_text import KnownText
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.findings import Evidence, Reason
from siamese_text.plagiarism.report.anonymous import anonymized
from siamese_text.plagiarism.report.rows import findings_as_dict, reasons
from siamese_text.records import Document, Predictions, Span

COPIED = "Every lamp in the harbour was put out because the pilots steered by the moon that night."
RETOLD = "That night, the moon steered by the pilots, was out in the harbour because every lamp put."
QUOTED = "“A bridge is a promise that two banks make to each other,” she wrote."
REFERENCES = "References\n\nBell, R. (1998). Spades and what they leave behind. Harrow Press, Little Otter, 44-61.\n"


def own_words(seed, sentences=6):
    """Sentences that share no word with those of another seed."""
    rng = random.Random(seed)
    made = (" ".join("".join(rng.choices("bcdfghjklmnpqrstvwxyz", k=8)) for _ in range(11)) for _ in range(sentences))
    return " ".join(f"{words.capitalize()}." for words in made)


def document(name, *parts):
    """Parts of a text as paragraphs, between paragraphs of the document's own."""
    return Document(name, "\n\n".join([own_words(name), *parts, own_words(name + "end")]))


def shared_texts(findings):
    return [(match.left.text, match.right.text) for pair in findings.pairs for match in pair.matches]


class CountingEncoder:
    def __init__(self, encoder):
        self.encoder, self.seen = encoder, []

    def encode(self, texts):
        self.seen += texts
        return self.encoder.encode(texts)


class FixedClassifier:
    """Says the same of every pair."""

    def __init__(self, probability):
        self.probability = probability

    def predict(self, pairs, *, vectors):
        count = len(pairs)
        assert set(vectors) == {text for pair in pairs for text in pair}  # nothing is left to be encoded again
        if self.probability is None:
            return Predictions(np.ones(count, dtype=np.float32))
        probability = np.full(count, self.probability)
        return Predictions(np.ones(count, dtype=np.float32), probability, probability >= 0.5)


def test_a_verbatim_passage_is_found_where_it_stands(encoder):
    findings = check_documents([document("a.txt", COPIED), document("b.txt", COPIED)], encoder)
    (pair,) = findings.pairs
    (match,) = pair.matches
    assert (pair.left, pair.right) == ("a.txt", "b.txt")
    assert match.left.text == match.right.text == COPIED
    assert (match.evidence, match.word_similarity) == (Evidence.IDENTICAL, 1.0)
    assert match.similarity == pytest.approx(1, abs=1e-6)
    for passage in (match.left, match.right):
        assert findings.texts[passage.document].text[passage.start : passage.end] == passage.text


@pytest.mark.parametrize(
    "disguised",
    [
        COPIED.translate(str.maketrans("aeop", "\u0430\u0435\u043e\u0440")),
        COPIED.replace(" ", "\u2800"),
        COPIED.replace("e", "\u200be"),
        COPIED.replace("o", "o\u00ad"),
        "   ".join(" ".join(word) for word in COPIED.rstrip(".").split()),
    ],
)
def test_a_copy_in_disguise_is_found_and_stands_in_the_original_text(encoder, disguised):
    findings = check_documents([document("a.txt", disguised), document("b.txt", COPIED)], encoder)
    (match,) = findings.pairs[0].matches
    assert (match.evidence, match.words, match.similarity) == (Evidence.IDENTICAL, 17, pytest.approx(1, abs=1e-6))
    assert match.left.text.rstrip(".") == disguised.rstrip(".")


@pytest.mark.parametrize(("words", "found"), [(8, ["lamp was lit by her before the ships"]), (7, [])])
def test_eight_shared_words_are_a_match_and_seven_are_not(encoder, words, found):
    run = " ".join("lamp was lit by her before the ships".split()[:words])
    texts = [f"{own_words(seed, 1)[:-1]} {run} {own_words(seed + 5, 1)}" for seed in (1, 2)]
    documents = [Document("a.txt", texts[0]), Document("b.txt", texts[1])]
    findings = check_documents(documents, encoder, options=CheckOptions(false_share=0.5))
    assert [left for left, _ in shared_texts(findings)] == found


def test_an_edited_passage_is_found_as_a_whole(encoder):
    edited = COPIED.replace("was put out", "had been dark").replace("night", "evening")
    findings = check_documents([document("a.txt", COPIED), document("b.txt", edited)], encoder)
    (match,) = findings.pairs[0].matches
    assert (match.left.text, match.right.text) == (COPIED, edited)
    assert match.evidence is Evidence.EDITED


def test_a_passage_with_its_words_rearranged_is_found_by_its_meaning(encoder):
    findings = check_documents([document("a.txt", COPIED), document("b.txt", RETOLD)], encoder)
    (match,) = findings.pairs[0].matches
    assert (match.left.text, match.right.text) == (COPIED, RETOLD)
    assert match.evidence is Evidence.PARAPHRASE


def test_disguised_spelling_is_seen_through(encoder):
    disguised = COPIED.replace("a", "\u0430").replace("harbour", "har\u200bbour").replace(" ", "  ")
    findings = check_documents([document("a.txt", COPIED), document("b.txt", disguised)], encoder)
    (match,) = findings.pairs[0].matches
    assert match.evidence is Evidence.IDENTICAL
    assert disguised.startswith(match.right.text)
    assert len(match.right.text) >= len(disguised) - 1  # the full stop is no word


def test_documents_of_their_own_share_nothing(encoder):
    findings = check_documents([document(f"{letter}.txt") for letter in "abcd"], encoder)
    assert (findings.pairs, findings.quotations) == ((), ())
    assert [(found.coverage, found.longest, found.partner) for found in findings.documents] == [(0.0, 0, None)] * 4


def test_a_shared_quotation_is_listed_and_not_counted(encoder):
    findings = check_documents([document("a.txt", QUOTED), document("b.txt", QUOTED)], encoder)
    assert findings.pairs == ()
    (match,) = findings.quotations
    assert match.quotation
    assert match.left.text in QUOTED
    assert reasons(findings, match) == [Reason.QUOTATION]
    assert len(match.left.text.split()) >= 11


def test_what_one_side_quotes_is_a_quotation(encoder):
    sentence = "a bridge is a promise that two banks make to each other and keep"
    findings = check_documents([document("a.txt", f"“{sentence}”"), document("b.txt", f"So {sentence}.")], encoder)
    assert (len(findings.pairs), len(findings.quotations)) == (0, 1)


def test_shared_references_are_listed_and_not_counted(encoder):
    texts = [f"{own_words(seed, 20)}\n\n{REFERENCES}" for seed in (1, 2)]
    findings = check_documents([Document("a.txt", texts[0]), Document("b.txt", texts[1])], encoder)
    assert (len(findings.pairs), len(findings.quotations)) == (0, 1)


def test_a_question_that_both_have_as_a_heading_is_listed_and_not_counted(encoder):
    documents = [document(name, COPIED, f"Answer of {name}.") for name in ("a.docx", "b.docx")]
    plain = check_documents(documents, encoder)
    assert len(shared_texts(plain)) == 1
    starts = [one.text.index(COPIED) for one in documents]
    marked = [
        replace(one, headings=(Span(start, start + len(COPIED)),)) for one, start in zip(documents, starts, strict=True)
    ]
    findings = check_documents(marked, encoder)
    assert findings.pairs == ()
    (match,) = findings.quotations
    assert reasons(findings, match) == [Reason.HEADING]
    assert len(shared_texts(check_documents(marked, encoder, count=[Reason.HEADING]))) == 1


def test_a_heading_copied_with_the_text_below_it_stays_in_the_passage(encoder):
    below = "The keepers slept by day, and only the gulls knew how the ships found their way into the port again."
    documents = [document(name, "Lamps and pilots in the year of the moon", below) for name in ("a.docx", "b.docx")]
    start = documents[0].text.index("Lamps")
    marked = [replace(one, headings=(Span(start, start + 40),)) for one in documents]
    [(left, _)] = shared_texts(check_documents(marked, encoder))
    assert left.startswith("Lamps and pilots") and left.endswith("into the port again.")


def test_coverage_is_the_share_of_analysable_characters(encoder):
    left, right = document("a.txt", COPIED, QUOTED), document("b.txt", COPIED)
    findings = check_documents([left, right], encoder)
    ink = len("".join(COPIED.split()))
    quoted = len("".join(QUOTED[: QUOTED.index("”") + 1].split()))
    expected = ink / (len("".join(left.text.split())) - quoted)
    (pair,) = findings.pairs
    assert pair.left_coverage == pytest.approx(expected)
    assert pair.right_coverage == pytest.approx(ink / len("".join(right.text.split())))
    found = {one.name: one for one in findings.documents}["a.txt"]
    assert found.coverage == pytest.approx(expected)
    assert found.coverage_by_evidence[Evidence.IDENTICAL] == pytest.approx(expected)
    assert (found.longest, found.partner) == (len(COPIED.split()), "b.txt")


def test_what_several_documents_share_counts_once_and_as_its_surest_evidence(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", COPIED), document("c.txt", RETOLD)]
    findings = check_documents(documents, encoder)
    found = {one.name: one for one in findings.documents}["a.txt"]
    assert len(findings.pairs) == 3
    assert found.coverage == pytest.approx(found.coverage_by_evidence[Evidence.IDENTICAL])
    assert found.coverage_by_evidence[Evidence.PARAPHRASE] == 0
    assert sum(found.coverage_by_evidence.values()) == pytest.approx(found.coverage)


def test_equal_documents_cover_each_other(encoder):
    text = document("a.txt", COPIED).text
    (pair,) = check_documents([Document("a.txt", text), Document("b.txt", text)], encoder).pairs
    assert pair.left_coverage == pair.right_coverage == pytest.approx(1)
    assert len(pair.matches) == 1


def test_the_most_severe_come_first(encoder):
    more = " ".join([COPIED, "They sailed home by daylight with torn nets and told nobody what they had seen there."])
    documents = [document("a.txt"), document("b.txt", COPIED), document("c.txt", COPIED, more), document("d.txt", more)]
    findings = check_documents(documents, encoder)
    assert (findings.pairs[0].left, findings.pairs[0].right) == ("c.txt", "d.txt")
    coverages = [pair.coverage for pair in findings.pairs]
    assert coverages == sorted(coverages, reverse=True)
    assert findings.documents[-1].name == "a.txt"


def test_the_order_of_the_documents_changes_no_passage(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", QUOTED, RETOLD), document("c.txt", COPIED, QUOTED)]
    findings, turned = (check_documents(order, encoder) for order in (documents, documents[::-1]))
    assert {frozenset(texts) for texts in shared_texts(findings)} == {frozenset(t) for t in shared_texts(turned)}
    assert findings.documents == turned.documents


def test_what_every_text_holds_is_a_template(encoder):
    form = "Please answer all of the following questions in whole sentences and on one page."
    documents = [document(f"{number}.txt", form) for number in range(5)]
    assert len(check_documents(documents, encoder).pairs) == 10
    findings = check_documents(documents, encoder, options=CheckOptions(common_documents=4))
    assert findings.pairs == ()
    assert findings.options["template_sentences"] == 5


def test_what_too_many_texts_share_is_listed_and_not_counted(encoder):
    documents = [document(f"{number}.txt", COPIED) for number in range(6)]
    findings = check_documents(documents, encoder, options=CheckOptions(common_documents=4))
    assert findings.pairs == ()
    (match,) = findings.quotations
    assert (match.shared_by, match.left.text) == (6, COPIED.rstrip("."))
    assert reasons(findings, match) == [Reason.COMMON]


def test_a_named_source_is_no_template_however_many_copied_it(encoder):
    documents = [document(f"{number}.txt", COPIED) for number in range(6)]
    source = document("source.txt", COPIED)
    findings = check_documents(documents, encoder, against=[source], options=CheckOptions(common_documents=4))
    assert {(pair.left, pair.right) for pair in findings.pairs} == {(f"{n}.txt", "source.txt") for n in range(6)}


def test_a_quotation_copied_with_the_text_around_it_counts(encoder):
    around = f"When the {QUOTED} the whole town laughed, and the mason who had built three of them wept for a week."
    findings = check_documents([document("a.txt", around), document("b.txt", around)], encoder)
    (match,) = findings.pairs[0].matches
    assert QUOTED in match.left.text


def test_references_are_compared_with_the_documents_and_not_with_one_another(encoder):
    references = [document("old1.txt", COPIED), document("old2.txt", COPIED)]
    documents = [document("a.txt", COPIED), document("b.txt", COPIED)]
    findings = check_documents(documents, encoder, against=references)
    pairs = {(pair.left, pair.right) for pair in findings.pairs}
    assert pairs == {(new, old) for new in ("a.txt", "b.txt") for old in ("old1.txt", "old2.txt")}
    # Both have it from a named source: that they share it is no evidence against either.
    assert [(match.left.document, match.right.document) for match in findings.quotations] == [("a.txt", "b.txt")]
    assert [reasons(findings, match) for match in findings.quotations] == [[Reason.SOURCE]]
    assert {found.name for found in findings.documents} == {"a.txt", "b.txt"}
    assert set(findings.texts) == {"a.txt", "b.txt", "old1.txt", "old2.txt"}


def test_a_reference_that_has_the_name_of_a_document_is_told_apart(encoder):
    findings = check_documents(
        [document("a.txt", COPIED)], encoder, against=[Document("a.txt", f"{own_words(9)} {COPIED}")]
    )
    assert [(pair.left, pair.right) for pair in findings.pairs] == [("a.txt", "against/a.txt")]


def test_a_reference_is_told_apart_from_a_folder_named_as_the_option(encoder):
    documents = [document("a.txt"), document("against/a.txt", COPIED)]
    findings = check_documents(documents, encoder, against=[document("a.txt", COPIED)])
    assert ("against/a.txt", "against/against/a.txt") in [(pair.left, pair.right) for pair in findings.pairs]


def test_a_document_beyond_all_measure_is_skipped(encoder, monkeypatch):
    monkeypatch.setattr("siamese_text.plagiarism.check._LONGEST", 2_000)
    findings = check_documents([document("a.txt"), document("b.txt", "word " * 400)], encoder)
    assert [one.name for one in findings.documents] == ["a.txt"]
    assert findings.skipped[0].problem.startswith(
        "too long (0.0 million characters, at most 0.002 million are compared"
    )


def test_what_cannot_be_checked_is_skipped_with_its_reason(encoder):
    broken = Document("scan.pdf", problem="14 pages, 0 characters of text")
    short = Document("note.txt", "Only seven words stand in this note.")
    documents = [document("a.txt"), broken, short, document("b.txt")]
    findings = check_documents(documents, encoder, against=[Document("one.txt", "one")])
    assert [(one.name, one.problem, one.text) for one in findings.skipped] == [
        ("scan.pdf", "14 pages, 0 characters of text", ""),
        ("note.txt", "too short (7 words)", ""),
        ("one.txt", "too short (1 word)", ""),
    ]


@pytest.mark.parametrize(
    ("documents", "against", "message"),
    [
        ([], [], "0 documents could be read; a check needs two, or --against DIR"),
        ([document("a.txt")], [], "1 document could be read; a check needs two"),
        ([Document("b.txt", "short")], [], r"0 documents could .* --against DIR; b.txt: too short \(1 word\)"),
        ([], [document("b.txt")], "0 documents could be read, and 1 to compare with"),
    ],
)
def test_too_few_documents_are_nothing_to_do(encoder, documents, against, message):
    with pytest.raises(NothingToDo, match=message):
        check_documents(documents, encoder, against=against)


def test_two_documents_of_one_name_are_refused(encoder):
    with pytest.raises(UsageError, match=r"2 documents are named 'a\.txt'"):
        check_documents([document("a.txt"), document("a.txt")], encoder)


def test_options_that_contradict_each_other_are_refused():
    with pytest.raises(UsageError, match="ngram_words is 9; give 1 to 8"):
        CheckOptions(ngram_words=9)


@pytest.mark.parametrize(("probability", "found"), [(0.9, 1), (0.2, 0), (None, 0)])
def test_a_borderline_passage_is_left_to_the_classifier(encoder, probability, found):
    documents = [document("a.txt", COPIED), document("b.txt", RETOLD)]
    options = CheckOptions(false_share=1e-4, borderline=0.9)
    findings = check_documents(documents, encoder, classifier=FixedClassifier(probability), options=options)
    assert len(findings.pairs) == found
    assert check_documents(documents, encoder, options=options).pairs == ()


def test_a_sure_passage_stays_whatever_the_classifier_says_and_gets_its_probability(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", COPIED)]
    (pair,) = check_documents(documents, encoder, classifier=FixedClassifier(0.2)).pairs
    assert pair.matches[0].probability == pytest.approx(0.2)


def test_every_sentence_is_embedded_once_and_progress_reaches_its_end(encoder):
    counting, reports = CountingEncoder(encoder), []
    documents = [document("a.txt", own_words("shared", 3)), document("b.txt", own_words("shared", 3))]
    check_documents(documents, counting, progress=lambda done, total: reports.append((done, total)))
    # Documents split, sentences embedded, pairs and passages compared.
    assert reports == [(1, 2), (2, 2), (27, 27), (1, 1), (1, 1)]
    assert len(counting.seen[:27]) == len(set(counting.seen[:27]))


def test_a_second_encoder_may_find_the_candidates_and_the_first_compares_the_passages(encoder):
    quick, exact = CountingEncoder(encoder), CountingEncoder(encoder)
    documents = [document("a.txt", COPIED), document("b.txt", RETOLD)]
    findings = check_documents(documents, exact, candidates=quick)
    assert findings.pairs == check_documents(documents, encoder).pairs
    assert sorted(exact.seen) == sorted([COPIED, RETOLD])
    assert len(quick.seen) > 2


def test_documents_without_a_whole_sentence_can_be_checked(encoder):
    lists = [Document(f"{name}.txt", "\n\n".join(f"{name}{number} only." for number in range(20))) for name in "ab"]
    assert check_documents(lists, encoder).pairs == ()


def test_characters_of_a_script_without_spaces_are_compared_like_words(encoder):
    shared = "河水流过古老的石桥然后消失在远处的雾里"
    texts = ["春天的花园里开满了白色的小花。" + shared + "。", "他在冬天的夜晚独自读书写字。" + shared + "。"]
    findings = check_documents([Document("a.txt", texts[0]), Document("b.txt", texts[1])], encoder)
    assert shared in shared_texts(findings)[0][0]


def test_too_few_innocent_documents_are_refused(encoder):
    documents = [document("a.txt"), document("b.txt")]
    with pytest.raises(UsageError, match="1 innocent document could be read; give 20 or more"):
        check_documents(documents, encoder, innocent=[document("old.txt")])
    with pytest.raises(UsageError, match="the false share is 1; give more than 0 and less than 1"):
        CheckOptions(false_share=1)


def test_a_template_counts_neither_as_copied_nor_in_the_percentages(encoder):
    more = "They sailed home by daylight with torn nets and told nobody what they had seen out there."
    documents = [document(name, COPIED, own_words(f"{name} between"), more) for name in ("a.txt", "b.txt")]
    (pair,) = check_documents(documents, encoder, known=KnownText([COPIED])).pairs
    assert [match.left.text for match in pair.matches] == [more]
    ink = len("".join(more.split()))
    left = len("".join(documents[0].text.split())) - len("".join(COPIED.rstrip(".").split()))
    assert pair.left_coverage == pytest.approx(ink / left, rel=0.01)
    assert check_documents(documents, encoder, known=KnownText([COPIED, more])).pairs == ()


def test_two_documents_of_one_author_are_not_compared(encoder):
    documents = [document(name, COPIED) for name in ("ann/1.txt", "ann/2.txt", "bob/1.txt")]
    findings = check_documents(documents, encoder, authors={"ann/1.txt": "ann", "ann/2.txt": "ann"})
    assert {(pair.left, pair.right) for pair in findings.pairs} == {
        ("ann/1.txt", "bob/1.txt"),
        ("ann/2.txt", "bob/1.txt"),
    }


def test_words_alone_are_compared_without_a_model_and_the_findings_say_so():
    documents = [document("a.txt", COPIED), document("b.txt", COPIED), document("c.txt", RETOLD)]
    findings = check_documents(documents, None, classifier=FixedClassifier(1.0))
    assert shared_texts(findings) == [(COPIED[:-1], COPIED[:-1])]
    (match,) = findings.pairs[0].matches
    assert (match.similarity, match.probability) == (None, None)
    assert "by no model" in findings.cautions[0]


def test_a_large_folder_finds_what_a_small_one_finds(encoder, monkeypatch):
    """Copies of one text, a copied passage and a retold one among forty documents, of which few pairs are aligned."""
    documents = [document(f"{number:02}.txt") for number in range(36)]
    documents += [document("copied a.txt", COPIED), document("copied b.txt", COPIED), document("retold.txt", RETOLD)]
    documents += [Document(f"same {number}.txt", own_words("same")) for number in range(4)]
    small = check_documents(documents, encoder)
    monkeypatch.setattr(partners, "MOST_PAIRS", 100)
    large = check_documents(documents, encoder)
    assert len(small.pairs) == 9
    assert [(pair.left, pair.right, pair.left_coverage) for pair in large.pairs] == [
        (pair.left, pair.right, pair.left_coverage) for pair in small.pairs
    ]
    assert small.cautions == ()
    assert "the 20 at most" in large.cautions[0]


def test_no_paraphrase_is_claimed_in_a_language_that_the_model_does_not_know_but_copies_are(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", RETOLD), document("c.txt", COPIED)]
    known = check_documents(documents, encoder, pieces=lambda texts: [len(text.split()) for text in texts])
    assert len(known.pairs) == 3
    assert known.cautions == ()
    broken = check_documents(documents, encoder, pieces=lambda texts: [2 * len(text.split()) for text in texts])
    assert shared_texts(broken) == [(COPIED, COPIED)]
    assert "3 of 3 texts are in a language that the model hardly knows" in broken.cautions[0]


def test_in_a_mixed_folder_each_document_is_asked_for_its_language(encoder):
    documents = [document("a.txt", COPIED), document("b.txt", RETOLD), document("d.txt", RETOLD)]
    strange = set(own_words("d.txt").lower().split()) | set(own_words("d.txtend").lower().split())

    def pieces(texts):
        return [len(text.split()) * (1 if strange.isdisjoint(text.lower().split()) else 3) for text in texts]

    findings = check_documents(documents, encoder, pieces=pieces)
    assert {(pair.left, pair.right) for pair in findings.pairs} == {("a.txt", "b.txt"), ("b.txt", "d.txt")}
    assert findings.unknown_languages == {"d.txt"}
    assert "1 of 3 texts is in a language that the model hardly knows" in findings.cautions[0]
    rows = findings_as_dict(findings)["documents"]
    assert {row["name"]: row["language_known"] for row in rows} == {"a.txt": True, "b.txt": True, "d.txt": False}
    hidden = findings_as_dict(anonymized(findings))["documents"]
    assert sorted(row["language_known"] for row in hidden) == [False, True, True]


def test_a_quotation_can_be_counted_again(encoder):
    documents = [document("a.txt", QUOTED), document("b.txt", QUOTED)]
    findings = check_documents(documents, encoder, count=[Reason.QUOTATION])
    assert findings.quotations == ()
    assert len(shared_texts(findings)) == 1
    assert findings.options["counted_again"] == ["quotation"]


def test_what_a_whole_folder_says_can_be_counted_again(encoder):
    documents = [document(f"{number:02}.txt", COPIED) for number in range(22)]
    assert [match.shared_by for match in check_documents(documents, encoder).quotations] == [22]
    assert check_documents(documents, encoder, count=[Reason.COMMON]).quotations == ()


def test_what_two_have_from_one_source_can_be_counted_between_them_too(encoder):
    documents, source = [document("a.txt", COPIED), document("b.txt", COPIED)], [document("source.txt", COPIED)]
    partners_of = [
        {pair.right for pair in check_documents(documents, encoder, against=source, count=count).pairs}
        for count in ([], [Reason.SOURCE])
    ]
    assert partners_of == [{"source.txt"}, {"source.txt", "b.txt"}]


def test_citations_without_a_partner_are_listed_and_count_nowhere(encoder):
    said = f"{own_words('a.txt')} So it is (Bell, 1998), and so (Cole et al., 2001)."
    cites = Document("a.txt", f"{said}\n\n{REFERENCES}")
    findings = check_documents([document("b.txt"), cites], encoder)
    assert [(one.document, one.fault.value) for one in findings.citations] == [("a.txt", "no entry")]
    (one,) = findings.citations
    assert cites.text[one.span.start : one.span.end] == "Cole et al., 2001"
    assert findings.pairs == ()
