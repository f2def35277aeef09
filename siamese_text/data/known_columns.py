"""Columns under the names that published sets and other libraries give them, and columns that nothing would read.

A label that is overlooked teaches that everything says the same. So a known name is taken for what it is, and said; and
where no label was found, a column that nobody knows is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from siamese_text.data.tables import Table
from siamese_text.errors import BadData
from siamese_text.warn import warn_user

OURS = ("sentence1", "sentence2", "label", "anchor", "positive", "negative", "text")
# Two sides of a pair: ours in capitals or not, those of QQP, SICK, SNLI and MRPC, and what tables of one's own have.
SIDES = (
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("sentence_a", "sentence_b"),
    ("premise", "hypothesis"),
    ("#1 string", "#2 string"),
    ("text1", "text2"),
)
LABELS = (
    "label",
    "labels",
    "is_duplicate",
    "duplicate",
    "is_paraphrase",
    "paraphrase",
    "score",
    "similarity",
    "similarity_score",
    "relatedness_score",
    "gold_label",
    "quality",
)
TEXTS = ("text", "utterance", "sentence", "query", "question", "message", "content")  # of texts with classes
CLASSES = ("label", "labels", "intent", "category", "class", "topic")
NO_LABELS = frozenset(("id", "idx", "index", "guid", "pair_id", "pairid", "qid1", "qid2", "kind"))
IGNORED = "ignore"  # what a column is renamed to that is not to be read


def known_columns(table: Table, renames: Mapping[str, str]) -> Mapping[str, str]:
    """Add the columns to some renames that are known under other names than ours, and say which.

    Args:
        table: The table.
        renames: What the user said that a column is called there and what it is here.

    Returns:
        The renames with the two sides of pairs and the label, or a text and its class, where the table has none of our
        names for them and only one column, or two for the sides, that can be meant.
    """
    taken = {renames.get(name, name) for name in table.columns} & set(OURS)
    free = {name.casefold(): name for name in table.columns if name not in renames and name not in OURS}
    found: dict[str, str] = {}
    if not taken - {"label"}:
        sides = [pair for pair in SIDES if set(pair) <= set(free)]
        if len(sides) == 1:
            found = dict(zip(map(free.__getitem__, sides[0]), ("sentence1", "sentence2"), strict=True))
    paired = {"sentence1", "sentence2"} <= taken | set(found.values())
    labels = [free[name] for name in LABELS if name in free]
    if "label" not in taken and len(labels) == 1 and (paired or {"anchor", "positive"} <= taken):
        found[labels[0]] = "label"
    if not paired and not taken - {"text", "label"}:
        found = _known_classes(free, taken)
    if found:
        said = ", ".join(f"{theirs} as {ours}" for theirs, ours in found.items())
        warn_user(f"{table.name}: read {said}; --columns says otherwise")
    return {**renames, **found}


def _known_classes(free: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """Return the renames of a text and its class; none where one of them is missing or two may be meant."""
    found = {}
    for ours, names in (("text", TEXTS), ("label", CLASSES)):
        known = [free[name] for name in names if name in free]
        if ours in taken:
            continue
        if len(known) != 1:
            return {}
        found[known[0]] = ours
    return found


def check_unread(table: Table, renames: Mapping[str, str], read: Collection[str]) -> None:
    """Refuse rows without labels that have a column which nothing reads, and which may hold the labels.

    Args:
        table: The table.
        renames: What a column is called there and what it is here.
        read: Our names of the columns that are read.

    Raises:
        BadData: There is such a column; the message names it and both ways out.
    """
    unread = [
        name
        for name in table.columns
        if renames.get(name, name) not in (*read, IGNORED) and name.casefold() not in NO_LABELS
    ]
    if unread:
        raise BadData(
            f"{table.name} is read without labels, and nothing reads its column {' nor '.join(unread)}; "
            f"--columns {unread[0]}=label reads it as the label, --columns {unread[0]}={IGNORED} leaves it out"
        )
