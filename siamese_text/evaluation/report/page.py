"""The folder of a report: ``index.html`` with its plots beside it, and ``report.json`` with all figures.

The page needs no network and runs no script. It shows sentences of the data set, so it is for its maker's eyes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamese_text._version import __version__
from siamese_text.atomic import atomic_file, atomic_folder
from siamese_text.evaluation.comparison import RESAMPLES
from siamese_text.evaluation.evaluated_model import EvaluatedModel
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.evaluation.report import maps, plots
from siamese_text.evaluation.report.contents import (
    EvaluationReport,
    calibration_bins,
    comparison_rows,
    explained_errors,
    figure_rows,
    slice_columns,
    slice_row,
    threshold_words,
)
from siamese_text.evaluation.report.worst_errors import WorstError, explain_error
from siamese_text.evaluation.slices import FEWEST
from siamese_text.pages import check_report_folder as check_folder
from siamese_text.pages import environment, percent, write_page
from siamese_text.protocols import Progress, Stage

PAGE, VALUES = "index.html", "report.json"
NAMED_CLASSES = 12  # more colours than that nobody tells apart


@dataclass(frozen=True, slots=True)
class Plot:
    """A PNG beside the page and what stands under it."""

    file: str
    caption: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is of a report beside its figures: it grows while the report is made.

    Attributes:
        together: The plots that show all models.
        apart: The plots of each model.
        errors: The worst errors of each model, explained or not yet.
    """

    together: list[Plot]
    apart: list[list[Plot]]
    errors: list[list[WorstError]]


def write_report(
    report: EvaluationReport,
    folder: Path,
    *,
    overwrite: bool = False,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a report in parts, each as a whole: first all figures, then curves, maps and explanations.

    From the first part on the folder holds a page that can be read, and says so while more is to come.

    Args:
        report: What the models were found to do.
        folder: The folder to write.
        overwrite: Whether an earlier report may be replaced.
        stage: Called with what is being made, in words.
        progress: Called with the number of parts made and to make.

    Returns:
        The path of ``index.html``.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it holds files that are not a report's, or the system
            refused to write.
    """
    check_report_folder(folder, overwrite=overwrite)
    if stage:
        stage("measuring slices and differences")
    parts = Parts([], [[] for _ in report.models], [list(errors) for errors in report.errors])
    steps = list(_steps(report, folder, parts))
    with atomic_folder(folder) as draft:
        write_page(draft / VALUES, json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")
        write_page(draft / PAGE, report_html(report, parts, finished=False))
    for number, (what, make) in enumerate(steps, start=1):
        if stage:
            stage(what)
        make()
        with atomic_file(folder / PAGE) as draft:
            write_page(draft, report_html(report, parts, finished=number == len(steps)))
        if progress:
            progress(number, len(steps))
    return folder / PAGE


def _steps(report: EvaluationReport, folder: Path, parts: Parts) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is made after the figures, in words and as something to call, what is quick before what is slow."""

    def together() -> None:
        parts.together.extend(_draw_together(folder, report))

    def apart(number: int, draw: Callable[[Path, int, EvaluatedModel, EvaluationReport], list[Plot]]) -> None:
        parts.apart[number - 1].extend(draw(folder, number, report.models[number - 1], report))

    def explain(number: int) -> None:
        errors = parts.errors[number - 1]
        for place, error in enumerate(errors[: explained_errors(len(report.models))]):
            errors[place] = explain_error(report.models[number - 1], error)

    models = [(number, each.evaluation.model) for number, each in enumerate(report.models, start=1)]
    yield "drawing the curves of all models", together
    yield from ((f"drawing the scores of {name}", partial(apart, number, _draw_scores)) for number, name in models)
    if report.sample is not None:
        yield from ((f"drawing the maps of {name}", partial(apart, number, _draw_maps)) for number, name in models)
    yield from ((f"explaining the worst errors of {name}", partial(explain, number)) for number, name in models)


def check_report_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that a report cannot be written to, before any work is done for it.

    Args:
        folder: The folder to write.
        overwrite: Whether an earlier report may be replaced.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it holds files that are not a report's, or its nearest
            existing parent is not writable.
    """
    check_folder(folder, _is_ours, overwrite=overwrite)


def _is_ours(name: str) -> bool:
    """Say whether a file is part of a report, or the draft of its page, left by a run that was killed."""
    return name in {PAGE, VALUES} or name.endswith(".png") or name.startswith(f".{PAGE}.")


def report_html(report: EvaluationReport, parts: Parts, *, finished: bool = True) -> str:
    """Render the page.

    Args:
        report: What the models were found to do.
        parts: The plots that there are, and the worst errors.
        finished: Whether these are all; else the page says that more is to come.

    Returns:
        The page; it loads nothing but the plots beside it.
    """
    return (
        environment(__file__, {"percent": percent})
        .get_template("index.html.jinja")
        .render(
            version=__version__,
            report=report,
            summary=summary(report.evaluations),
            figures=figure_rows(report.evaluations),
            without=report.without_leaks and figure_rows(report.without_leaks),
            comparisons=comparison_rows(report.comparisons),
            resamples=RESAMPLES,
            fewest=FEWEST,
            finished=finished,
            together=parts.together,
            models=list(zip(report.models, parts.apart, report.slices, parts.errors, strict=True)),
            columns=slice_columns,
            row=slice_row,
            words=threshold_words,
            rules=lambda slices: [(rule, list(parts)) for rule, parts in groupby(slices, key=lambda part: part.rule)],
        )
    )


def summary(evaluations: Sequence[Evaluation]) -> str:
    """Say in one sentence how good the best of some models is.

    Example:
        >>> summary([Evaluation("ours", "stsb/validation", 1500, spearman=0.867)])
        'ours follows the grades of 1,500 pairs with a rank correlation of 0.867'
    """
    pairs = f"{evaluations[0].pairs:,} pairs"
    decided = [each for each in evaluations if each.accuracy is not None]
    if decided:
        best = max(decided, key=lambda each: each.accuracy or 0)
        text = f"{best.model} decides {percent(best.accuracy)} of {pairs} rightly"
    elif evaluations[0].ap is not None:
        best = max(evaluations, key=lambda each: each.ap or 0)
        text = f"{best.model} ranks {pairs} with an average precision of {best.ap:.3f}"
    else:
        best = max(evaluations, key=lambda each: each.spearman or 0)
        text = f"{best.model} follows the grades of {pairs} with a rank correlation of {best.spearman:.3f}"
    others = len(evaluations) - 1
    return text + (f", the best of {others + 1} models" if others else "")


def _draw_together(folder: Path, report: EvaluationReport) -> list[Plot]:
    if report.models[0].predictions.graded:
        return []
    models = [(each.evaluation.model, each.predictions) for each in report.models]
    where = " The dot is the saved threshold." if any(predictions.same is not None for _, predictions in models) else ""
    drawn = []
    for name, draw, corner in (
        ("roc.png", plots.draw_roc, "left"),
        ("precision-recall.png", plots.draw_precision_recall, "right"),
    ):
        with atomic_file(folder / name) as draft:
            draw(draft, models)
        drawn.append(Plot(name, f"The further a line is to the upper {corner}, the better.{where}"))
    return drawn


def _draw_scores(folder: Path, number: int, evaluated: EvaluatedModel, _report: EvaluationReport) -> list[Plot]:
    predictions = evaluated.predictions
    kind, draw = ("grades", plots.draw_grades) if predictions.graded else ("scores", plots.draw_scores)
    caption = "Where the two colours overlap, the model cannot tell the pairs apart."
    if predictions.graded:
        caption = "A dot is a pair. A good model puts them on a rising line."
    with atomic_file(folder / f"{kind}-{number}.png") as draft:
        draw(draft, predictions)
    drawn = [Plot(f"{kind}-{number}.png", caption)]
    if predictions.probability is not None:
        name = f"reliability-{number}.png"
        bins = calibration_bins(predictions.labels, predictions.probability, evaluated.evaluation.prior)
        with atomic_file(folder / name) as draft:
            plots.draw_reliability(draft, bins, predictions.probability)
        counts = sorted({count for _, _, count in bins})
        each = " or ".join(f"{count:,}" for count in counts)
        drawn.append(Plot(name, f"Each dot stands for {each} pairs; below the dotted line the model is too ready."))
    return drawn


def _draw_maps(folder: Path, number: int, evaluated: EvaluatedModel, report: EvaluationReport) -> list[Plot]:
    sample, vectors = report.sample, evaluated.vectors
    if sample is None or vectors is None:
        return []
    groups = _groups(sample, graded=evaluated.predictions.graded)
    nouns = "pairs" if sample.joined else "texts"
    caption = f"all {sample.total:,} {nouns}"
    if sample.drawn < sample.total:
        caption = f"{sample.drawn:,} of {sample.total:,} {nouns}, drawn by chance with seed {maps.SEED}"
    what = "A dot is a text, a line joins the two of a pair" if sample.joined else "A dot is a text"
    if not sample.joined:
        caption += (
            f"; classes are numbered in the order of their names, those beyond the {NAMED_CLASSES} commonest grey"
        )
    pca, tsne = f"pca-{number}.png", f"tsne-{number}.png"
    places, shares = maps.project_pca(vectors)
    axes = {
        key: f"component {at}, {percent(share)} of the variance"
        for at, (key, share) in enumerate(zip(("xlabel", "ylabel"), shares, strict=True), start=1)
    }
    with atomic_file(folder / pca) as draft:
        plots.draw_map(draft, places, groups, joined=sample.joined, title="Embeddings by PCA", **axes)
    places = maps.project_tsne(vectors)
    with atomic_file(folder / tsne) as draft:
        plots.draw_map(draft, places, groups, joined=sample.joined, title="Embeddings by t-SNE")
    return [
        Plot(pca, f"{what}: {caption}. The plane in which the embeddings spread most."),
        Plot(tsne, f"{what}: {caption}. Near texts lie near each other; far distances mean little."),
    ]


def _groups(sample: maps.MapSample, *, graded: bool) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return the colours of a map: labels, thirds of the grades, or the classes, the rarer of many in grey."""
    labels = sample.labels
    if graded:
        thirds = (("upper third", 2 / 3, 2), ("lower third", 0, 1 / 3), ("middle", 1 / 3, 2 / 3))  # blue, red, yellow
        return [(name, (labels >= low) & (labels < high)) for name, low, high in thirds]
    if sample.joined:
        return [("same", labels == 1), ("different", labels == 0)]
    classes, counts = np.unique(labels, return_counts=True)
    common = classes[np.argsort(-counts, kind="stable")[:NAMED_CLASSES]]
    rest = ~np.isin(labels, common)
    named = [(f"class {label:g}", labels == label) for label in sorted(common)]
    return [("", rest), *named] if rest.any() else named
