"""A map of the texts of a file, a folder or an index, by one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamese_text.api.index import Index
from siamese_text.api.temporary_index import build_temporary, open_or_build, read_source
from siamese_text.atomic import atomic_file, check_output
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.maps.colours import Colouring, by_cluster, by_strangeness, by_values
from siamese_text.maps.page import TextMap, map_page, write_picture
from siamese_text.maps.places import Method, check_method, places_of
from siamese_text.maps.points import Points, drawn, points_of
from siamese_text.pages import write_page
from siamese_text.protocols import Progress
from siamese_text.records import Document
from siamese_text.search.database import is_url
from siamese_text.search.index import PassageIndex
from siamese_text.search.sources import HEADER

SUFFIXES = (".html", ".png")
LABELS = "label"  # the column that colours where none is named
FEWEST = 3


@dataclass(frozen=True, slots=True)
class MappedTexts:
    """What a map shows.

    Attributes:
        output: The page or picture.
        texts: How many texts it shows.
        total: How many the source has.
        method: What laid them out.
        colour: What their colours say.
        groups: How many texts each group has, by its name.
        skipped: What could not be read.
    """

    output: Path
    texts: int
    total: int
    method: Method
    colour: str
    groups: dict[str, int]
    skipped: Sequence[Document]


def draw_texts(
    source: str | Path | Index,
    output: str | Path,
    *,
    method: Method = "tsne",
    colour: str | None = None,
    clusters: int | None = None,
    limit: int = 3000,
    column: str | None = None,
    id_column: str | None = None,
    model: str | Path = DEFAULT_MODEL,
    backend: str = "auto",
    cache: bool | str | Path = True,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> MappedTexts:
    """Draw the texts of a source as points, near which like ones lie.

    Args:
        source: An index or its folder; or a table, a file of lines (``.txt``) or a folder of documents. What has more
            than 120 words is shown passage by passage.
        output: The file to write: ``.html``, one page without network in which a point shows its text and a box selects
            texts to save, or ``.png``.
        method: ``tsne``, ``pca``, or ``umap`` (extra ``umap``).
        colour: What the colours say: a column or another thing that is known of texts, such as ``document`` or
            ``kind``; ``cluster``; or ``anomaly``, how strange each is among the others. By default the column
            ``label`` if there is one, else ``cluster``.
        clusters: How many clusters there are to be; by default as many as are told apart best.
        limit: How many texts to show at most: of more, a seeded draw.
        column: The column of a table with the texts; by default ``text``, or the only one with texts.
        id_column: The column of a table with the names; by default ``id``, or rows are numbered.
        model: The encoder of what is no index: a name or a folder.
        backend: The backend of the model; see ``load_encoder``.
        cache: Where vectors are kept from run to run; see ``Index.build``.
        overwrite: Whether an existing output may be replaced.
        progress: Called with the number of passages encoded and to encode.

    Returns:
        What the map shows.

    Raises:
        MissingInput: The source or the model was not found.
        UsageError: An option, the ending of the output or the colour is none of those allowed.
        BadOutput: The output exists or cannot be written.
        BadData: A column cannot be told, or two texts have one name.
        NothingToDo: There are fewer than three texts.

    Example:
        >>> draw_texts("tickets.csv", "map.html", colour="topic").groups  # doctest: +SKIP
        {'delivery': 40, 'refund': 33}
    """
    target = Path(output)
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{target} has the ending '{target.suffix}'; a map is written as {' or '.join(SUFFIXES)}")
    check_method(method)
    if limit < FEWEST:
        raise UsageError(f"limit is {limit}; a map takes {FEWEST} texts or more")
    check_output(target, overwrite=overwrite)
    options: dict[str, Any] = {"model": model, "backend": backend, "cache": cache, "progress": progress}
    index, left_out = _index_of(source, limit, column, id_column, options)
    points = points_of(index, limit)
    if len(points.texts) < FEWEST:
        raise NothingToDo(f"{len(points.texts)} texts make no map; give {FEWEST} or more")
    colouring = _colouring(points, colour, clusters)
    places = places_of(points.vectors, method)
    name = Path(source).name if isinstance(source, str | Path) else "index"
    made = TextMap(name, points, places, method, colouring, points.total + left_out)
    with atomic_file(target) as draft:
        if target.suffix.lower() == ".png":
            write_picture(draft, made)
        else:
            write_page(draft, map_page(made))
    sizes = dict(zip(colouring.groups, colouring.sizes, strict=True))
    return MappedTexts(target, len(points.texts), made.total, method, colouring.title, sizes, index.info.skipped)


def _index_of(
    source: str | Path | Index, limit: int, column: str | None, id_column: str | None, options: dict[str, Any]
) -> tuple[PassageIndex, int]:
    """Return the index of a source and how many rows of it were left out, which are drawn before they are encoded."""
    if isinstance(source, Index) or is_url(source) or (Path(source) / HEADER).is_file():
        return open_or_build(source, column=column, id_column=id_column, **options), 0
    texts, items = read_source(Path(source), column, id_column)
    kept = drawn(len(items), limit) if texts.kind in ("lines", "table") else range(len(items))
    index = build_temporary((texts, [items[place] for place in kept]), **options)
    return index, len(items) - len(kept)


def _colouring(points: Points, colour: str | None, clusters: int | None) -> Colouring:
    """Return what the colours say; a column that is called like a way of colouring is the column."""
    fields = {key for known in points.known for key in known}
    wanted = colour or (LABELS if LABELS in fields else "cluster")
    if clusters is not None and (wanted != "cluster" or "cluster" in fields):
        raise UsageError(f"the colours are those of {wanted}, and clusters is {clusters}; leave one of them out")
    if wanted in fields:
        return by_values(wanted, [known.get(wanted) for known in points.known])
    if wanted == "cluster":
        return by_cluster(points.vectors, points.texts, clusters)
    if wanted == "anomaly":
        return by_strangeness(points.vectors)
    raise UsageError(f"colour is '{wanted}'; choose cluster, anomaly, or one of {', '.join(sorted(fields))}")
