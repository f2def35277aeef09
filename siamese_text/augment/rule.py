"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from siamese_text.augment.sentence import Sentence

MOST_ERRORS = 0.1  # of the outputs that were read, for a rule that is on by default


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to rewrite a sentence.

    Attributes:
        name: As ``--rules`` takes it.
        label: 1 where the result says the same, 0 where it says something else.
        description: In a few words.
        apply: Returns the new sentence, or None where the rule does not fit or is not sure.
        errors: Wrong ones among the outputs that were read one by one: not grammatical though the sentence was, or of
            the other label.
        read: How many were read: 100, or as many as could be found.
    """

    name: str
    label: int
    description: str
    apply: Callable[[Sentence, Random], str | None]
    errors: int
    read: int = 100

    @property
    def default(self) -> bool:
        """Whether the rule is on unless rules are named."""
        return self.errors <= MOST_ERRORS * self.read
