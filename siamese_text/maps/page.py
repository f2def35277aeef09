"""A map as one file: a page in which a point shows its text and a box selects some, or a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamese_text._version import __version__
from siamese_text.evaluation.report.plots import draw_map
from siamese_text.maps.colours import OTHERS, Colouring
from siamese_text.maps.places import MEANING, NAMES, Method
from siamese_text.maps.points import SEED, Points
from siamese_text.pages import SHARED_SCRIPT, SHARED_STYLE, environment, script_data, source_hash, source_of

_HERE = Path(__file__).parent
LONGEST_NAME = 40  # of a source, above a picture
STEPS = 5  # colours from little to much, in map.css as in STEP_COLOURS
STEP_COLOURS = ("#c9b458", "#a59c6f", "#7d7c78", "#4a5a77", "#00224e")  # cividis, but for its brightest end


@dataclass(frozen=True, slots=True, eq=False)
class TextMap:
    """Texts on a plane.

    Attributes:
        source: What the texts were read from.
        points: The N texts.
        places: (N, 2) where they lie, in [0, 1].
        method: By which they got there.
        colouring: What their colours say.
        total: How many texts the source has; those of the map were drawn from them.
    """

    source: str
    points: Points
    places: NDArray[np.float64]
    method: Method
    colouring: Colouring
    total: int

    @property
    def sample(self) -> str:
        """How many texts are shown, in words."""
        shown = len(self.points.texts)
        if shown == self.total:
            return f"all {shown:,} texts"
        return f"{shown:,} of {self.total:,} texts, drawn by chance with seed {SEED}"

    @property
    def steps(self) -> list[int]:
        """The colour of each group: its place, or of ordered groups its step from 0 to 4."""
        groups = len(self.colouring.groups)
        if not self.colouring.ordered:
            return list(range(groups))
        return [round(place * (STEPS - 1) / max(groups - 1, 1)) for place in range(groups)]


def map_page(made: TextMap) -> str:
    """Render the page; it needs no network, and its policy lets nothing but its own script run."""
    from markupsafe import Markup

    style, script = (
        source_of(SHARED_STYLE, _HERE / "map.css"),
        '"use strict";\n' + source_of(SHARED_SCRIPT, _HERE / "script" / "map.js"),
    )
    colouring = made.colouring
    data = {
        "names": made.points.names,
        "texts": made.points.texts,
        "values": colouring.values,
        "x": made.places[:, 0].round(4).tolist(),
        "y": made.places[:, 1].round(4).tolist(),
        "of": colouring.of.tolist(),
        "colours": made.steps,
        "ordered": colouring.ordered,
        "title": colouring.title,
    }
    return (
        environment(__file__)
        .get_template("page.html.jinja")
        .render(
            version=__version__,
            style=Markup(style),  # both are our own, and hold no value of a map
            script=Markup(script),
            hashes={"style": source_hash(style), "script": source_hash(script)},
            data=Markup(script_data(data)),
            source=made.source,
            sample=made.sample,
            method=NAMES[made.method],
            meaning=MEANING[made.method],
            title=colouring.title,
            ordered=colouring.ordered,
            groups=list(zip(colouring.groups, colouring.sizes, made.steps, strict=True)),
            others=int((colouring.of == OTHERS).sum()),
        )
    )


def write_picture(path: Path, made: TextMap) -> None:
    """Write the map as a PNG."""
    colouring = made.colouring
    groups = [(name, colouring.of == place) for place, name in enumerate(colouring.groups)]
    others = colouring.of == OTHERS
    colours = [STEP_COLOURS[step] for step in made.steps] if colouring.ordered else None
    if others.any():
        groups.insert(0, ("", others))
        colours = [STEP_COLOURS[0], *colours] if colours else None
    name = made.source if len(made.source) <= LONGEST_NAME else f"{made.source[: LONGEST_NAME - 1]}…"
    words = {"title": f"{name} by {NAMES[made.method]}", "xlabel": made.sample}
    draw_map(path, made.places, groups, joined=False, colours=colours, legend=colouring.title, **words)
