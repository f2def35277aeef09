import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.errors import UsageError
from siamese_text.records import Document
from siamese_text.text import passages

ESSAY = Document(
    "essay.md",
    "# Harbours\n\nThey silt up. Ships leave. Nobody digs.\n\n## Old quays\n\nStone lasts. Wood rots.\n",
)


def texts(document: Document, words: int | None = None) -> list[str]:
    return [passage.text for passage in passages(document, words=words)]


def test_a_passage_is_a_sentence_by_default() -> None:
    assert texts(ESSAY) == [
        "# Harbours\n\n",
        "They silt up. ",
        "Ships leave. ",
        "Nobody digs.\n\n",
        "## Old quays\n\n",
        "Stone lasts. ",
        "Wood rots.\n",
    ]


def test_sentences_are_packed_up_to_the_number_of_words() -> None:
    document = Document("a.txt", "One two three. Four five. Six seven eight nine. Ten.")
    assert texts(document, 5) == ["One two three. Four five. ", "Six seven eight nine. Ten."]


def test_a_heading_starts_a_passage_and_stays_with_what_follows() -> None:
    assert texts(ESSAY, 100) == [
        "# Harbours\n\nThey silt up. Ships leave. Nobody digs.\n\n",
        "## Old quays\n\nStone lasts. Wood rots.\n",
    ]
    assert texts(ESSAY, 1)[0] == "# Harbours\n\nThey silt up. "


def test_consecutive_headings_stay_together() -> None:
    document = Document("a.md", "It ends.\n\n# Part two\n\n## Beginnings\n\nIt starts.")
    assert texts(document, 50) == ["It ends.\n\n", "# Part two\n\n## Beginnings\n\nIt starts."]


def test_a_short_line_between_blank_lines_is_a_heading() -> None:
    document = Document("a.txt", "It rained all day.\n\nThe second week\n\nThe sun came back.")
    assert texts(document, 50) == ["It rained all day.\n\n", "The second week\n\nThe sun came back."]


def test_a_sentence_longer_than_the_limit_stays_whole() -> None:
    document = Document("a.txt", "Here are seven words in a row. Two more.")
    assert texts(document, 3) == ["Here are seven words in a row. ", "Two more."]


def test_a_document_with_a_problem_has_no_passages() -> None:
    assert passages(Document("a.pdf", problem="no text"), words=10) == []


@pytest.mark.parametrize("words", [0, -3])
def test_passages_without_words_are_refused(words: int) -> None:
    with pytest.raises(UsageError, match=f"a passage of {words} words"):
        passages(ESSAY, words=words)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.text(alphabet="abA .!\n#-1 “。", max_size=120)),
    st.one_of(st.none(), st.integers(1, 12)),
)
def test_passages_tile_any_document(text: str, words: int | None) -> None:
    found = passages(Document("any.txt", text), words=words)
    assert "".join(passage.text for passage in found) == text
    assert all(text[passage.start : passage.end] == passage.text for passage in found)
    assert all(passage.document == "any.txt" for passage in found)
