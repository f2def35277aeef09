"""What sentences without labels teach: pairs that rules make of them, and each sentence beside itself.

A sentence beside itself is two views of it, which differ by dropout alone (SimCSE, Gao, Yao and Chen 2021): the loss
asks that they find each other among the other sentences of a batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from siamese_text.augment import augment, choose_rules, collect_names
from siamese_text.data.examples import ExampleSet, evaluation_pairs
from siamese_text.data.splits import split_by_sentence
from siamese_text.errors import BadData, NothingToDo
from siamese_text.records import Example, Pair
from siamese_text.vectors.sources import open_source


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """What is made of sentences without labels.

    Attributes:
        source: The file that holds the sentences.
        origin: Where the sentences were read from, in words.
        made: What the rules of ``augment`` made, look-alikes and rewordings.
        views: Each sentence beside itself.
    """

    source: str
    origin: str
    made: tuple[Pair, ...]
    views: ExampleSet

    def pairs(self) -> ExampleSet:
        """Return all pairs to learn from: look-alikes, rewordings, and first texts beside others' rewordings."""
        return self._pair_set(self.made, "all", "the pairs")

    def parts(self) -> dict[str, ExampleSet]:
        """Return the pairs of nine tenths of the sentences, ``train``, and of the rest, ``validation``.

        Raises:
            BadData: There are too few pairs of one label for both.
        """
        train, validation = split_by_sentence(self.made)
        if any({pair.label for pair in part} != {0.0, 1.0} for part in (train, validation)):
            count = Counter(pair.label for pair in self.made)
            raise BadData(
                f"rules made {count[1.0]} rewordings and {count[0.0]} look-alikes of {self.source}, too few of one "
                "to learn from some and be validated on others; give more sentences, or labelled pairs too (--dataset)"
            )
        return {
            "train": self._pair_set(train, "train", "nine tenths of the pairs"),
            "validation": self._pair_set(validation, "validation", "a tenth of the pairs"),
        }

    def _pair_set(self, made: Sequence[Pair], split: str, share: str) -> ExampleSet:
        pairs = (*made, *_unrelated(made))
        rows = tuple(Example(pair.sides, pair.label) for pair in pairs)
        origin = f"{share} that rules make of {self.origin}"
        return ExampleSet(rows, pairs, "pairs", self.source, split, origin)


def read_unlabelled(source: str, seed: int) -> Unlabelled:
    """Read sentences, make pairs of them by the default rules of ``augment``, and lay each beside itself.

    Args:
        source: A file with one sentence a line, or a table with the column ``text``; it may be compressed (``.gz``).
        seed: Decides what the rules choose.

    Returns:
        Pairs and views of the distinct sentences.

    Raises:
        MissingInput: There is no such file.
        BadData: It cannot be read.
        NothingToDo: It holds fewer than two sentences, or none that a rule fits.
    """
    texts = list(dict.fromkeys(text.strip() for text, _ in open_source(source).rows() if text.strip()))
    if len(texts) < 2:
        found = "one sentence" if texts else "no sentences"
        raise NothingToDo(f"{source} holds {found}; give two or more, one a line or in a column text")
    made = tuple(augment(texts, choose_rules(), names=collect_names(texts), seed=seed))
    if not made:
        raise NothingToDo(f"no rule fits any of the {len(texts)} texts of {source}; give sentences of 4 to 40 words")
    origin = f"the {len(texts):,} sentences of {source}"
    views = tuple(Example((text, text)) for text in texts)
    return Unlabelled(source, origin, made, ExampleSet(views, (), "positives", source, "all", origin))


def _unrelated(made: Sequence[Pair]) -> list[Pair]:
    """Return first texts beside the rewording of another: without them a head would know nothing but near pairs."""
    rewordings = [Example(pair.sides) for pair in made if pair.label == 1]
    drawn = evaluation_pairs(rewordings, "positives")
    return [replace(pair, kind="unrelated") for pair in drawn if pair.label == 0]
