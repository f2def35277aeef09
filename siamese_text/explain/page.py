"""Explanations as HTML: two texts with shaded words for any page, and a page of its own that needs no other file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from siamese_text._version import __version__
from siamese_text.atomic import atomic_file, check_output
from siamese_text.explain.occlusion import Explanation, Word
from siamese_text.pages import environment, write_page

TABLE_WORDS = 12  # rows of a table: the words of the largest contributions


def as_html(explanation: Explanation) -> str:
    """Render the two texts of an explanation for a page that has its own head.

    Args:
        explanation: What was found about a pair.

    Returns:
        A ``<div class="explained">`` with inline styles, everything escaped: words that raise are blue with a line
        under them, words that lower orange with a dashed one, those that decide are numbered.
    """
    return environment(__file__).get_template("words.html.jinja").render(_contents(explanation))


def explanations_html(explanations: Sequence[Explanation], *, model: str, threshold: str) -> str:
    """Render a page of explanations; it loads nothing from anywhere and can be read without its script.

    Args:
        explanations: What was found about one pair or several.
        model: What the model was loaded as.
        threshold: A sentence about the model's threshold, or why it has none.

    Returns:
        The page.
    """
    from markupsafe import Markup

    return (
        environment(__file__)
        .get_template("page.html.jinja")
        .render(
            version=__version__,
            model=model,
            threshold=threshold,
            explanations=[(each, Markup(as_html(each)), each.strongest[:TABLE_WORDS]) for each in explanations],
        )
    )


def write_explanations(
    explanations: Sequence[Explanation], path: Path, *, model: str, threshold: str, overwrite: bool = False
) -> Path:
    """Write a page of explanations as a whole.

    Args:
        explanations: What was found about one pair or several.
        path: The file to write.
        model: What the model was loaded as.
        threshold: A sentence about the model's threshold, or why it has none.
        overwrite: Whether an existing file may be replaced.

    Returns:
        The path.

    Raises:
        BadOutput: It exists and ``overwrite`` is False, or the system refused to write.
    """
    check_output(path, overwrite=overwrite)
    with atomic_file(path) as draft:
        write_page(draft, explanations_html(explanations, model=model, threshold=threshold))
    return path


def _contents(explanation: Explanation) -> Mapping[str, object]:
    """Return what the template of the two texts shows."""
    strongest = explanation.strongest
    return {
        "explanation": explanation,
        "sides": [_pieces(explanation, side) for side in (0, 1)],
        "largest": max(abs(strongest[0].contribution), 1e-12) if strongest else 1.0,
        "orders": {step.word: order for order, step in enumerate(explanation.deciding, start=1)},
        "last": explanation.deciding[-1] if explanation.deciding else None,
        "links": json.dumps([[link.left, link.right] for link in explanation.links]),
    }


def _pieces(explanation: Explanation, side: int) -> list[tuple[str, Word | None, int]]:
    """Cut a text into what stands before each word, the word and its place; the last piece has no word."""
    pieces: list[tuple[str, Word | None, int]] = []
    whole, end = explanation.sides[side], 0
    for place, word in enumerate(explanation.words[side]):
        pieces.append((whole[end : word.span.start], word, place))
        end = word.span.end
    return [*pieces, (whole[end:], None, -1)]
