"""Which rows of two tables stand for the same thing, learned from the tables alone or with some labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from siamese_text.data.given import is_table, table_of
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.estimators.base import TextEstimator
from siamese_text.matching.columns import Column, read_columns
from siamese_text.matching.comparisons import Comparer
from siamese_text.matching.labelled import Regression
from siamese_text.matching.labels import among, read_labels, rows_of
from siamese_text.matching.look_alikes import learn
from siamese_text.matching.matched import Matched, put_together
from siamese_text.matching.mixture import Mixture, Scale
from siamese_text.matching.records import Records, decide_kinds, read_records, shared_columns
from siamese_text.warn import warn_user

FEW = 200  # candidates, of which no more than some twenty can match


class RecordMatcher(TextEstimator):
    """It finds the rows of two tables, or of one, that stand for the same thing.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        on: The columns to compare, ``title,price:number`` or a list; by default all that both tables have. What the
            tables call differently is ``title=name``, as the first and as the second has it. The kind of
            a column is ``text``, ``short``, ``number`` or ``date``; one that is not named is told by the cells.
        id_column: The column that names rows; by default ``id``, and where there is none they are numbered from 1.
        one_to_one: Whether a row has at most one partner in the other table; None finds out, for each table apart.
        by_words: Whether texts are compared by their words and letters alone, without a model.
        neighbours: How many neighbours of a row are compared with it, in each way of finding them.
        random_state: The seed of what is drawn at random.

    Attributes:
        columns_: The names and kinds of the columns.
        mixture_: What was learned without labels.
        regression_: What labels taught; None without any.

    Example:
        >>> left = {"id": ["a", "b"], "name": ["Anna Berg", "Tom Ford"], "town": ["Oslo", "Bath"]}
        >>> right = {"id": ["x", "y"], "name": ["Tom Forde", "Ana Berg"], "town": ["Bath", "Oslo"]}
        >>> found = RecordMatcher(by_words=True).fit_predict((left, right))
        >>> found.matched_ids()
        [('a', 'y'), ('b', 'x')]
    """

    def __init__(
        self,
        model: Any = None,
        *,
        on: str | Sequence[str] | None = None,
        id_column: str | None = None,
        one_to_one: bool | None = None,
        by_words: bool = False,
        neighbours: int = 10,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.on = on
        self.id_column = id_column
        self.one_to_one = one_to_one
        self.by_words = by_words
        self.neighbours = neighbours
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn how much each column says.

        Args:
            X: Two tables, or one whose rows are compared with each other.
            y: Labels: rows of the ids of both sides and whether they match; without the last all do.

        Returns:
            The matcher.

        Raises:
            UsageError: A parameter is out of its range, or X is no table.
            BadData: A column is missing, an id stands twice, or a label names an unknown row.
            NothingToDo: There is nothing to compare.
        """
        self.fit_predict(X, y)
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Matched:
        """Learn how much each column says, and find the matches.

        Args:
            X: Two tables, or one whose rows are compared with each other.
            y: Labels: rows of the ids of both sides and whether they match; without the last all do.

        Returns:
            The candidates with their probabilities, and which of them match.

        Raises:
            UsageError: A parameter is out of its range, or X is no table.
            BadData: A column is missing, an id stands twice, or a label names an unknown row.
            NothingToDo: There is nothing to compare.

        Warns:
            UserWarning: The candidates are few, and there are no labels.
        """
        if self.neighbours < 1:
            raise UsageError(f"neighbours is {self.neighbours}; give 1 or more")
        left, right, columns = self._read(X)
        if left is right and self.one_to_one:
            raise UsageError("one_to_one is of two tables; within one a row may have several duplicates: leave it out")
        said = read_labels(y, left, right) if y is not None else []
        rows = rows_of(said, left, right) if said else None
        comparer = Comparer(left, right, columns, self._encode(columns))
        pairs, likenesses = comparer.between(self.neighbours, rows)
        sides = None if self.one_to_one is None else (self.one_to_one, self.one_to_one)
        mixture = learn(pairs, likenesses, lambda side: comparer.within(side, self.neighbours), sides)
        if len(pairs) < FEW and not rows:
            warn_user(
                f"{len(pairs):,} candidates are few to learn from without labels: take the probabilities as "
                "guesses, and look at each match"
            )
        labels = among(said, pairs, rows) if rows else None
        found = put_together(left, right, pairs, likenesses, mixture, labels, seed=self.random_state)
        self.columns_: list[Any] = [[column.name, column.kind] for column in columns]
        self.mixture_ = asdict(mixture)
        self.regression_ = asdict(found.regression) if found.regression else None
        return found

    def predict(self, X: Any) -> Matched:
        """Find the matches among other tables by what was learned.

        Args:
            X: Two tables, or one whose rows are compared with each other, with the columns that were learned from.

        Returns:
            The candidates with their probabilities, and which of them match.

        Raises:
            BadData: A column is missing, or an id stands twice.
            NothingToDo: There is nothing to compare.
        """
        check_is_fitted(self)
        columns = [Column(name, kind) for name, kind in self.columns_]
        names = [column.name for column in columns]
        tables = [read_records(each, names, self.id_column, side) for side, each in enumerate(_tables(X))]
        comparer = Comparer(tables[0], tables[-1], columns, self._encode(columns))
        pairs, likenesses = comparer.between(self.neighbours)
        known = self.mixture_
        scales = tuple(Scale(**scale) for scale in known["scales"])
        mixture = Mixture(scales, known["start"], known["one_left"], known["one_right"], known.get("threshold", 0.0))
        regression = Regression(**self.regression_) if self.regression_ else None
        return put_together(tables[0], tables[-1], pairs, likenesses, mixture, regression=regression)

    def _read(self, X: Any) -> tuple[Records, Records, list[Column]]:
        """Return the rows of both tables, the same object twice of one, and the columns."""
        tables = _tables(X)
        named = read_columns(self.on) if self.on else shared_columns(tables, self.id_column)
        names = [name for name, _ in named]
        double = next((name for name in names if "=" in name and name not in tables[0].columns), None)
        if double and len(tables) == 1:
            raise UsageError(
                f"'{double}' names a column of either of two tables; of one table give each column its name"
            )
        records = [read_records(table, names, self.id_column, side) for side, table in enumerate(tables)]
        if len(records) == 1 and len(records[0]) < 2:
            raise NothingToDo(f"{records[0].name} has one row, and nothing to compare it with; give two or more")
        return records[0], records[-1], decide_kinds(named, records)

    def _encode(self, columns: Sequence[Column]) -> Any:
        """Return what embeds texts; None where no column holds texts, and no model is loaded then."""
        needed = not self.by_words and any(column.kind == "text" for column in columns)
        return self.open_encoder()[0].encode if needed else None


def _tables(X: Any) -> list[Any]:
    """Return one or two tables: those of files are ready, what is given in memory becomes one.

    Raises:
        UsageError: It is no table.
    """
    given = list(X) if isinstance(X, tuple) else [X]
    if not 1 <= len(given) <= 2:
        raise UsageError(f"X holds {len(given)} tables; give one, or a tuple of two")
    tables = []
    for name, each in zip(("the first table", "the second table"), given, strict=False):
        if callable(getattr(each, "rows", None)):
            tables.append(each)
            continue
        if not is_table(each):
            raise UsageError(f"{name} is {each!r:.60}; give a DataFrame, a mapping of columns, or a list of mappings")
        tables.append(table_of(each))
        tables[-1].name = name
    return tables
