"""How batches are composed: which rows of a training set stand together, epoch by epoch.

``plan`` picks the sampler for some options. A sampler's ``batches(epoch)`` is the whole epoch as a list, the same for
the same seed and epoch, so that a run is resumed by leaving out the batches that it has seen. Its batches are those of
all processes together, and ``share`` gives one process its part: one process with 2B rows a batch and two processes
with B rows each learn from the same batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siamese_text.errors import UsageError

POOL = 50  # batches that are sorted by length together: enough to fill them evenly, few enough to stay random

Integers = NDArray[np.int64]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How batches are to be composed; of ``balance``, ``distinct_texts``, ``per_class`` and ``episode`` at most one.

    Attributes:
        batch_size: Rows a batch, of all processes together.
        batch_tokens: Instead of ``batch_size``: the distinct texts of a batch times the tokens of its longest one are
            at most this. A batch goes above it only to hold a single row that is too long, or as many rows as
            there are processes, or the two that in-batch negatives need.
        shared_texts: Keep rows that share a text together, so that a batch has fewer texts to encode.
        balance: Repeat rows of the rarer label until both are as many, and make every batch half and half.
        distinct_texts: Let no text stand in two rows of a batch, as losses with in-batch negatives need.
        per_class: Texts of each class of a batch.
        episode: Classes of a few-shot batch, support texts a class, and query texts a class. Each batch is one episode.
        processes: Among how many a batch is shared.
        seed: Of the order.
    """

    batch_size: int = 32
    batch_tokens: int | None = None
    shared_texts: bool = True
    balance: bool = False
    distinct_texts: bool = False
    per_class: int | None = None
    episode: tuple[int, int, int] | None = None
    processes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("batch_size", 1), ("batch_tokens", 1), ("processes", 1), ("seed", 0)):
            _at_least(name, getattr(self, name), least)
        values = [(name, getattr(self, name)) for name in ("balance", "distinct_texts", "per_class", "episode")]
        chosen = [name for name, value in values if value is not None and value is not False]
        if len(chosen) > 1:
            raise UsageError(f"{' and '.join(chosen)} are set, but each composes batches in its own way; choose one")
        if self.batch_tokens is not None and chosen in (["per_class"], ["episode"]):
            raise UsageError(
                f"batch_tokens is set together with {chosen[0]}, which fixes the rows of a batch; drop one"
            )
        if self.batch_tokens is None and self.episode is None:
            least = max(self.processes, 2 if self.distinct_texts else 1)
            reason = "one for each process" if self.processes >= least else "so that there are in-batch negatives"
            _at_least("batch_size", self.batch_size, least, reason)
        self._check_classes()

    def _check_classes(self) -> None:
        _at_least("per_class", self.per_class, 2, "so that each text has another of its class")
        per_class = self.per_class
        if per_class is not None and (self.batch_size % per_class or self.batch_size < 2 * per_class):
            raise UsageError(
                f"batch_size is {self.batch_size} with per_class {per_class}; it must be a multiple of per_class that "
                f"holds at least 2 classes, such as {2 * per_class}"
            )
        if self.episode is not None:
            ways, shots, queries = self.episode
            if ways < 2 or shots < 1 or queries < 1:
                raise UsageError(
                    f"episode is {self.episode}; it must be (classes, support texts a class, query texts a class) with "
                    f"at least 2 classes and 1 text each, such as (5, 1, 5)"
                )
            _at_least("the number of texts of an episode", ways * (shots + queries), self.processes)


class Sampler(Protocol):
    """Composes the batches of an epoch."""

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        ...


def plan(columns: Integers, labels: Floats | None, text_lengths: Integers, options: BatchOptions) -> Sampler:
    """Return the sampler that composes batches as the options say.

    Args:
        columns: (N, C), which distinct text stands in each column of a row. Texts that count as equal, such as those
            that differ in case alone, may be given the same number.
        labels: (N,), or None: 0 to 1 for pairs, the number of the class for single texts.
        text_lengths: (distinct texts,), in tokens.
        options: How.

    Returns:
        The sampler. Unless it repeats rows (``balance``, ``per_class``), an epoch holds a row at most once; what it
        leaves out is told by ``measure``.

    Raises:
        UsageError: The data cannot be composed like that.

    Example:
        >>> columns = np.array([[0, 1], [2, 3], [0, 4], [2, 5]])  # rows 0 and 2 share a text, and so do rows 1 and 3
        >>> sampler = plan(columns, None, np.full(6, 10), BatchOptions(batch_size=2))
        >>> sorted(sorted(batch) for batch in sampler.batches(epoch=0))
        [[0, 2], [1, 3]]
        >>> sampler = plan(columns, None, np.full(6, 10), BatchOptions(batch_size=2, distinct_texts=True))
        >>> all({0, 2} != set(batch) != {1, 3} for batch in sampler.batches(epoch=0))
        True
    """
    if options.per_class is not None or options.episode is not None:
        return ClassSampler(columns, labels, options)
    return RowSampler(columns, labels, text_lengths, options)


def share(batch: Sequence[int], rank: int, processes: int) -> list[int]:
    """Return the rows of a batch that one of several processes takes: every so-manieth, so that lengths are even.

    Example:
        >>> share([7, 3, 5, 4, 1], rank=1, processes=2)
        [3, 4]
    """
    return list(batch[rank::processes])


def interleave(
    sizes: Sequence[int], *, how: Literal["proportional", "round-robin"] = "proportional", seed: int = 0, epoch: int = 0
) -> list[int]:
    """Say which of several training sets gives each batch of an epoch.

    Args:
        sizes: The number of batches of each set in this epoch.
        how: ``proportional`` takes all batches of all sets, in random order. ``round-robin`` takes one of each in
            turn and ends with the shortest set, so that what the longer ones have beyond it is left out this epoch.
        seed: Of the random order.
        epoch: Likewise.

    Returns:
        For each batch the position of its set in ``sizes``.

    Raises:
        UsageError: ``how`` is neither.

    Example:
        >>> interleave([3, 2], how="round-robin")
        [0, 1, 0, 1]
        >>> sorted(interleave([3, 2], how="proportional"))
        [0, 0, 0, 1, 1]
    """
    if how == "round-robin":
        return list(range(len(sizes))) * min(sizes, default=0)
    if how == "proportional":
        random = np.random.default_rng([seed, epoch])
        return random.permutation(np.repeat(np.arange(len(sizes)), sizes)).tolist()  # type: ignore[no-any-return]
    raise UsageError(f"how is '{how}'; choose proportional or round-robin")


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """What some batches cost and leave out.

    Attributes:
        batches: How many there are.
        left_out: Rows of the training set that stand in none of them.
        texts_per_row: Distinct texts to encode, by batch, over rows.
        padding: Share of padding among the tokens of the padded batches, in [0, 1].
    """

    batches: int
    left_out: int
    texts_per_row: float
    padding: float


def measure(batches: Sequence[Sequence[int]], columns: Integers, text_lengths: Integers) -> BatchFigures:
    """Count what batches cost and leave out.

    Example:
        >>> measure([[0, 1]], np.array([[0, 1], [0, 2], [3, 4]]), np.array([4, 3, 2, 9, 9]))
        BatchFigures(batches=1, left_out=1, texts_per_row=1.5, padding=0.25)
    """
    lengths = [text_lengths[np.unique(columns[list(batch)])] for batch in batches]
    rows = sum(map(len, batches))
    padded = sum(len(batch) * int(batch.max()) for batch in lengths)
    return BatchFigures(
        batches=len(batches),
        left_out=len(columns) - len({row for batch in batches for row in batch}),
        texts_per_row=sum(map(len, lengths)) / max(rows, 1),
        padding=1 - sum(int(batch.sum()) for batch in lengths) / max(padded, 1),
    )


class RowSampler:
    """Batches of rows of similar length: with shared texts together, or with none twice, or half and half.

    Every row stands in an epoch exactly once, and one that ``balance`` repeats more often, except for those of batches
    with fewer rows than processes or, with ``distinct_texts``, of a single row. Such a batch is dropped: the last one
    of an epoch, with ``distinct_texts`` the last few, and many where a text stands in more rows than there are batches.
    """

    def __init__(self, columns: Integers, labels: Floats | None, text_lengths: Integers, options: BatchOptions) -> None:
        self.options = options
        self.least = max(options.processes, 2 if options.distinct_texts else 1)  # rows of a batch
        if len(columns) < self.least:
            raise UsageError(f"there are {len(columns)} rows; a batch needs at least {self.least}; add rows")
        self.keys = [frozenset(texts) for texts in columns.tolist()]
        self.lengths: Integers = text_lengths[columns].max(axis=1)  # (N,)
        self.positive = _both_labels(columns, labels) if options.balance else None  # (N,)
        self.groups = np.arange(len(columns))
        if options.shared_texts and not options.distinct_texts:
            self.groups = _sharing(columns)
        self.room = options.batch_size
        if options.batch_tokens is not None:  # about as many rows as the budget holds
            self.room = max(self.least, int(options.batch_tokens / (columns.shape[1] * max(self.lengths.mean(), 1))))

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        random = np.random.default_rng([self.options.seed, epoch])
        rows, copies = self._rows(random)
        rows = rows[self._order(rows, copies, random)]
        if self.positive is not None:
            same = self.positive[rows]
            rows = np.stack([rows[same], rows[~same]], axis=1).ravel()
        tokens = self.options.batch_tokens
        limit = _Limit(self.options.batch_size if tokens is None else None, tokens, self.least)
        filled = _fill(rows.tolist(), self.keys, self.lengths.tolist(), limit, apart=self.options.distinct_texts)
        kept = [batch for batch in filled if len(batch) >= self.least]
        return [kept[index] for index in random.permutation(len(kept))]

    def _rows(self, random: np.random.Generator) -> tuple[Integers, Integers]:
        """Return the rows of an epoch and, for each, how many times it has been there before."""
        rows = np.arange(len(self.lengths))
        if self.positive is None:
            return rows, np.zeros_like(rows)
        positives, negatives = np.flatnonzero(self.positive), np.flatnonzero(~self.positive)
        rarer, lacking = min(positives, negatives, key=len), abs(len(positives) - len(negatives))
        repeated = np.resize(random.permutation(rarer), lacking)  # as evenly often as can be
        times = 1 + np.arange(lacking) // len(rarer)
        return np.concatenate([rows, repeated]), np.concatenate([np.zeros_like(rows), times])

    def _order(self, rows: Integers, copies: Integers, random: np.random.Generator) -> Integers:
        """Return an order in which neighbours are of similar length and, where wanted, share texts.

        Groups of rows that share texts are shuffled and sorted by length within pools of ``POOL`` batches, upwards
        and downwards in turn so that one pool ends at the length where the next begins.
        """
        pieces = _pieces(self.groups[rows], copies, self.lengths[rows], self.room, random)  # (M,)
        count = int(pieces.max()) + 1
        longest = np.zeros(count, dtype=np.int64)
        np.maximum.at(longest, pieces, self.lengths[rows])
        shuffled = random.permutation(count)
        before = np.empty(count, dtype=np.int64)  # rows of the pieces before, in the shuffled order
        sizes = np.bincount(pieces)[shuffled]
        before[shuffled] = np.cumsum(sizes) - sizes
        pool = before // (POOL * self.room)
        upwards = (pool + random.integers(2)) % 2 == 0
        rank = np.empty(count, dtype=np.int64)
        blurred = longest * random.uniform(0.95, 1.05, count)  # or small sets had the same batches each epoch
        rank[np.lexsort((np.where(upwards, blurred, -blurred), pool))] = np.arange(count)
        return np.argsort(rank[pieces], kind="stable")


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
        labels = _labels(columns, labels, 1, f"{setting} needs rows of one text and the number of its class")
        ordered = np.argsort(labels, kind="stable")
        self.classes = np.split(ordered, np.flatnonzero(np.diff(labels[ordered])) + 1)
        self.options = options
        if options.episode is not None:
            self.ways, shots, queries = options.episode
            self.texts = shots + queries
            self.classes = [rows for rows in self.classes if len(rows) >= self.texts]
            needs = f"episode is {options.episode}, which needs {self.ways} classes of {self.texts} texts or more"
        else:
            assert options.per_class is not None
            self.texts = options.per_class
            self.ways = options.batch_size // self.texts
            needs = f"batch_size {options.batch_size} with per_class {self.texts} needs {self.ways} classes"
        if len(self.classes) < self.ways:
            raise UsageError(f"{needs}; there are {len(self.classes)}; ask for fewer classes a batch")

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the rows of each batch of an epoch, for all processes together."""
        random = np.random.default_rng([self.options.seed, epoch])
        groups = [(number, group) for number, rows in enumerate(self.classes) for group in self._groups(rows, random)]
        keys = [frozenset([number]) for number, _ in groups]
        order = random.permutation(len(groups)).tolist()
        filled = _fill(order, keys, [1] * len(groups), _Limit(self.ways, None, 1), apart=True)
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


@dataclass(frozen=True, slots=True)
class _Limit:
    """How much a batch holds: rows or tokens, and the rows it may always hold."""

    rows: int | None
    tokens: int | None
    least: int


class _Filling:
    """A batch that is being filled."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.keys: set[int] = set()
        self.longest = 0

    def admits(self, keys: frozenset[int], length: int, limit: _Limit) -> bool:
        if len(self.rows) < limit.least:
            return True
        if limit.tokens is None:
            return limit.rows is None or len(self.rows) < limit.rows
        return len(self.keys | keys) * max(self.longest, length) <= limit.tokens

    def add(self, row: int, keys: frozenset[int], length: int) -> None:
        self.rows.append(row)
        self.keys |= keys
        self.longest = max(self.longest, length)


def _fill(
    order: Iterable[int], keys: Sequence[frozenset[int]], lengths: Sequence[int], limit: _Limit, *, apart: bool
) -> list[list[int]]:
    """Put each row into the first batch that has room for it.

    With ``apart``, that is the first one after every batch that holds one of its keys: a row that would meet its like
    waits for a later batch. Full batches are skipped by a chain of pointers that is shortened on the way (as in
    union-find), so the time is nearly linear in the number of rows.
    """
    batches: list[_Filling] = []
    following = [0]  # following[i] is i while batch i has room or is not begun, and a later batch after that
    after: dict[int, int] = {}  # the first batch that a key may stand in
    for row in order:
        own, length = keys[row], lengths[row]
        place = _with_room(following, max(after.get(key, 0) for key in own) if apart else 0)
        while place < len(batches) and not batches[place].admits(own, length, limit):
            following[place] = place + 1
            place = _with_room(following, place)
        if place == len(batches):
            batches.append(_Filling())
            following.append(place + 1)
        batches[place].add(row, own, length)
        if apart:
            after.update(dict.fromkeys(own, place + 1))
    return [batch.rows for batch in batches]


def _with_room(following: list[int], place: int) -> int:
    while following[place] != place:
        following[place] = following[following[place]]
        place = following[place]
    return place


def _sharing(columns: Integers) -> Integers:
    """Number the rows so that those have the same number which share a text, be it over other rows."""
    rows, width = columns.shape
    texts = int(columns.max(initial=0)) + 1
    row = np.repeat(np.arange(rows), width)
    links = coo_array((np.ones(rows * width, dtype=bool), (row, rows + columns.ravel())), shape=(rows + texts,) * 2)
    _, numbers = connected_components(links, directed=False)
    return np.asarray(numbers[:rows], dtype=np.int64)


def _pieces(groups: Integers, copies: Integers, lengths: Integers, room: int, random: np.random.Generator) -> Integers:
    """Number the rows by group, a repeated row apart from its first time, and cut groups above ``room``.

    They are cut into rows of similar length, by lengths that are blurred so that each epoch cuts elsewhere.
    """
    order = np.lexsort((lengths * random.uniform(0.8, 1.2, len(groups)), copies, groups))
    begins = np.diff(groups[order], prepend=-1) != 0
    begins |= np.diff(copies[order], prepend=-1) != 0
    starts = np.flatnonzero(begins)
    place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    pieces = np.empty_like(groups)
    pieces[order] = np.cumsum(place % room == 0) - 1
    return pieces


def _both_labels(columns: Integers, labels: Floats | None) -> NDArray[np.bool_]:
    """Say which rows are positives, where there are both kinds."""
    labels = _labels(columns, labels, 2, "balance needs pairs labelled 0 and 1")
    positive = labels >= 0.5
    if positive.all() or not positive.any():
        seen = ", ".join(f"{label:g}" for label in np.unique(labels)[:5])
        raise UsageError(f"balance needs pairs of label 1 and pairs of label 0; the labels seen are {seen or 'none'}")
    return positive


def _labels(columns: Integers, labels: Floats | None, width: int, needs: str) -> Floats:
    """Return the labels of rows with so many texts."""
    if labels is None or columns.shape[1] != width:
        seen = "no labels" if labels is None else f"rows of {columns.shape[1]} texts"
        raise UsageError(f"{needs}; this training set has {seen}")
    return labels


def _at_least(name: str, value: int | None, least: int, reason: str = "") -> None:
    if value is not None and value < least:
        raise UsageError(f"{name} is {value}; it must be at least {least}{reason and f', {reason}'}")
