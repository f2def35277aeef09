"""An explanation in the terminal: the texts with shaded words, and tables that say the same without colour."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from siamese_text.cli.console import print_table

if TYPE_CHECKING:
    from rich.text import Text

    from siamese_text.api import Explanation, Removal, Word

TABLE_WORDS = 10
FAINT = 0.05  # of the largest contribution: what is smaller gets no colour
PALE = 242
RAISES, LOWERS = (86, 180, 233), (230, 130, 40)  # blue and orange, which any colour vision tells apart


def render(explanation: Explanation) -> None:
    """Print an explanation to stdout: the texts, the strongest words, those that decide, and those that align."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    for side in (0, 1):
        console.print(_shaded(explanation, side))
    if console.color_system:
        console.print(_legend())
    strongest, words = explanation.strongest, "runs of words" if max(explanation.run) > 1 else "words"
    if not strongest:
        console.print("\nneither text holds a word, so there is nothing to leave out")
        return
    effects = [
        [
            explanation.surface(word),
            str(word.side + 1),
            f"{word.contribution:+.3f}",
            "–" if word.change is None else f"{word.change:+.3f}",
        ]
        for word in strongest[:TABLE_WORDS]
    ]
    console.print()
    heads = ("word", "text", explanation.unit, "probability")
    print_table(*heads, rows=effects, title="raises (+) or lowers (-), left out alone", right=2)
    rest = len(strongest) - TABLE_WORDS
    if rest > 0:
        console.print(f"and {rest} {words} that do less; --json gives all\n")
    rows = [_step(explanation, step) for step in explanation.deciding]
    print_table(
        "without",
        "text",
        "similarity",
        "probability",
        "same?",
        rows=rows,
        title="what decides, left out one after the other",
        right=3,
    )
    if explanation.deciding and not explanation.carried:
        console.print("no few words carry this decision: without them it is no less sure\n")
    if explanation.links:
        console.print("aligned: " + ", ".join(_links(explanation)) + "\n")
    if max(explanation.run) > 1:
        console.print(f"words of a long text are left out in runs of up to {max(explanation.run)}")


def _shaded(explanation: Explanation, side: int) -> Text:
    """Return a text with its words on blue where they raise, on orange where they lower, underlined if they decide."""
    from rich.text import Text

    shaded = Text(explanation.sides[side])
    largest = max((abs(word.contribution) for word in explanation.strongest), default=0)
    for word in explanation.words[side]:
        strength = abs(word.contribution) / largest if largest else 0
        if strength >= FAINT:
            shaded.stylize(_shade(RAISES if word.contribution > 0 else LOWERS, strength), *_place(word))
    for step in explanation.deciding:
        if step.word.side == side:
            shaded.stylize("underline", *_place(step.word))
    return shaded


def _legend() -> Text:
    """Return what the colours say."""
    from rich.text import Text

    raises, lowers = ("raises", _shade(RAISES, 1)), ("lowers", _shade(LOWERS, 1))
    return Text.assemble(raises, " ", lowers, " ", ("decides", "underline"))


def _shade(colour: tuple[int, int, int], strength: float) -> str:
    """Return the style of a word on a colour, paler for less strength, in [0, 1]."""
    shades = (round(PALE + (full - PALE) * strength) for full in colour)
    return f"black on rgb({','.join(map(str, shades))})"


def _place(word: Word) -> tuple[int, int]:
    return word.span.start, word.span.end


def _step(explanation: Explanation, step: Removal) -> list[str]:
    return [
        explanation.surface(step.word),
        str(step.word.side + 1),
        f"{step.similarity:.3f}",
        "–" if step.probability is None else f"{step.probability:.3f}",
        step.verdict or "–",
    ]


def _links(explanation: Explanation) -> list[str]:
    left, right = explanation.words
    return [
        f"{explanation.surface(left[link.left])} ↔ {explanation.surface(right[link.right])}"
        for link in explanation.links
    ]
