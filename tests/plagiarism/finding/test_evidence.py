"""The evidence of a passage: its words and its sentences together."""

import pytest

from siamese_text.plagiarism.finding.evidence import FolderEvidence
from siamese_text.plagiarism.finding.language import FolderLanguage
from siamese_text.plagiarism.finding.meaning import FolderMeaning
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, Span

SAID = "Every lamp in the harbour was put out because the pilots steered by the moon that night."
OTHER = "Somebody painted all twelve doors along our street bright green before anyone could object."


@pytest.mark.parametrize("references", [0, 1])
def test_words_and_sentences_add_up(encoder, references):
    prepared = prepare([Document(n, t) for n, t in (("a", SAID), ("b", OTHER), ("c", SAID))], encoder, common=20)
    sides = (0, Span(0, len(SAID))), (2, Span(0, len(SAID)))
    words = FolderLanguage(prepared).surprise(*sides, named=references == 1)
    sentences = FolderMeaning(prepared).surprise(*sides)
    assert words > 0 < sentences
    assert FolderEvidence(prepared, references).of(*sides) == pytest.approx(words + sentences)
