"""Why a passage counts, in words that a teacher understands: what agrees, how rare it is, how probable by chance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from siamese_text import text
from siamese_text.plagiarism.findings import Background, ChanceFindings, Match
from siamese_text.plagiarism.report.words import counted, whole_percent
from siamese_text.records import Passage, Span

_FEWEST_DOCUMENTS = 5  # of fewer, no word is rare
_RARE = 0.1  # of the documents have a rare word at most
_MOST_WORDS = 6  # rare words that are named
_SMALL = 3  # letters of a word that says nothing where it stands alone between others
_NEVER = 1e-9  # the p-value of what was not seen
_OFTEN = 0.5
_SMALLEST = 0.0001  # a smaller p is more than anybody reads
_MOST_CELLS = 400_000_000  # of a table of words, a bit each
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class CommonWords:
    """The words that two passages have in common in the same order.

    Attributes:
        left: The runs of them in the left document, each a span of its characters.
        right: The same runs in the right document.
        words: How many they are.
        of: The number of words of the longer passage.
        sentences: The sentences of the left passage ...
        kept: ... of which so many have at least half of their words there.
    """

    left: tuple[Span, ...]
    right: tuple[Span, ...]
    words: int
    of: int
    sentences: int
    kept: int


def common_words(match: Match) -> CommonWords:
    """Align the words of two passages, as folded for comparing.

    Args:
        match: The two passages.

    Returns:
        The longest sequence of words that both hold, less small words that stand alone in it; of two passages whose
        table of words has no room in memory, such as two books, only how many words they have in common.
    """
    left, right = text.words(match.left.text), text.words(match.right.text)
    forms = [word.form for word in left], [word.form for word in right]
    if forms[0] == forms[1]:
        runs = [(0, 0, len(left))]
    elif len(left) * len(right) <= _MOST_CELLS:
        runs = [
            (block.src_start, block.dest_start, block.src_end - block.src_start)
            for block in LCSseq.opcodes(*forms)
            if block.tag == "equal"
        ]
    else:
        runs = []
    runs = [run for run in runs if run[2] > 1 or len(forms[0][run[0]]) > _SMALL or len(runs) == 1]
    spans = [
        (_span(match.left, left, start, size), _span(match.right, right, other, size)) for start, other, size in runs
    ]
    common = {place for start, _, size in runs for place in range(start, start + size)}
    sentences = [
        [place for place, word in enumerate(left) if sentence.start <= word.span.start < sentence.end]
        for sentence in text.sentences(match.left.text)
    ]
    sentences = [places for places in sentences if places]
    return CommonWords(
        tuple(one for one, _ in spans),
        tuple(other for _, other in spans),
        len(common) or round(match.word_similarity * (len(left) + len(right)) / 2),
        max(len(left), len(right)),
        len(sentences),
        sum(2 * len(common.intersection(places)) >= len(places) for places in sentences),
    )


class Rarity:
    """In how many documents of the folder each word stands.

    Args:
        documents: Their texts.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        self._documents: Counter[str] = Counter()
        self._count = 0
        for document in documents:
            self._documents.update(set(_WORD.findall(document.casefold())))
            self._count += 1

    def rare_words(self, match: Match) -> list[tuple[str, int]]:
        """Name words of both passages that few documents have, the rarest and longest first, with how many have them.

        Args:
            match: The two passages.

        Returns:
            At most six; none where there are too few documents to call a word rare.
        """
        if self._count < _FEWEST_DOCUMENTS:
            return []
        left, right = (set(_WORD.findall(side.text.casefold())) for side in (match.left, match.right))
        most = max(2, int(_RARE * self._count))
        rare = [word for word in left & right if self._documents[word] <= most and len(word) > _SMALL]
        rare.sort(key=lambda word: (self._documents[word], -len(word), word))
        return [(word, self._documents[word]) for word in rare[:_MOST_WORDS]]

    @property
    def documents(self) -> int:
        """How many documents were counted."""
        return self._count


def why_it_counts(
    match: Match, common: CommonWords, rarity: Rarity, chance: ChanceFindings | None, *, words: bool = True
) -> list[str]:
    """Say in whole sentences what speaks for a passage.

    Args:
        match: The two passages.
        common: What they have in common.
        rarity: How rare its words are.
        chance: Where it was learned what chance does.
        words: Whether words of the texts may be named.

    Returns:
        Sentences, none of which says more than was measured.
    """
    said = [f"{common.words:,} of {counted(common.of, 'word')} are the same, in the same order."]
    if common.sentences > 1 and common.kept:
        said.append(f"{common.kept} of {common.sentences} sentences have most of their words on the other side.")
    rare = rarity.rare_words(match) if words else []
    if rare:
        named = ", ".join(f"{word} ({number})" for word, number in rare)
        said.append(f"Rare words on both sides, and in how many of {rarity.documents} documents they stand: {named}.")
    if match.probability is not None:
        said.append(f"The model gives {whole_percent(match.probability)} that both passages say the same.")
    if match.p_value is not None:
        said.append(_by_chance(match.p_value, chance))
    return said


def _by_chance(p: float, chance: ChanceFindings | None) -> str:
    shipped = chance is not None and chance.background is Background.SHIPPED
    where = "In other folders as small as this one, where nobody copied" if shipped else "Where nobody copied"
    if p < _NEVER:
        return f"{where}, no two documents were seen with so much in common in one passage."
    often = f"about one pair of documents in {_round(1 / p):,}" if p < _OFTEN else "many a pair of documents"
    exactly = f"p = {p:.2g}" if p >= _SMALLEST else "p < 0.0001"
    return f"{where}, {often} has so much in common in one passage ({exactly})."


def _round(number: float) -> int:
    """Keep one digit, as an estimate deserves."""
    magnitude: int = 10 ** (len(str(int(number))) - 1)
    return round(number / magnitude) * magnitude


def _span(passage: Passage, words: list[text.Word], start: int, size: int) -> Span:
    return Span(passage.start + words[start].span.start, passage.start + words[start + size - 1].span.end)
