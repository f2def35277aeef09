"""The errors of a verification as curves: ROC, and false rejects against false accepts on scales of normal deviates.

On such scales the curve of two normal distributions is a line (Martin et al. 1997, "The DET curve").
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.atomic import atomic_file
from siamese_text.scoring import metrics

TICKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)


def draw_detection_errors(
    path: Path, labels: NDArray[np.integer], scores: NDArray[np.floating], accept_from: float
) -> None:
    """Write a PNG file with the ROC curve and the curve of detection errors, and where the threshold lies on them.

    Args:
        path: The file.
        labels: (N,) 1 for texts that match, 0 for others; both present.
        scores: (N,), larger = more alike.
        accept_from: The score from which on a text is accepted; infinite for never.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from scipy.stats import norm

    _, different, same = metrics.thresholds(labels, scores)
    accepts, rejects = different / different[0], 1 - same / same[0]
    point = (float((scores[labels == 0] >= accept_from).mean()), float((scores[labels == 1] < accept_from).mean()))
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    roc, errors = figure.subplots(1, 2)
    roc.plot(accepts, 1 - rejects, color="#2f5d9b")
    roc.plot(point[0], 1 - point[1], "o", color="#d1495b", label="threshold")
    roc.set(xlabel="false accepts", ylabel="right accepts", title="ROC", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    inside = (accepts > 0) & (rejects > 0)  # a share of 0 lies at minus infinity
    errors.plot(norm.ppf(accepts[inside]), norm.ppf(rejects[inside]), color="#2f5d9b")
    if min(point) > 0:
        errors.plot(*norm.ppf(point), "o", color="#d1495b", label="threshold")
    errors.plot(norm.ppf(TICKS), norm.ppf(TICKS), color="#888888", linestyle=(0, (1, 3)), label="equal errors")
    _percent_axes(errors, norm.ppf(TICKS))
    errors.set(xlabel="false accepts", ylabel="false rejects", title="Detection errors")
    for axes in (roc, errors):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    with atomic_file(path) as draft:
        figure.savefig(draft, dpi=160, format="png")


def _percent_axes(axes: Any, places: NDArray[np.float64]) -> None:
    """Show both axes from the first tick to the last, in percent."""
    words = [f"{100 * tick:g} %" for tick in TICKS]
    axes.set_xticks(places, words)
    axes.set_yticks(places, words)
    axes.set(xlim=(places[0], places[-1]), ylim=(places[0], places[-1]))
