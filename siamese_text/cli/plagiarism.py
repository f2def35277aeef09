"""``siamese-text plagiarism``: which documents of a folder share passages, as a report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siamese_text.api import DEFAULT_MODEL, listed_formats
from siamese_text.cli.console import (
    Backend,
    Json,
    Model,
    Overwrite,
    Verbose,
    percent,
    print_json,
    print_table,
    say,
    staged_bar,
    tell_place,
)
from siamese_text.errors import EXIT_CHECK_FAILED, EXIT_NOTHING, EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from siamese_text.api import CheckOptions, Findings, PanRow

SHOWN = 20  # pairs in the terminal; the report has all


def plagiarism(
    folder: Annotated[
        Path | None, typer.Argument(help=f"Folder, or zip of one, of documents: {listed_formats()}.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Report folder to make.")] = Path("report"),
    against: Annotated[Path | None, typer.Option(help="Folder of documents they may have been taken from.")] = None,
    innocent: Annotated[
        Path | None, typer.Option(help="Folder of documents in which nobody copied, as of an earlier year.")
    ] = None,
    template: Annotated[Path | None, typer.Option(help="What everyone was given: its words count nowhere.")] = None,
    ignore: Annotated[Path | None, typer.Option(help="File of phrases, one a line, that count nowhere.")] = None,
    authors: Annotated[
        Path | None, typer.Option(help="CSV file of file,author: files of one author are not compared.")
    ] = None,
    author_level: Annotated[
        int, typer.Option(help="How many folders of a name say its author, who is not compared with himself.")
    ] = 0,
    dates: Annotated[
        Path | None, typer.Option(help="CSV file of file,date, as 2026-05-31 23:59: groups are shown in that order.")
    ] = None,
    count: Annotated[
        str, typer.Option(help="Count these too, by commas: quotation, references, heading, given, common, source.")
    ] = "",
    verdicts: Annotated[
        Path | None, typer.Option(help="File of verdicts that a report saved: what was dismissed does not count.")
    ] = None,
    submissions: Annotated[
        bool,
        typer.Option("--submissions", help="Each subfolder is what one person handed in: one document of its files."),
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files that are not UTF-8, as cp1250; guessed without it.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Follow symbolic links; without it they are told, and not read.")
    ] = False,
    max_mb: Annotated[float, typer.Option(help="Size of a file in MB above which it is told, and not read.")] = 50,
    password_file: Annotated[
        Path | None, typer.Option(help="File of passwords to try, one a line, or name, tab, password; never shown.")
    ] = None,
    false_share: Annotated[float, typer.Option(help="Share of the listed pairs that may be chance.")] = 0.05,
    fail_over: Annotated[
        float | None, typer.Option(help="End with exit code 1 if more of a document than this share, as 0.3, is found.")
    ] = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Keep texts, and words out of them, out of the report.")
    ] = False,
    anonymize: Annotated[
        bool, typer.Option("--anonymize", help="Number the documents in the report, without names.")
    ] = False,
    pan: Annotated[
        Path | None, typer.Option(help="Instead of a folder: a corpus of a PAN competition, to be measured.")
    ] = None,
    model: Model = DEFAULT_MODEL,
    candidates_model: Annotated[
        str | None, typer.Option(help="A quicker student of the model, to find candidates; see distill.")
    ] = None,
    words_only: Annotated[
        bool, typer.Option("--words-only", help="Compare words alone, by no model: in a moment, without paraphrases.")
    ] = False,
    backend: Backend = "auto",
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps what was done: a later run, or one after a kill, goes on.")
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Find passages that documents share, verbatim, edited or paraphrased, and write a report.

    plagiarism verify REPORT looks up each passage of a report again in the files.
    """
    from siamese_text import api

    if verbose:
        tell_place(model)
    if (folder is None) == (pan is None):
        raise UsageError("give one folder of documents, or --pan DIR instead")
    if folder is None:
        options = api.CheckOptions(false_share=false_share)
        rows = _pan(pan, output, options, model=model, backend=backend, cache=cache, overwrite=overwrite)
        return _render_pan(rows, output, json=json)
    if fail_over is not None and not 0 <= fail_over <= 1:
        raise UsageError(f"--fail-over is {fail_over:g}; give a share from 0 to 1, such as 0.3")
    if max_mb <= 0:
        raise UsageError(f"--max-mb is {max_mb:g}; give a size above 0, such as 50")
    with staged_bar(always=False) as (stage, progress):
        findings = api.check_folder(
            folder,
            against=against,
            innocent=innocent,
            template=template,
            ignore=ignore,
            authors=authors,
            author_level=author_level,
            dates=dates,
            count=[name.strip() for name in count.split(",") if name.strip()],
            submissions=submissions,
            encoding=encoding,
            follow=follow,
            max_bytes=round(max_mb * 1e6),
            password_file=password_file,
            verdicts=verdicts,
            options=api.CheckOptions(false_share=false_share),
            model=model,
            candidates_model=candidates_model,
            words_only=words_only,
            backend=backend,
            cache=cache,
            report=output,
            with_text=not no_text,
            anonymous=anonymize,
            overwrite=overwrite,
            stage=stage,
            progress=progress,
        )
    if json:
        shown = api.anonymized(findings) if anonymize else findings
        print_json(api.findings_as_dict(shown, with_text=not no_text))
    else:
        _render(findings)
    _say_what_was_left_out(findings, cache)
    say(f"wrote {output / 'report.html'}")
    return _exit_code(findings, fail_over)


def _say_what_was_left_out(findings: Findings, cache: Path | None) -> None:
    for document in findings.skipped:
        say(f"not checked: {document.name}: {document.problem}")
    for document, note in findings.notes:
        say(f"{note.kind}: {document.name}: {note.message}")
    if cache:
        run = findings.run
        say(f"{run['embedded']:,} texts embedded, {run['embedded_before']:,} in {cache} already")
        say(f"{run['aligned']:,} pairs of documents aligned, {run['aligned_before']:,} in {cache} already")


def _exit_code(findings: Findings, fail_over: float | None) -> int:
    """Tell a check that failed by what it was asked for from one that could not look at everything."""
    from siamese_text.api.rendering import counted

    if len(findings.texts) < 2:
        say("nothing to compare: one document could be read")
        return EXIT_NOTHING
    over = [one for one in findings.documents if fail_over is not None and one.coverage > fail_over]
    if over:
        say(f"{counted(len(over), 'document')} over {fail_over:.0%}, as {over[0].name} with {over[0].coverage:.0%}")
        return EXIT_CHECK_FAILED
    unread = any(note.kind == "unread" for _, note in findings.notes)
    return EXIT_PARTIAL if findings.skipped or unread else EXIT_OK


def _pan(
    corpus: Path | None,
    output: Path,
    options: CheckOptions,
    *,
    model: str,
    backend: str,
    cache: Path | None,
    overwrite: bool,
) -> list[PanRow]:
    from siamese_text import api

    with staged_bar(always=True) as (stage, progress):
        return api.check_pan(
            corpus or Path(),
            model=model,
            backend=backend,
            options=options,
            cache=cache,
            detections=output,
            overwrite=overwrite,
            stage=stage,
            progress=progress,
        )


def _render_pan(rows: list[PanRow], output: Path, *, json: bool) -> int:
    if json:
        print_json([_pan_as_dict(row) for row in rows])
    else:
        figures = [[f"{figure:.3f}" for figure in _pan_figures(row)] for row in rows]
        counts = [[row.kind, str(row.pairs), str(row.cases), str(row.detections)] for row in rows]
        measures = ("plagdet", "precision", "recall", "granularity", "plagdet, micro", "F1 of cases", "F1 of pairs")
        columns = ("kind", "pairs", "cases", "found", *measures)
        cells = [[*count, *row] for count, row in zip(counts, figures, strict=True)]
        print_table(*columns, rows=cells, title="Macro measures, by which the competition ranks", right=1)
    say(f"wrote {output}")
    return EXIT_OK


def _pan_as_dict(row: PanRow) -> dict[str, object]:
    return (
        asdict(row)
        | {
            name: asdict(measures) | {"plagdet": measures.plagdet}
            for name, measures in (("macro", row.macro), ("micro", row.micro))
        }
        | {
            name: asdict(measures) | {"f1": measures.f1}
            for name, measures in (("found_cases", row.found_cases), ("found_pairs", row.found_pairs))
        }
    )


def _pan_figures(row: PanRow) -> tuple[float, ...]:
    macro = row.macro
    exact = macro.plagdet, macro.precision, macro.recall, macro.granularity, row.micro.plagdet
    return *exact, row.found_cases.f1, row.found_pairs.f1


def _render(findings: Findings) -> None:
    from siamese_text.api.rendering import chance_sentence, counted, summary

    say(summary(findings))
    for names in findings.identical[:SHOWN]:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        say(f"{counted(len(names), 'file')} with the same text: {', '.join(names[:SHOWN])}{more}")
    rows = [
        [
            pair.left,
            pair.right,
            str(len(pair.matches)),
            ", ".join(dict.fromkeys(match.evidence.value for match in pair.matches)),
            str(pair.longest),
            percent(pair.left_coverage),
            percent(pair.right_coverage),
        ]
        for pair in findings.pairs[:SHOWN]
    ]
    columns = ("document", "shares with", "passages", "kind", "longest (words)", "of the first", "of the second")
    print_table(*columns, rows=rows, title="Pairs that share passages, the largest share first", right=3)
    if len(findings.pairs) > SHOWN:
        say(f"{len(findings.pairs) - SHOWN} more pairs are in the report")
    say(chance_sentence(findings))
    for caution in findings.cautions:
        say(caution)
    if findings.quotations:
        listed = counted(len(findings.quotations), "shared passage")
        say(
            f"not counted: {listed} in quotations, headings, lists of references or many documents; the report has them"
        )
    say("Similarity is not proof: read the passages before you conclude.")
    if findings.citations:
        faults = [one.fault.value for one in findings.citations]
        unlisted, uncited = counted(faults.count("no entry"), "citation"), faults.count("not cited")
        say(f"{unlisted} without an entry in the references, entries without a citation: {uncited}; see the report")
    if findings.verdicts:
        read, dismissed = len(findings.verdicts), len(findings.dismissed)
        say(f"{counted(read, 'verdict')} read, {counted(dismissed, 'passage')} dismissed, not counted")
