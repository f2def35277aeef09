"""The thresholds of a check."""

from __future__ import annotations

from dataclasses import dataclass

from siamese_text.errors import UsageError


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The thresholds of a check.

    An excess is a cosine less what two documents on one topic make one expect (see ``PairSimilarity``). It proposes
    passages; what counts is decided by their evidence, in nats (see ``FolderEvidence``).

    Attributes:
        min_document_words: A shorter document is not checked.
        min_run_words: Every shared run of this many words is found.
        ngram_words: How many words a fingerprint holds.
        false_share: The share of the listed pairs that may be there by chance; where nobody copied, of the folders in
            which any pair is listed.
        paraphrase_strength: In fewer than 20 documents, which say too little of what chance does among them: the least
            strength of a long passage that was found by its meaning (see ``Alignment``); one of n words must have
            1/n more. A weaker one that is no copy needs three times the evidence.
        borderline: A passage that lacks no more than this share of the evidence that it needs is left to the
            decision of the model.
        seed_excess: The least excess of the sentences that a passage grows from.
        promising_cosine: Documents without two windows of this cosine are not aligned.
        max_gap: How many sentences without a partner it may hold in one place.
        common_documents: A run or sentence in more different texts than this is a template ...
        common_share: ... unless the folder is so large that this share of it is more.
    """

    min_document_words: int = 20
    min_run_words: int = 8
    ngram_words: int = 5
    false_share: float = 0.05
    paraphrase_strength: float = 0.45
    borderline: float = 0.05
    seed_excess: float = 0.3
    promising_cosine: float = 0.36
    max_gap: int = 1
    common_documents: int = 20
    common_share: float = 0.05

    def __post_init__(self) -> None:
        if not 1 <= self.ngram_words <= self.min_run_words:
            raise UsageError(
                f"ngram_words is {self.ngram_words}; give 1 to {self.min_run_words}, the value of min_run_words"
            )
        if not 0 < self.false_share < 1:
            raise UsageError(f"the false share is {self.false_share:g}; give more than 0 and less than 1, such as 0.05")

    def common(self, documents: int) -> int:
        """Return how many different texts of a folder may share a sentence that is no template."""
        return max(self.common_documents, int(self.common_share * documents))
