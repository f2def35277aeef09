"""The files of a sweep beside its runs: tables to read, to calculate with and to print, and a plot.

sweep.csv    a line a run: its settings, its seed, and the figures of each split
sweep.md     means over the seeds, and the comparison of every two settings
sweep.tex    the same for LaTeX with booktabs
sweep.json   all of it as plain values
sweep.png    a dot a run
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

from siamese_text.atomic import atomic_file
from siamese_text.evaluation.sweep import FIGURES, TITLES, VALIDATION, SweepReport

NOTE = (
    "Means over seeds ± their standard deviation. Threshold and calibration are fitted on the validation pairs; the "
    "figures on these are cross-fitted."
)
HOW = (
    "Paired bootstrap over the validation pairs: a setting's figure on a resampled set is the mean over its seeds. The "
    "intervals say how far a difference depends on the pairs; how far it depends on the seeds, the deviations above "
    "say. The last column is adjusted for the number of comparisons of a figure (Holm)."
)
COLOURS = ("#2f5d9b", "#d1495b", "#edae49")
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def write_sweep(report: SweepReport) -> list[Path]:
    """Write the files of a sweep, each as a whole or not at all.

    Args:
        report: What the sweep found.

    Returns:
        Their paths.

    Raises:
        BadOutput: The system refused to write.
    """
    texts = {
        "csv": _csv(report),
        "md": _markdown(report),
        "tex": _latex(report),
        "json": json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n",
    }
    paths = []
    for ending, text in texts.items():
        paths.append(report.output / f"sweep.{ending}")
        with atomic_file(paths[-1]) as draft:
            draft.write_text(text, encoding="utf-8", newline="")
    paths.append(report.output / "sweep.png")
    with atomic_file(paths[-1]) as draft:
        draw_sweep(report, draft)
    return paths


def draw_sweep(report: SweepReport, path: Path) -> None:
    """Draw the figure that ranks the settings as a PNG: a dot a run, a stroke at each mean, a colour a split."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    titles = list(report.by_setting)
    with rc_context({"text.parse_math": False, "font.size": 9.5}):  # a name may hold a $
        figure = Figure(figsize=(7.2, 1.4 + 0.45 * len(titles)), layout="constrained")
        FigureCanvasAgg(figure)  # never a window, whatever backend the user has chosen
        axes = figure.subplots()
        for number, split in enumerate(report.splits):
            colour, shift = COLOURS[number % len(COLOURS)], 0.12 * (number - (len(report.splits) - 1) / 2)
            for place, title in enumerate(titles):
                runs = [run for run in report.by_setting[title] if split in run.after]
                found = (getattr(run.after[split], report.metric) for run in runs)
                values = [value for value in found if value is not None]
                if not values:
                    continue
                label = split if place == 0 else None
                heights = [place + shift] * len(values)
                axes.plot(values, heights, "o", color=colour, markersize=4.5, alpha=0.6, label=label)
                mean = sum(values) / len(values)
                axes.plot([mean, mean], [place + shift - 0.14, place + shift + 0.14], color=colour, linewidth=2)
        axes.set_yticks(range(len(titles)), [_short(title) for title in titles])
        axes.invert_yaxis()
        axes.set(xlabel=TITLES[report.metric], title=f"{_short(report.dataset)}: a dot a seed, a stroke their mean")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, dpi=140, format="png")


def _csv(report: SweepReport) -> str:
    keys = list(report.runs[0].setting)
    figures = [(split, name) for split in report.splits for _, name in FIGURES]
    figures = [
        (split, name)
        for split, name in figures
        if any(getattr(run.after[split], name) is not None for run in report.runs if split in run.after)
    ]
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    heads = [f"{split}_{name}" for split, name in figures]
    table.writerow(["run", *keys, "seed", *heads, f"untrained_{VALIDATION}_{report.metric}", "best_step", "seconds"])
    for run in report.runs:
        values = [getattr(run.after[split], name) if split in run.after else None for split, name in figures]
        untrained = getattr(run.before[VALIDATION], report.metric)
        cells = [run.name, *run.setting.values(), run.seed, *values, untrained, run.best_step, run.seconds]
        table.writerow(["" if cell is None else cell for cell in cells])
    return written.getvalue()


def _markdown(report: SweepReport) -> str:
    titles, rows = report.table()
    parts = [f"# Sweep on {report.dataset}", _markdown_table(titles, rows), NOTE]
    if report.fixed:
        parts.append("All runs: " + ", ".join(f"`{key}={value}`" for key, value in report.fixed.items()) + ".")
    if report.comparisons:
        parts += ["## Every two settings", _markdown_table(*report.comparison_table()), HOW]
    return "\n\n".join([*parts, "![A dot a run](sweep.png)"]) + "\n"


def _markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _latex(report: SweepReport) -> str:
    titles, rows = report.table()
    parts = ["% needs \\usepackage{booktabs}", _latex_table(titles, rows, 3), f"% {NOTE}"]
    if report.comparisons:
        parts += [_latex_table(*report.comparison_table(), 3), f"% {HOW}"]
    return "\n\n".join(parts) + "\n"


def _latex_table(titles: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """Return a table whose first ``words`` columns are set to the left and the others to the right."""
    lines = [" & ".join(_escaped(cell) for cell in line) + r" \\" for line in (titles, *rows)]
    shape = "l" * words + "r" * (len(titles) - words)
    inside = [r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join([rf"\begin{{tabular}}{{{shape}}}", *inside, r"\end{tabular}"])


def _escaped(cell: str) -> str:
    escaped = re.sub(r"[\\~^&%$#_{}]", lambda match: _SPECIAL.get(match.group(), "\\" + match.group()), cell)
    return escaped.replace("±", r"$\pm$").replace("<", "$<$").replace("–", "--")


def _short(name: str, most: int = 48) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
