"""A small language of conditions on what is known of a document, such as ``year >= 2020 and kind = 'pdf'``.

    condition   = condition and condition | condition or condition | not condition | (condition) | comparison
    comparison  = field (= | == | != | <> | < | <= | > | >=) value | field [not] in (value, ...)
                | field [not] like 'pattern' | field contains value | field is [not] null
    value       = number | 'text' | "text" | true | false

A field is a key of the metadata, dotted for one inside another (``author.name``), in backticks where it is no plain
word; or, of a passage, the ``place`` in its document where it begins, and the number of its ``page``, ``slide`` or the
like. ``contains`` is for lists. What has no such field fulfils no comparison but ``is null``. What is compiled is SQL
with every name and value as a parameter: nothing that a user writes becomes a part of a statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from siamese_text.errors import UsageError

if TYPE_CHECKING:
    from pyparsing import ParserElement

RESERVED = ("and", "or", "not", "in", "like", "contains", "is", "null", "true", "false")
LONGEST = 2000  # characters
OPERATORS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
PATH_OPERATORS = {"=": "==", "<>": "!="}  # where the JSON path language writes others
KINDS = {"number": ("integer", "real"), "text": ("text",), "true or false": ("true", "false")}  # by SQLite's json_type


@dataclass(frozen=True, slots=True)
class Where:
    """A condition, compiled.

    Attributes:
        sql: An expression of SQLite over the column ``metadata``, a JSON object.
        values: What its question marks stand for.
        uses: The fields, each with the kind of value that it is compared with; None for any.
        path: The same condition as a predicate of SQL's JSON path language, as PostgreSQL takes it in one parameter.
    """

    sql: str
    values: tuple[Any, ...] = ()
    uses: tuple[tuple[str, str | None], ...] = ()
    path: str = ""

    @property
    def keys(self) -> set[str]:
        """The keys of the metadata in which it looks."""
        return {field.partition(".")[0] for field, _ in self.uses}


def parse(text: str) -> Where:
    """Compile a condition.

    Args:
        text: Such as ``year >= 2020 and (kind = 'pdf' or title like '%bees%')``.

    Returns:
        The condition as SQL.

    Raises:
        UsageError: It cannot be read; the message says where.

    Example:
        >>> parse("year >= 2020 and kind = 'pdf'").uses
        (('year', 'number'), ('kind', 'text'))
    """
    from pyparsing import ParseBaseException

    if len(text) > LONGEST:
        raise UsageError(f"the filter has {len(text):,} characters; give at most {LONGEST:,}")
    try:
        [found] = _grammar().parse_string(text, parse_all=True)
    except ParseBaseException as error:
        at = f"at '{text[error.loc : error.loc + 20]}'" if error.loc < len(text.rstrip()) else "at its end"
        raise UsageError(f"the filter cannot be read {at}; write such as: year >= 2020 and kind = 'pdf'") from None
    except RecursionError:
        raise UsageError("the filter has too many parentheses inside one another; write a simpler one") from None
    assert isinstance(found, Where)
    return found


def check(where: Where, known: Mapping[str, set[str]], of_passages: Collection[str] = ()) -> None:
    """Refuse a condition on a field that no document has, or that is compared with what it never is.

    Args:
        where: The condition.
        known: For each key of the metadata the kinds of its values, by SQLite's ``json_type``.
        of_passages: What is known of passages, where whole documents are meant.

    Raises:
        UsageError: Such a field; the message lists those known.
    """
    fields = ", ".join(sorted(known)) or "none"
    for field, kind in where.uses:
        top = field.partition(".")[0]
        if top in of_passages and top not in known:
            raise UsageError(f"'{top}' is that of a passage, and documents are meant; fields: {fields}")
        if top not in known:
            raise UsageError(f"no document has the field '{top}'; fields: {fields}")
        kinds = known[top] - {"null"}
        if kind and kinds and top == field and not kinds & {*KINDS[kind], "array"}:
            have = next((name for name, types in KINDS.items() if kinds & {*types}), "no single value")
            raise UsageError(f"'{field}' is {have}, and the filter compares it with {kind}; write it as {have}")


def _path(field: str) -> str:
    return "$" + "".join(f'."{key}"' for key in field.split("."))


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\ufffd")  # a text of PostgreSQL holds no NUL


def _place(field: str) -> str:
    """Return where the JSON path language finds a field."""
    return "$" + "".join(f".{_quoted(key)}" for key in field.split("."))


def _known(predicate: str) -> str:
    """Return a predicate of a JSON path that is false, not unknown, where a field is missing or of another kind."""
    return f"(!(({predicate}) is unknown) && ({predicate}))"


def _pattern(like: str) -> str:
    """Return a regular expression of the JSON path language for a pattern of LIKE."""
    parts = {"%": ".*", "_": "."}
    return "^" + "".join(parts.get(letter) or re.sub(r"([^\w\s])", r"\\\1", letter) for letter in like) + "$"


def _compared(field: str, operator: str, value: Any) -> Where:
    """Compile a comparison: true for values of one kind alone, since to SQLite any text is larger than any number."""
    kind = "true or false" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    types = ", ".join(f"'{name}'" for name in KINDS[kind])
    sql = f"(coalesce(json_type(metadata, ?) IN ({types}), 0) AND json_extract(metadata, ?) {operator} ?)"
    if operator == "LIKE":
        path = f'{_place(field)} like_regex {_quoted(_pattern(value))} flag "is"'
    else:
        path = f"{_place(field)} {PATH_OPERATORS.get(operator, operator)} {_quoted(value)}"
        if operator == "<>":
            path += f" && {_place(field)} != null"
    return Where(sql, (_path(field), _path(field), value), ((field, kind),), _known(path))


def _joined(parts: list[Where], word: str) -> Where:
    if len(parts) == 1:
        return parts[0]
    sql = f"({f' {word} '.join(part.sql for part in parts)})"
    path = f"({(' && ' if word == 'AND' else ' || ').join(part.path for part in parts)})"
    return Where(sql, sum((part.values for part in parts), ()), sum((part.uses for part in parts), ()), path)


def _negated(part: Where) -> Where:
    return Where(f"(NOT {part.sql})", part.values, part.uses, f"(!{part.path})")


def _present(field: str) -> Where:
    path = _known(f"exists({_place(field)}) && {_place(field)} != null")
    return Where("(coalesce(json_type(metadata, ?), 'null') <> 'null')", (_path(field),), ((field, None),), path)


def _contains(field: str, value: Any) -> Where:
    sql = "EXISTS (SELECT 1 FROM json_each(metadata, ?) AS one WHERE one.value = ?)"
    path = _known(f"exists({_place(field)}[*] ? (@ == {_quoted(value)})) || {_place(field)} == {_quoted(value)}")
    return Where(sql, (_path(field), value), ((field, None),), path)


@lru_cache(maxsize=1)
def _grammar() -> ParserElement:
    """Return the grammar; each part of it gives one ``Where``."""
    import pyparsing as pp

    word = pp.CaselessKeyword
    reserved = pp.MatchFirst(map(word, RESERVED))
    plain = pp.Regex(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
    field = ~reserved + plain | pp.Regex(r"`([^`\"]+)`").set_parse_action(lambda found: found[0][1:-1])
    number = pp.Regex(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?").set_parse_action(
        lambda found: float(found[0]) if set(found[0]) & set(".eE") or len(found[0]) > 18 else int(found[0])
    )
    text = pp.Regex(r"'([^']|'')*'").set_parse_action(lambda found: found[0][1:-1].replace("''", "'"))
    text |= pp.Regex(r'"([^"]|"")*"').set_parse_action(lambda found: found[0][1:-1].replace('""', '"'))
    truth = (word("true") | word("false")).set_parse_action(lambda found: found[0] == "true")
    value = number | text | truth

    operator = pp.one_of(list(OPERATORS))
    simple = (field + operator + value).set_parse_action(lambda f: _compared(f[0], OPERATORS[f[1]], f[2]))
    several = field + word("in").suppress() + pp.Suppress("(") + pp.DelimitedList(value) + pp.Suppress(")")
    several.set_parse_action(lambda f: _joined([_compared(f[0], "=", each) for each in f[1:]], "OR"))
    like = (field + word("like").suppress() + text).set_parse_action(lambda f: _compared(f[0], "LIKE", f[1]))
    without = field + word("not").suppress()
    no_like = (without + word("like").suppress() + text).set_parse_action(
        lambda f: _joined([_present(f[0]), _negated(_compared(f[0], "LIKE", f[1]))], "AND")
    )
    outside = without + word("in").suppress() + pp.Suppress("(") + pp.DelimitedList(value) + pp.Suppress(")")
    outside.set_parse_action(
        lambda f: _joined([_present(f[0]), *(_negated(_compared(f[0], "=", each)) for each in f[1:])], "AND")
    )
    holds = (field + word("contains").suppress() + value).set_parse_action(lambda f: _contains(f[0], f[1]))
    present = (field + word("is") + word("not") + word("null")).set_parse_action(lambda f: _present(f[0]))
    absent = (field + word("is") + word("null")).set_parse_action(lambda f: _negated(_present(f[0])))
    comparison = simple | several | like | no_like | outside | holds | present | absent

    condition = pp.Forward()
    negation = pp.Forward()
    negation <<= (
        (word("not").suppress() + negation).set_parse_action(lambda f: _negated(f[0]))
        | pp.Suppress("(") + condition + pp.Suppress(")")
        | comparison
    )
    conjunction = pp.DelimitedList(negation, delim=word("and")).set_parse_action(lambda f: _joined(list(f), "AND"))
    condition <<= pp.DelimitedList(conjunction, delim=word("or")).set_parse_action(lambda f: _joined(list(f), "OR"))
    return condition
