"""The figures of a probe as the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siamese_text.evaluation.probe import ALL, FEWEST_OF_FAMILY, ProbeFigures

PROBE_FIGURES: Mapping[str, str] = {  # by the attribute of ProbeFigures
    "misranked": "look-alike above rewording",
    "best_accuracy": "best accuracy",
    "wrong_share": "wrong at its threshold",
}
SAYS = {0: "something else", 1: "the same", None: ""}


def probe_rows(
    models: Sequence[Sequence[ProbeFigures]], families: Mapping[str, int], figure: str | None = None
) -> list[list[str]]:
    """Write the figures of one model, or one figure of several.

    Args:
        models: The figures of each model.
        families: The label of each family, also of those without pairs.
        figure: The attribute of ``ProbeFigures`` that is shown of each model; by default all of the first.

    Returns:
        A row for each family and one for all: its name, what its pairs say, how many there are, with an asterisk below
        ``FEWEST_OF_FAMILY``, and each figure with its 95 % interval.

    Example:
        >>> probe_rows([[ProbeFigures("name", 0, 30, 0.5, 0.75)]], {"name": 0}, "best_accuracy")
        [['name', 'something else', '30', '75 %']]
    """
    rows = []
    shown = [(0, name) for name in PROBE_FIGURES] if figure is None else [(at, figure) for at in range(len(models))]
    for family in [*families, ALL]:
        found = [next((each for each in figures if each.family == family), None) for figures in models]
        first = found[0]
        if first is None:
            if family != ALL:
                rows.append([family, SAYS[families[family]], "0*", *("–" for _ in shown)])
            continue
        pairs = f"{first.pairs}{'*' if first.pairs < FEWEST_OF_FAMILY else ''}"
        rows.append([family, SAYS[first.label], pairs, *(_written(found[at], name) for at, name in shown)])
    return rows


def _written(figures: ProbeFigures | None, name: str) -> str:
    """Write a share and its interval in whole per cent, which is as fine as some sixty pairs tell."""
    value = None if figures is None else getattr(figures, name)
    if figures is None or value is None:
        return "–"
    interval = figures.intervals.get(name.removesuffix("_share"))
    return f"{100 * value:.0f} %" + (f" ({100 * interval[0]:.0f}–{100 * interval[1]:.0f})" if interval else "")
