"""Quotations and lists of references: what is excluded, and what only looks like it."""

import pytest

from siamese_text.plagiarism.finding.exclusions import excluded_spans, lies_inside
from siamese_text.records import Span

BODY = "The canal was dug by hand. It took nine winters and many lives, and it was never finished.\n\n"
ENTRIES = "Bell, R. (1998). Spades. Harrow Press.\nOtter, V. (2003). The long cut. Harrow Press.\n"


def excluded(text):
    return [text[span.start : span.end] for span in excluded_spans(text)]


@pytest.mark.parametrize(
    "quotation",
    [
        "“the rain has learned our names”",
        '"the rain has learned our names"',
        "«the rain has learned our names»",
        "„the rain has learned our names“",
        "»the rain has learned our names«",
        "”the rain has learned our names”",
        "‘the rain hasn’t learned our names.’",
        "‚the rain has learned our names‘",
        "‹the rain has learned our names›",
        "›the rain has learned our names‹",
        "「the rain has learned our names」",
        "『the rain has learned our names』",
        "＂the rain has learned our names＂",
        "``the rain has learned our names''",
        "''the rain has learned our names''",
    ],
)
def test_a_quotation_in_paired_marks_is_excluded(quotation):
    assert excluded(f"He wrote {quotation} and went to bed.") == [quotation]


def test_a_few_quoted_words_are_a_title_and_no_quotation():
    assert excluded("She read “The Long Cut of Harrow” and “rain”.") == ["“The Long Cut of Harrow”"]
    assert excluded("She read “The Long Cut” and a “very small” book.") == []


@pytest.mark.parametrize(("opens", "closes"), ["“”", "«»", '""', "„“"])
def test_a_quotation_of_several_paragraphs_opens_each_anew(opens, closes):
    first, second = (
        f"{opens}The mill stood still. Nobody ground corn. So it went.",
        f"{opens}Then came a flood by night{closes}",
    )
    text = f"She wrote:\n\n{first}\n\n{second}, she wrote. And that is all she said of the whole matter."
    quoted = [text[span.start : span.end].strip() for span in excluded_spans(text)]
    assert quoted == [first, second]


def test_a_quote_of_markdown_goes_on_without_its_mark_to_the_end_of_the_sentence():
    text = "> The mill stood still and nobody\nground any corn until the flood.\nMy own answer is another one.\n"
    assert [text[span.start : span.end] for span in excluded_spans(text)] == [text[: text.index("My own")]]


def test_a_quotation_that_is_not_closed_in_its_paragraph_ends_with_its_sentence():
    text = "A stray “mark stands here and is never closed. It is one.\n\nThe next paragraph ends” like this."
    assert excluded(text) == ["“mark stands here and is never closed."]


def test_a_quotation_may_run_over_a_line_break():
    assert excluded("“the rain has\nlearned our names”") == ["“the rain has\nlearned our names”"]


def test_what_stands_between_two_german_quotations_is_none():
    text = "»Das Wasser kam in der Nacht«, sagte er. Wir gingen aufs Dach. »Und niemand hat uns gehört«, sagte sie."
    assert excluded(text) == ["»Das Wasser kam in der Nacht«", "»Und niemand hat uns gehört«"]


def test_apostrophes_are_no_quotation_marks():
    assert excluded("The boys’ boat wasn’t theirs, and the ’98 flood didn’t spare the neighbours’ one.") == []


def test_inches_are_no_quotation_marks():
    assert excluded('The boards are 12" wide and the posts 4" thick, and all of them are wet.') == []


def test_block_quotes_are_excluded_line_by_line():
    text = "He said:\n\n> We dug until\n> the frost came.\n\nNobody answered.\n"
    assert excluded(text) == ["> We dug until\n> the frost came.\n"]


@pytest.mark.parametrize(
    "heading",
    [
        "References",
        "## References",
        "WORKS CITED",
        "7. Bibliography",
        "**Sources:**",
        "Further reading",
        "Literaturverzeichnis",
        "IV. Quellen",
        "2.1 Bibliographie",
        "Références bibliographiques",
        "Bibliografía",
        "Список литературы",
        "参考文献",
    ],
)
def test_the_list_of_references_is_excluded_up_to_the_end(heading):
    assert excluded(f"{BODY}{heading}\n\n{ENTRIES}") == [f"{heading}\n\n{ENTRIES}"]


def test_the_list_of_references_ends_at_an_appendix():
    text = f"{BODY}References\n\n{ENTRIES}\nAppendix A: tools\n\nForty spades were bought in 1803."
    assert excluded(text) == [f"References\n\n{ENTRIES}\n"]


def test_the_last_heading_counts():
    text = f"{BODY}Sources\n\nWe asked old people. They knew a great deal.\n\n{BODY}References\n\n{ENTRIES}"
    assert excluded(text) == [f"References\n\n{ENTRIES}"]


def test_prose_below_such_a_heading_is_no_list_of_references():
    assert (
        excluded(f"{BODY}Sources\n\nThe river rises in a wood. It is so small there that a child can jump it.\n") == []
    )


def test_a_text_that_begins_with_such_a_heading_is_about_sources():
    assert excluded(f"Sources\n\n{ENTRIES}{BODY}{BODY}") == []


def test_a_sentence_about_references_is_no_heading():
    assert excluded(f"{BODY}References to the canal are rare.\n\n{ENTRIES}") == []


@pytest.mark.parametrize(("end", "inside"), [(20, True), (21, False)])
def test_a_span_lies_inside_when_half_of_it_is_excluded(end, inside):
    assert lies_inside(Span(0, end), [Span(0, 4), Span(10, 16)]) is inside


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ("„", "“"), ("«", "»"), ('"', '"')])
def test_marks_far_apart_are_no_pair(opening, closing):
    text = "She said so. " + opening + "The river takes what it likes. " * 100 + "That was all." + closing
    assert sum(map(len, excluded_spans(text))) < 50


HEADING = "Why did the trade on the canal decline after the winters of that war?"


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (f"## {HEADING}\n\n{BODY}", f"## {HEADING}"),
        (f"{BODY}{HEADING}\n{'=' * len(HEADING)}\n\n{BODY}", HEADING),
        (f"{BODY}#{HEADING}", None),  # no blank: a tag
        (f"{BODY}{HEADING}\n\n---\n\n{BODY}", None),  # a rule below a paragraph
        (f"# {HEADING * 3}\n\n{BODY * 5}", None),  # longer than any heading
        (f"# {HEADING}\n\n# {HEADING}\n\n{BODY}", None),  # hardly anything but headings
    ],
)
def test_headings_that_are_marked_are_excluded(text, heading):
    assert excluded(text) == ([heading] if heading else [])


def test_what_a_format_marks_as_a_heading_is_excluded():
    text = f"{HEADING}\n\n{BODY}"
    span = Span(0, len(HEADING))
    assert excluded_spans(text, [span]) == (span,)
    assert excluded_spans(text, [Span(0, len(text))]) == ()
