"""The page to hand on: what it says without its script, and the values from which its script draws the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from siamese_text._version import __version__
from siamese_text.pages import SHARED_SCRIPT, SHARED_STYLE, environment, script_data, source_hash, source_of
from siamese_text.plagiarism.findings import Findings
from siamese_text.plagiarism.report.contents import page_contents
from siamese_text.plagiarism.report.rows import chance_sentence, reasons, shares, source_groups, summary
from siamese_text.plagiarism.report.words import (
    REASONS,
    counted,
    option_name,
    option_value,
    printable,
    whole_percent,
    why_not_counted,
)
from siamese_text.text import place_of

TABLE_ROWS = 1_000  # a longer table helps nobody in a browser; the page names the file that holds the rest
PARTS = "texts"  # the folder of what the page has no room for
_HERE = Path(__file__).parent
# In the order in which they are read: each file may use what those before it define.
SCRIPTS = (
    "elements",
    "data",
    "shares",
    "overview",
    "timeline",
    "groups",
    "text",
    "reader",
    "verdicts",
    "printing",
    "main",
)


def report_page(findings: Findings, *, with_text: bool = True) -> tuple[str, Sequence[str]]:
    """Render the page to hand on: it needs no network, and opens from a disk.

    Args:
        findings: What the check found.
        with_text: Whether the page holds the texts, and words out of them.

    Returns:
        The page, and the scripts that lie beside it as ``texts/1.js``, ``texts/2.js`` and so on: texts for which the
        page has no room.
    """
    contents = page_contents(findings, with_text=with_text)
    style, script = source_of(SHARED_STYLE, _HERE / "page.css"), script_source()
    page = (
        environment(__file__, _FILTERS)
        .get_template("templates/page.html.jinja")
        .render(
            version=__version__,
            style=Markup(style),  # both are our own, and hold no value of a report
            script=Markup(script),
            hashes={"style": source_hash(style), "script": source_hash(script)},
            data=Markup(script_data({**contents.page, "reasons": REASONS})),
            summary=summary(findings),
            chance=chance_sentence(findings),
            cautions=findings.cautions,
            identical=findings.identical,
            affected=[document for document in findings.documents if document.coverage > 0],
            sources=source_groups(findings),
            left_out=contents.page["left_out"],
            not_counted=[
                (match, why_not_counted(match, reasons(findings, match)))
                for match in (*findings.dismissed, *findings.quotations)
            ],
            skipped=[(file.name, *_reason_and_remedy(file.problem or "")) for file in findings.skipped],
            options=findings.options,
            notes=[
                (document, note, place_of(document, note.spans[0].start) if note.spans else None)
                for document, note in findings.notes
            ],
            citations=[
                (one, place_of(findings.texts[one.document], one.span.start), findings.texts[one.document].text)
                for one in findings.citations
            ],
            run=findings.run,
            files=findings.files,
            row_limit=TABLE_ROWS,
            with_text=with_text,
            texts_beside=bool(contents.parts),
        )
    )
    return page, [
        f"siameseTextPart({number}, {script_data(part)});\n" for number, part in enumerate(contents.parts, start=1)
    ]


def script_source() -> str:
    """Join the parts of the page's script, in their order."""
    return '"use strict";\n' + source_of(SHARED_SCRIPT, *(_HERE / "script" / f"{name}.js" for name in SCRIPTS))


def _reason_and_remedy(problem: str) -> tuple[str, str]:
    """Split a problem as the readers word it, "reason; next step"; whatever has no next step is read by a person."""
    reason, _, remedy = problem.partition("; ")
    return reason, remedy or "read it yourself"


_FILTERS: Mapping[str, Callable[..., object]] = {
    "count": counted,
    "option": option_value,
    "option_name": option_name,
    "percent": whole_percent,
    "printable": printable,
    "shares": shares,
}
