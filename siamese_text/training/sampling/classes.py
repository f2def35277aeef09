"""Batches of texts with classes: several of each, or few-shot episodes."""

from __future__ import annotations

import numpy as np

from siamese_text.errors import UsageError
from siamese_text.training.sampling.filling import Limit, fill
from siamese_text.training.sampling.options import BatchOptions, Floats, Integers, checked_labels


class ClassSampler:
    """Batches of several texts of each of several classes, or few-shot episodes.

    The rows of a batch stand class by class. With ``per_class`` every row stands in an epoch: a class whose number of
    texts is no multiple of it repeats some of its own, also a class with fewer texts than that. A batch at the end may
    have fewer classes, and one of a single class is dropped, where one class has many more texts than the others. An
    episode repeats no text: classes with too few for one are left out, and so is in each epoch what does not fill an
    episode; the first ``shots`` rows of each class are the support.
    """

    def __init__(self, columns: Integers, labels: Floats | None, options: BatchOptions) -> None:
        setting = "per_class" if options.episode is None else "episode"
        labels = checked_labels(columns, labels, 1, f"{setting} needs rows of one text and the number of its class")
        ordered = np.argsort(labels, kind="stable")
        self.classes = np.split(ordered, np.flatnonzero(np.diff(labels[ordered])) + 1)
        self.options = options
        if options.episode is not None:
            self.ways, shots, queries = options.episode
            self.texts = shots + queries
            self.classes = [rows for rows in self.classes if len(rows) >= self.texts]
            named = f"ways {self.ways}, shots {shots}, queries {queries}"
            needs = f"{named} need {self.ways} classes of {self.texts} texts or more"
            advice = "lower ways, shots or queries"
        else:
            assert options.per_class is not None
            self.texts = options.per_class
            self.ways = options.batch_size // self.texts
            needs = f"batch_size {options.batch_size} with per_class {self.texts} needs {self.ways} classes"
            advice = f"set per_class={-(-options.batch_size // len(self.classes))} or a lower batch_size"
        if len(self.classes) < self.ways:
            raise UsageError(f"{needs}; there are {len(self.classes)}; {advice}")

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        random = np.random.default_rng([self.options.seed, epoch])
        # 1. Cut the rows of each class into groups, of as many texts as a batch shows of a class.
        groups = [(number, group) for number, rows in enumerate(self.classes) for group in self._groups(rows, random)]
        keys = [frozenset([number]) for number, _ in groups]
        # 2. Put the groups, shuffled, into batches of ``ways`` groups, never two of one class into one batch.
        order = random.permutation(len(groups)).tolist()
        filled = fill(order, keys, [1] * len(groups), Limit(self.ways, None, 1), apart=True)
        # 3. Keep whole episodes; other batches also with fewer classes, but with two, and a text for each process.
        least = self.ways if self.options.episode else max(2, -(-self.options.processes // self.texts))
        kept = [[row for group in batch for row in groups[group][1]] for batch in filled if len(batch) >= least]
        return [kept[index] for index in random.permutation(len(kept))]

    def _groups(self, rows: Integers, random: np.random.Generator) -> list[list[int]]:
        """Cut the rows of a class at random into groups of ``texts``."""
        rows = random.permutation(rows)
        whole = len(rows) // self.texts * self.texts
        groups: list[list[int]] = rows[:whole].reshape(-1, self.texts).tolist()
        if self.options.episode is None and whole < len(rows):
            # The last rows, filled up with those before them; a class too small for one group goes round.
            groups.append((rows[-self.texts :] if whole else np.resize(rows, self.texts)).tolist())
        return groups
