"""Citations and entries that have no partner; and all that looks like one and is none."""

import pytest

from siamese_text.plagiarism.citations import citation_faults

PROSE = "The river rises in spring and nobody builds near it. " * 8
LISTS = {
    "apa": "Müller, A., & Stone, B. (2010). On rivers and mills. River Press.\nAdams, C. (2009). On ice. Ice Press.",
    "numbers": "[1] A. Adams, On ice, 2009.\n[2] B. Stone, On mills, 2010.\n[3] C. Zorn, On snow, 2011.",
    "mla": "Adams, Anna. On Ice. Ice Press, 2009.\nStone, Ben. On Mills. River Press, 2010.",
}


def faults_of(said, listed=None, heading="References"):
    text = PROSE + said + (f"\n\n{heading}\n\n{LISTS.get(listed, listed)}\n" if listed else "")
    return [(fault.value, text[span.start : span.end]) for fault, span in citation_faults(text)]


BOTH = "As (Adams, 2009) and (Müller & Stone, 2010) have it. "


@pytest.mark.parametrize(
    "cited",
    [
        "(Baker, 2010)",
        "(Baker 2010)",
        "(see Baker, 2010)",
        "(vgl. Bäcker 2010, S. 5)",
        "(Baker et al., 2010, p. 4)",
        "(Baker & Stone, 2011)",
        "(van der Baker, 2010)",
        "(O’Baker, 2010)",
        "(Adams, 2010)",
    ],
)
def test_a_citation_without_an_entry_is_told_whatever_its_form(cited):
    inside = cited.strip("()").removeprefix("see ").removeprefix("vgl. ")
    assert faults_of(f"{BOTH}So it is {cited}.", "apa") == [("no entry", inside)]


@pytest.mark.parametrize("cited", ["Baker et al. (2010)", "Baker & Stone (2011)", "according to Baker (2010)"])
def test_one_in_a_sentence_is_told_where_it_can_be_nothing_else(cited):
    [(fault, found)] = faults_of(f"{BOTH}So it is, {cited}, here.", "apa")
    assert (fault, found) == ("no entry", cited.removeprefix("according to "))
    assert faults_of(f"{BOTH}Surprisingly, Baker (2010) argued so.", "apa") == [("no entry", "Baker (2010)")]


def test_of_several_in_one_bracket_each_is_told():
    said = f"{BOTH}So it is (Adams, 2009; Baker, 2010; Müller & Stone, 2010; Cole, 2001)."
    assert faults_of(said, "apa") == [("no entry", "Baker, 2010"), ("no entry", "Cole, 2001")]


@pytest.mark.parametrize("name", ["Müller", "Mueller", "Muller", "MÜLLER"])
def test_umlauts_may_be_written_in_any_way(name):
    assert faults_of(f"So it is (Adams, 2009; {name} & Stone, 2010).", "apa") == []
    listed = f"{name.title()}, A. (2010). On mills."
    assert faults_of("So it is (see Müller, 2010).", listed) == []
    assert faults_of("So it is (see Zorn, 2010).", listed) == [("no entry", "Zorn, 2010"), ("not cited", listed)]


@pytest.mark.parametrize("listed", ["apa", "mla"])
def test_an_entry_that_nobody_cites_is_told(listed):
    [(fault, entry)] = faults_of("So it is (Adams, 2009).", listed)
    assert (fault, entry) == ("not cited", next(one for one in LISTS[listed].split("\n") if "Stone" in one))


def test_an_entry_is_told_as_a_whole_with_the_lines_that_are_set_in():
    listed = "Adams, C. (2009). On ice.\nBaker, D. (2001). On a very long\n    winter. Ice Press."
    assert faults_of("So it is (Adams, 2009).", listed) == [("not cited", listed.partition("\n")[2])]


def test_a_list_of_which_nothing_is_cited_is_told():
    assert [fault for fault, _ in faults_of("Nobody knows why.", "apa")] == ["not cited"] * 2


def test_numbers_without_an_entry_and_entries_without_their_number():
    assert faults_of("So it is [1]. And so [2, 3].", "numbers") == []
    assert faults_of("So it is [1–3].", "numbers") == []
    assert faults_of("So it is [1], and so [3, 12].", "numbers") == [
        ("no entry", "[3, 12]"),
        ("not cited", "[2] B. Stone, On mills, 2010."),
    ]


def test_citations_of_a_text_without_a_list_are_told_where_they_are_sure():
    assert faults_of("So it is (Baker et al., 2010) or (Cole, 2011).") == [("no entry", "Baker et al., 2010")]
    assert faults_of("So it is [1] and so [2], or so [3].") == [("no entry", f"[{one}]") for one in (1, 2, 3)]


@pytest.mark.parametrize("listed", [None, "apa"])
@pytest.mark.parametrize(
    "said",
    [
        "It rained (June 2010).",
        "It rained (London, 1666).",
        "We were in Berlin. It was cold (Berlin, 2010).",
        "The film Psycho (1960) shows it, and Paris and London (1950) too.",
        "By law (Equality Act 2010) and (Data Protection Act, 2018).",
        "Health (WHO, 2010) and rain (Table 3, 2010).",
        "It is told (Baker, 1990, as cited in Adams, 2009).",
        "He said so (C. Baker, personal communication, May 2010).",
        "One [sic] and [2010] and a[1] and [link](x) and [1](y).",
        "In 2010 (and 2011) it rained.",
        "The book (Baker & Sons, 2010) says a [0] = b [1] + b [2].",
    ],
)
def test_what_may_be_something_else_is_not_told(said, listed):
    assert faults_of(BOTH + said if listed else said, listed) == []


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("So it is.12 And so.", "apa"),  # notes
        ("So it is.¹ And so.", "apa"),
        ("So it is, as Adams has it, and Stone.", "apa"),  # named without a year
        ("So it is (Adams 34) and (Stone 5).", "mla"),
        (BOTH + "So it is [1].", "apa"),  # a list without numbers
        ("So it is (Destatis, 2010, S. 4).", "Statistisches Bundesamt (Destatis). (2010). Zahlen."),
        ("So it is (Adams, 2009).", "World Health Organization. (2010). Health.\nAdams, C. (2009). On ice."),
    ],
)
def test_other_ways_to_cite_are_left_alone(said, listed):
    assert faults_of(said, listed) == []


def test_a_list_that_cannot_be_read_says_nothing():
    assert faults_of("So it is (Baker et al., 2010).", "Some books from the library of the school") == []
    assert faults_of("So it is (Baker et al., 2010).\n\nWhat I read:\n\nAdams, C. (2009). On ice.") == []
    assert faults_of("So it is (Baker et al., 2010). See https://example.org/ice") == []


@pytest.mark.parametrize("text", ["", "Nobody knows why.", "(", "References", "[1]", "References\n\n(2010)"])
def test_a_text_that_cites_nothing_and_lists_nothing_has_no_faults(text):
    assert citation_faults(text) == []


@pytest.mark.parametrize("hostile", ["A", "A-", "A'", "(Aa, ", "[1", "van ", "Aa & ", "A.", "\n ", "(Aa 2010; "])
def test_no_text_takes_long(hostile):
    text = hostile * 10_000
    assert isinstance(citation_faults(text), list)
    assert isinstance(citation_faults(f"{text}\n\nReferences\n\nAdams, C. (2009). {text[:9000]} 2001"), list)
