"""Shared words as evidence: rare ones surprise, what everyone writes does not."""

import pytest

from siamese_text.plagiarism.finding.language import FolderLanguage
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, Span

RARE = "a heron folded its umbrella beside the copper weir"
COMMON = "the flood came over the dyke in the night"
FILLER = [f"Pupil{number} wrote that {COMMON} and that {COMMON}. Word{number} is theirs." for number in range(10)]


def language(encoder, *texts):
    documents = [Document(f"{number}.txt", text) for number, text in enumerate([*texts, *FILLER])]
    return FolderLanguage(prepare(documents, encoder, common=50))


def whole(place, text):
    return place, Span(0, len(text))


def test_rare_words_surprise_more_than_what_everyone_writes(encoder):
    rare, common = f"Once {RARE}.", f"Once {COMMON}."
    seen = language(encoder, rare, f"Then {RARE}!", common, f"Then {COMMON}!")
    one = seen.surprise(whole(0, rare), whole(1, f"Then {RARE}!"))
    other = seen.surprise(whole(2, common), whole(3, f"Then {COMMON}!"))
    assert one > 30
    assert other < one / 3


def test_words_in_another_order_surprise_less_than_a_run(encoder):
    mixed = " ".join(sorted(RARE.split()))
    seen = language(encoder, RARE, RARE, mixed)
    run = seen.surprise(whole(0, RARE), whole(1, RARE))
    assert 0 < seen.surprise(whole(0, RARE), whole(2, mixed)) < run


def test_the_side_that_comes_first_does_not_matter(encoder):
    other = f"{RARE} and {RARE} and nothing else at all"
    seen = language(encoder, RARE, other)
    assert seen.surprise(whole(0, RARE), whole(1, other)) == seen.surprise(whole(1, other), whole(0, RARE))


def test_nothing_in_common_is_no_evidence(encoder):
    seen = language(encoder, RARE, "completely unrelated vocabulary stands here")
    assert seen.surprise(whole(0, RARE), (1, Span(0, 43))) == 0
    assert seen.surprise((0, Span(0, 0)), (1, Span(0, 43))) == 0


def test_quoted_words_are_no_evidence(encoder):
    quoted = f"He said: “{RARE}”."
    seen = language(encoder, quoted, RARE)
    assert seen.surprise(whole(0, quoted), whole(1, RARE)) == 0


@pytest.mark.parametrize("others", [2, 6])
def test_what_others_took_too_is_weaker_evidence_unless_the_source_is_named(encoder, others):
    seen = language(encoder, RARE, RARE, *[f"Also{number} {RARE}" for number in range(others)])
    alone = language(encoder, RARE, RARE)
    sides = whole(0, RARE), whole(1, RARE)
    assert seen.surprise(*sides) < alone.surprise(*sides)
    assert seen.surprise(*sides, named=True) > seen.surprise(*sides)
