import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.records import Span
from siamese_text.text import fold, undisguised, words

# Code points that change their number, their place or their neighbours when they are folded.
AWKWARD = st.text(
    alphabet="ab A\t\n'’“—\u00ad\u200b\u0301\u0345ﬁß\u0130ſ\u212a½²…™´¨µΩаеВР字가\u1100\u1161\u11a8\uff76\uff9e\ufdfa",
    max_size=40,
)
ANY_TEXT = st.one_of(st.text(max_size=60), AWKWARD)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Plain Text", "plain text"),
        ("Straße", "strasse"),
        ("ﬁrst ﬄuent", "first ffluent"),
        ("co\u00adop\u200berate\ufeff", "cooperate"),
        ("‘a’ “b” «c»", '\'a\' "b" "c"'),
        ("1914–18 — a‑b", "1914-18 - a-b"),
        ("one \t\n\n two\u00a0three", "one two three"),
        ("Cafe\u0301", "café"),
        ("ｗｉｄｅ １２", "wide 12"),
    ],
)
def test_spelling_that_the_eye_does_not_see_is_folded(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("p\u0430p\u0435r", "paper"),  # Cyrillic а and е
        ("\u0415ssay", "essay"),  # Cyrillic Е
        ("\u039dot", "not"),  # Greek Ν
        ("ｐ\u0430ge", "page"),  # Latin only after NFKC
    ],
)
def test_lookalikes_in_latin_words_become_latin(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize("text", ["сова", "парк and park", "νερο", "5 μm"])
def test_words_of_other_scripts_keep_their_letters(text: str) -> None:
    assert fold(text).text == text


def test_origin_maps_a_ligature_to_its_one_code_point() -> None:
    folded = fold("A ﬁne day")
    assert folded.text == "a fine day"
    assert folded.origin(2, 6) == Span(2, 5)
    assert folded.origin(3, 4) == Span(2, 3)


def test_origin_maps_one_space_to_the_whole_run() -> None:
    assert fold("up \n\n down").origin(2, 3) == Span(2, 6)


def test_origin_covers_removed_code_points_between_its_ends() -> None:
    text = "\u200bin\u00advi\u200bsible ink"
    assert text[slice(*_ends(fold(text).origin(0, 9)))].endswith("in\u00advi\u200bsible")


def test_origin_of_an_empty_span_is_empty() -> None:
    folded = fold("ab")
    assert folded.origin(1, 1) == Span(1, 1)
    assert folded.origin(2, 2) == Span(2, 2)
    assert fold("").origin(0, 0) == Span(0, 0)


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_origins_rise_and_stay_within_the_text(text: str) -> None:
    folded = fold(text)
    origins = [folded.origin(place, place + 1) for place in range(len(folded.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in origins)
    assert [span.start for span in origins] == sorted(span.start for span in origins)
    assert [span.end for span in origins] == sorted(span.end for span in origins)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc XYZ.,\n", max_size=60))
def test_ascii_text_is_lower_case_with_single_spaces(text: str) -> None:
    expected = ""
    for character in text.lower():
        if not (character in " \n" and expected.endswith(" ")):
            expected += " " if character == "\n" else character
    assert fold(text).text == expected


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("The well-known mill, 1887.", ["the", "well", "known", "mill", "1887"]),
        ("Don’t ask; it's O'Neill’s 'own'", ["don't", "ask", "it's", "o'neill's", "own"]),
        ("snake_case _x_", ["snake", "case", "x"]),
        ("policy.12 policy²", ["policy", "12", "policy"]),
        ("Cafe\u0301s naïve", ["cafés", "naïve"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("雨が降る。", ["雨", "が", "降", "る"]),
        ("カー・ラジオ", ["カ", "ー", "ラ", "ジ", "オ"]),
        ("p\u0430per в in\u200bk", ["paper", "в", "ink"]),
        ("… — !", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, forms: list[str]) -> None:
    assert [word.form for word in words(text)] == forms


def test_words_know_their_place_in_the_original() -> None:
    text = "The “ﬁrst” day"
    assert [text[word.span.start : word.span.end] for word in words(text)] == ["The", "ﬁrst", "day"]


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_a_word_is_the_fold_of_its_slice(text: str) -> None:
    found, plain = words(text), undisguised(text)
    assert all(word.form and fold(plain[word.span.start : word.span.end]).text == word.form for word in found)
    ends = [place for word in found for place in (word.span.start, word.span.end)]
    assert ends == sorted(ends)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end
