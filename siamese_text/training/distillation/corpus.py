"""The sentences that a student learns from, apart from those that it is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siamese_text.data.examples import ExampleSet
from siamese_text.data.given import GivenData
from siamese_text.data.loading import load_examples
from siamese_text.data.sentences import GivenSentences, read_sentences
from siamese_text.data.splits import bag_of_words, sentences_of
from siamese_text.errors import MissingInput, NothingToDo
from siamese_text.training.distillation.settings import DistillSettings

HELD_OUT_SHARE = 0.1  # of few sentences, at most this much is held out


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sentences of a distillation.

    Attributes:
        training: The sentences to learn from; no two have the same words.
        held_out: Others, to measure imitation on.
        evaluated: The held-out pairs of data sets, by ``name/split``.
        left_out: How many sentences were left out of training since held-out pairs have them, in any word order.
    """

    training: tuple[str, ...]
    held_out: tuple[str, ...]
    evaluated: Mapping[str, ExampleSet]
    left_out: int


def load_corpus(settings: DistillSettings, data_dir: Path | None) -> Corpus:
    """Read the sentences, leave out those of the held-out pairs, and hold some out.

    Args:
        settings: Sources, data sets, how many to hold out, and the limit.
        data_dir: A folder with data sets by name.

    Returns:
        The corpus, in a seeded order.

    Raises:
        MissingInput: A file or data set was found nowhere.
        NothingToDo: There are no sentences, or all are held-out ones.
    """
    evaluated = {
        f"{part.name}/{part.split}": part
        for name in _names(settings.dataset)
        for part in _held_out_parts(name, data_dir)
    }
    taken = {bag_of_words(text) for part in evaluated.values() for text in sentences_of(part.examples)}
    found: dict[str, str] = {}
    for source in _names(settings.sentences):
        for sentence in read_sentences(source, data_dir=data_dir):
            found.setdefault(bag_of_words(sentence), sentence)
    free = [sentence for words, sentence in found.items() if words not in taken]
    if len(free) < 2:
        seen = f", {len(found) - len(free)} of them in held-out pairs" if found else ""
        raise NothingToDo(f"{settings.sentences} holds {len(found)} sentences{seen}; give more to learn from")
    order = np.random.default_rng(settings.seed).permutation(len(free))
    held_out = min(settings.held_out, max(1, int(HELD_OUT_SHARE * len(free))))
    end = None if settings.max_train_samples is None else held_out + settings.max_train_samples
    chosen = [free[row] for row in order[:end]]
    return Corpus(tuple(chosen[held_out:]), tuple(chosen[:held_out]), evaluated, len(found) - len(free))


def _names(listed: str) -> list[str]:
    """Split names at commas; the path of a file and the name of data in memory are one, whatever they hold."""
    if isinstance(listed, GivenSentences | GivenData) or Path(listed).is_file():
        return [listed]
    return [name.strip() for name in listed.split(",") if name.strip()]


def _held_out_parts(name: str, data_dir: Path | None) -> Iterator[ExampleSet]:
    """Load the validation rows of a data set, and its test rows where it has any with labels."""
    yield from load_examples(name, ("validation",), data_dir=data_dir)
    with suppress(MissingInput, NothingToDo):
        yield from load_examples(name, ("test",), data_dir=data_dir)
