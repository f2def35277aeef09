"""The evidence of a passage: what its words and its sentences have in common beyond what the folder explains."""

from __future__ import annotations

from collections.abc import Sequence

from siamese_text.plagiarism.finding.language import FolderLanguage
from siamese_text.plagiarism.finding.meaning import FolderMeaning
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.records import Span


class FolderEvidence:
    """What a folder knows of itself, and how little of that explains a passage that two of its documents share.

    Args:
        documents: All documents of the folder, references last.
        references: How many of them are sources that somebody named.
    """

    def __init__(self, documents: Sequence[Prepared], references: int) -> None:
        self._language = FolderLanguage(documents)
        self._meaning = FolderMeaning(documents) if documents[0].table.shape[1] else None
        self._named = len(documents) - references

    def of(self, left: tuple[int, Span], right: tuple[int, Span]) -> float:
        """Return the evidence that one of two passages was made from the other, or both from one text.

        Args:
            left: The place of a document in the folder, and a span of its characters.
            right: The same of the other passage.

        Returns:
            Nats, 0 or more: those of the words in common and those of the sentences that say the same.
        """
        named = max(left[0], right[0]) >= self._named
        nats = self._language.surprise(left, right, named=named)
        return nats + self._meaning.surprise(left, right) if self._meaning else nats
