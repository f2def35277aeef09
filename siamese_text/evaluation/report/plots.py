"""The plots of a report as PNG files, in the look of a training run's curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.scoring import metrics

SAME, DIFFERENT = "#2f5d9b", "#d1495b"
# Told apart with any colour vision by lightness, and in lines by their dashes as well.
SERIES = ("#2f5d9b", "#d1495b", "#edae49", "#2a9d8f", "#8e6bbf", "#4a4a4a")
DASHES = ("-", "--", "-.", ":")
MARKERS = "osD^vPX*<>"
QUIET = "#888888"
Floats = NDArray[np.float64]
Named = tuple[str, LabelledPredictions]


@contextmanager
def _axes(path: Path, *, rows: Sequence[float] = (1,), size: tuple[float, float] = (5.4, 4.2)) -> Iterator[Any]:
    """Yield the axes of a figure that is written when the block ends; ``rows`` are heights of panels that share x."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"text.parse_math": False, "font.size": 9.5, "axes.titlesize": 11}):  # a name may hold a $
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)  # never a window, whatever backend the user has chosen
        panels = figure.subplots(len(rows), 1, sharex=True, height_ratios=rows, squeeze=False)[:, 0]
        yield panels[0] if len(rows) == 1 else panels
        for axes in panels:
            axes.grid(alpha=0.25)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, dpi=160)


def draw_roc(path: Path, models: Sequence[Named]) -> None:
    """Draw how many different pairs are called same for each share of same pairs that is found, a line a model."""
    from sklearn.metrics import roc_curve

    with _axes(path) as axes:
        axes.plot([0, 1], [0, 1], color=QUIET, linestyle=(0, (1, 3)), linewidth=1, label="chance")
        for number, (name, predictions) in enumerate(models):
            false, true, _ = roc_curve(predictions.labels, predictions.ranking)
            area = metrics.roc_auc(predictions.labels.astype(np.int64), predictions.ranking)
            axes.plot(false, true, **_line(number), label=f"{_short(name)}, area {area:.3f}")
            point = _operating_point(predictions)
            if point:
                axes.plot(point["false"], point["recall"], "o", color=SERIES[number % len(SERIES)], **_RING)
        axes.set(xlabel="different pairs called same", ylabel="same pairs found", title="ROC", **_unit_square())
        axes.legend(frameon=False, loc="lower right")


def draw_precision_recall(path: Path, models: Sequence[Named]) -> None:
    """Draw the precision at each recall, a line a model, and the share of positives that chance would reach."""
    from sklearn.metrics import precision_recall_curve

    with _axes(path) as axes:
        chance = float(models[0][1].labels.mean())
        axes.axhline(chance, color=QUIET, linestyle=(0, (1, 3)), linewidth=1, label=f"chance, {chance:.3f}")
        for number, (name, predictions) in enumerate(models):
            precision, recall, _ = precision_recall_curve(predictions.labels, predictions.ranking)
            ap = metrics.average_precision(predictions.labels.astype(np.int64), predictions.ranking)
            axes.step(recall, precision, **_line(number), where="post", label=f"{_short(name)}, AP {ap:.3f}")
            point = _operating_point(predictions)
            if point:
                axes.plot(point["recall"], point["precision"], "o", color=SERIES[number % len(SERIES)], **_RING)
        axes.set(xlabel="recall", ylabel="precision", title="Precision and recall", **_unit_square())
        axes.legend(frameon=False, loc="lower left")


def draw_scores(path: Path, predictions: LabelledPredictions) -> None:
    """Draw how the deciding score is distributed over same and different pairs, with the saved threshold."""
    with _axes(path) as axes:
        low, high = float(predictions.compared.min()), float(predictions.compared.max())
        bins = int(np.clip(np.sqrt(len(predictions.labels)), 10, 40))
        edges = np.linspace(low, max(high, low + 1e-6), bins + 1)
        for label, name, colour in ((0, "different", DIFFERENT), (1, "same", SAME)):
            values = predictions.compared[predictions.labels == label]
            title = f"{name}, {len(values):,} pairs"
            axes.hist(values, edges, color=colour, alpha=0.3)
            axes.hist(values, edges, color=colour, histtype="step", linewidth=1.6, label=title)
        if predictions.threshold is not None:
            title = f"threshold, {predictions.threshold:.3f}"
            if abs(predictions.threshold - (low + high) / 2) > 2 * (
                edges[-1] - low
            ):  # it would squeeze all else together
                axes.plot([], [], " ", label=f"{title}, far outside")
            else:
                axes.axvline(predictions.threshold, color="#333333", linestyle="--", linewidth=1.3, label=title)
        if predictions.decision is not None and predictions.decision.unsure_from is not None:
            title = f"unsure from {predictions.decision.unsure_from:.3f}"
            axes.axvline(predictions.decision.unsure_from, color="#333333", linestyle=":", linewidth=1.3, label=title)
        axes.set(xlabel=predictions.unit, ylabel="pairs", title="Scores by label")
        axes.legend(framealpha=0.85, edgecolor="none")  # the threshold may run behind it


def draw_reliability(path: Path, bins: Sequence[tuple[float, float, int]], probability: Floats) -> None:
    """Draw how often pairs say the same against how probable the model had it.

    Args:
        path: The PNG to write.
        bins: Mean probability, share of same pairs and number of pairs of each bin.
        probability: (N,) of all pairs, for the histogram below.
    """
    means, shares, counts = (np.array(column, dtype=np.float64) for column in zip(*bins, strict=True))
    with _axes(path, rows=(3.2, 1)) as (curve, histogram):
        curve.plot([0, 1], [0, 1], color=QUIET, linestyle=(0, (1, 3)), linewidth=1, label="perfectly calibrated")
        low, high = metrics.wilson_interval(shares, counts)
        errors = np.maximum([shares - low, high - shares], 0)
        style = {"color": SAME, "markersize": 5, "linewidth": 1.5, "elinewidth": 1, "capsize": 2}
        curve.errorbar(
            means, shares, yerr=errors, fmt="o-", **style, label=f"{len(bins)} bins of as many pairs, 95 % intervals"
        )
        curve.set(ylabel="share that says the same", title="Reliability", **_unit_square())
        curve.legend(frameon=False, loc="upper left")
        histogram.hist(probability, np.linspace(0, 1, 41), color="#b8c4d6")
        histogram.set(xlabel="probability that the model gave", ylabel="pairs")


def draw_grades(path: Path, predictions: LabelledPredictions) -> None:
    """Draw the score of each pair against its grade."""
    with _axes(path) as axes:
        axes.scatter(predictions.labels, predictions.compared, s=9, color=SAME, alpha=0.35, linewidths=0)
        axes.set(xlabel="grade, 0 different to 1 same", ylabel=predictions.unit, title="Score against grade")


def draw_map(
    path: Path,
    places: Floats,
    groups: Sequence[tuple[str, NDArray[np.bool_]]],
    *,
    joined: bool,
    colours: Sequence[str] | None = None,
    legend: str | None = None,
    **words: str,
) -> None:
    """Draw (M, 2) places of texts, a colour and a mark a group.

    Args:
        path: The PNG to write.
        places: Where each text stands.
        groups: The name and the (M,) texts of each group, the last drawn above the others; one without a name is
            grey and has no place in the legend.
        joined: Whether texts i and i + M / 2 are the sides of a pair and get a line between them.
        colours: One for each group; by default six that take turns, with another mark each time.
        legend: The title of the legend.
        words: ``title``, ``xlabel`` and ``ylabel``.
    """
    with _axes(path) as axes:
        style: dict[str, Any] = {"s": float(np.clip(9000 / len(places), 5, 26)), "alpha": 0.6, "linewidths": 0}
        faint = float(np.clip(250 / len(places), 0.12, 0.4))
        for number, (name, rows) in enumerate(groups):
            colour = (colours or SERIES)[number % len(colours or SERIES)] if name else "#c9c9c9"
            mark = MARKERS[number // len(colours or SERIES) % len(MARKERS)]
            if joined:
                axes.plot(*_between_sides(places[rows]), color=colour, linewidth=0.7, alpha=faint)
            axes.scatter(*places[rows].T, color=colour, marker=mark, label=name or None, **style)
        axes.set(xticklabels=[], yticklabels=[], **words)
        axes.tick_params(length=0)
        # Beside the dots, of which it hides none.
        beside = axes.figure.legend(frameon=False, loc="outside right upper", title=legend, alignment="left")
        for handle in beside.legend_handles:
            handle.set(sizes=[26], alpha=1)


_RING: dict[str, Any] = {"markersize": 8, "markeredgecolor": "white", "markeredgewidth": 1.4, "zorder": 3}


def _line(number: int) -> dict[str, Any]:
    return {"color": SERIES[number % len(SERIES)], "linestyle": DASHES[number % len(DASHES)], "linewidth": 1.8}


def _unit_square() -> dict[str, Any]:
    return {"xlim": (-0.02, 1.02), "ylim": (-0.02, 1.02)}


def _operating_point(predictions: LabelledPredictions) -> dict[str, float] | None:
    """Return recall, precision and the share of false alarms of the decisions, where there are any."""
    if predictions.same is None:
        return None
    positive = predictions.labels == 1
    found = int(np.sum(predictions.same & positive))
    return {
        "recall": found / int(positive.sum()),
        "precision": found / max(int(predictions.same.sum()), 1),
        "false": int(np.sum(predictions.same & ~positive)) / int(np.sum(~positive)),
    }


def _short(name: str, most: int = 32) -> str:
    return name if len(name) <= most else "…" + name[1 - most :]


def _between_sides(places: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return x and y of lines from the first half of (M, 2) places to the second, a gap after each."""
    half = len(places) // 2
    gap = np.full((half, 2), np.nan)
    lines = np.stack([places[:half], places[half:], gap], axis=1).reshape(-1, 2)
    return lines[:, 0], lines[:, 1]
