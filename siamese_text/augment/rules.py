"""Every rule by name, and how rules are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from siamese_text.augment.negatives import NEGATIVE_RULES
from siamese_text.augment.positives import POSITIVE_RULES
from siamese_text.augment.rule import Rule
from siamese_text.errors import UsageError

RULES: Mapping[str, Rule] = {rule.name: rule for rule in (*NEGATIVE_RULES, *POSITIVE_RULES)}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "all": tuple(RULES),
    "default": tuple(name for name, rule in RULES.items() if rule.default),
    "negatives": tuple(rule.name for rule in NEGATIVE_RULES if rule.default),
    "positives": tuple(rule.name for rule in POSITIVE_RULES if rule.default),
}


def choose_rules(expression: str = "default") -> tuple[Rule, ...]:
    """Read a choice of rules.

    Args:
        expression: Names of rules or of ``GROUPS`` joined by commas, in any order; a minus before a name leaves it out.
            Where every name has one, they are left out of ``default``.

    Returns:
        The rules in the order of ``RULES``, whatever the order of their names.

    Raises:
        UsageError: A name is unknown, with the closest known one, or no rule is left.

    Example:
        >>> [rule.name for rule in choose_rules("turn-date,negatives,-negatives")]
        ['turn-date']
    """
    terms = [term.strip() for term in expression.split(",") if term.strip()]
    wanted: set[str] = set(GROUPS["default"] if terms and all(term.startswith("-") for term in terms) else ())
    unwanted: set[str] = set()
    for term in terms:
        name = term.removeprefix("-")
        names = GROUPS.get(name, (name,) if name in RULES else ())
        if not names and name not in GROUPS:
            near = get_close_matches(name, [*RULES, *GROUPS], n=1)
            hint = f"did you mean {near[0]}?" if near else "augment --list shows them"
            raise UsageError(f"there is no rule '{name}'; {hint}")
        (unwanted if term.startswith("-") else wanted).update(names)
    chosen = wanted - unwanted
    if not chosen:
        raise UsageError(f"'{expression}' leaves no rule; augment --list shows them")
    return tuple(rule for name, rule in RULES.items() if name in chosen)
