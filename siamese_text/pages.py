"""What all pages and tables share: one page environment, one guard of a report's folder, how figures are written.

A page stands beside its template, ``environment(__file__)`` finds it there, and ``write_page`` writes what it renders.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from siamese_text.atomic import check_output
from siamese_text.errors import BadOutput

if TYPE_CHECKING:
    from jinja2 import Environment


def percent(share: float | None) -> str:
    """Write a share in [0, 1] as a percentage; a dash stands where there is none.

    Example:
        >>> percent(0.8423), percent(None)
        ('84.2 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"


def figure(value: float | None) -> str:
    """Write a figure with three decimals; a dash stands where there is none.

    Example:
        >>> figure(0.8423), figure(None)
        ('0.842', '–')
    """
    return "–" if value is None else f"{value:.3f}"


SHARED_STYLE, SHARED_SCRIPT = (Path(__file__).with_suffix(suffix) for suffix in (".css", ".js"))


class Figure(NamedTuple):
    """How people read one attribute of an ``Evaluation``: its title, and the function that writes its value."""

    title: str
    written: Callable[[float | None], str]


# By the attribute of an Evaluation, in the order of a report; a table names those that it shows.
FIGURES = {
    "ap": Figure("AP", figure),
    "roc_auc": Figure("ROC-AUC", figure),
    "accuracy": Figure("accuracy", percent),
    "precision": Figure("precision", figure),
    "recall": Figure("recall", figure),
    "f1": Figure("F1", figure),
    "cost": Figure("cost a pair", figure),
    "mcc": Figure("MCC", figure),
    "fpr": Figure("different called the same", percent),
    "not_missed": Figure("same not called different", figure),
    "unsure": Figure("unsure", percent),
    "brier": Figure("Brier", figure),
    "ece": Figure("ECE", figure),
    "ece_expected": Figure("ECE of a perfectly calibrated model", figure),
    "threshold": Figure("threshold", figure),
    "oracle_accuracy": Figure("oracle accuracy", percent),
    "majority_accuracy": Figure("majority baseline", percent),
    "spearman": Figure("Spearman", figure),
    "pearson": Figure("Pearson", figure),
}


def environment(beside: str, filters: Mapping[str, Callable[..., object]] | None = None) -> Environment:
    """Return what renders the templates of a folder; they escape all values and refuse a name that is not given.

    Args:
        beside: A module that stands in the folder of the templates: its ``__file__``.
        filters: Functions that the templates may call, by name.

    Returns:
        The environment; jinja2 is imported with the first.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(beside).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters or {})
    return made


def source_of(*files: Path) -> str:
    """Join the files of a page's script or style sheet, in their order."""
    return "".join(file.read_text(encoding="utf-8") for file in files)


def script_data(values: Any) -> str:
    r"""Write values as JSON that can stand inside a script, whatever the texts hold.

    Example:
        >>> script_data({"text": "</script>"})
        '{"text":"\\u003c/script>"}'
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def source_hash(source: str) -> str:
    """Name a script or a style sheet in the policy of a page, which lets nothing else run."""
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def check_report_folder(folder: Path, is_ours: Callable[[str], bool], *, overwrite: bool) -> None:
    """Refuse a folder that a report cannot be written to, because what is replaced is deleted as a whole.

    Args:
        folder: The folder to write.
        is_ours: Says whether a file of some name is part of such a report.
        overwrite: Whether an earlier report may be replaced.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it is a file, it holds files that are not a report's,
            or its nearest existing parent is not writable.
    """
    check_output(folder, overwrite=overwrite)
    if folder.exists() and not folder.is_dir():
        raise BadOutput(f"{folder} is a file; name a folder for the report")
    others = sorted(file.name for file in folder.iterdir() if not is_ours(file.name)) if folder.exists() else []
    if others:
        raise BadOutput(f"{folder} holds {others[0]!r}, which is no part of a report; choose another output")


def write_page(path: Path, text: str) -> None:
    r"""Write text as UTF-8 with ``\n`` alone; half a surrogate becomes ``\udcff``, which JSON reads back.

    Args:
        path: The file to write.
        text: A page, or JSON.
    """
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
