"""The plagiarism check of a folder by one call."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamese_text import text
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.atomic import check_output
from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.errors import BadData, MissingInput, UsageError
from siamese_text.protocols import Progress, Stage
from siamese_text.records import Document
from siamese_text.warn import warn_user

if TYPE_CHECKING:
    from siamese_text.plagiarism.finding.known_text import KnownText
    from siamese_text.plagiarism.finding.options import CheckOptions
    from siamese_text.plagiarism.findings import Findings, Reason
    from siamese_text.vectors.cached_encoder import CachedEncoder

_OF_UNKNOWN = 3  # further tokens that one counts for that stands for a whole unknown word
_NAMED = 3  # files in an error


def check_folder(
    folder: str | Path,
    *,
    against: str | Path | None = None,
    innocent: str | Path | None = None,
    template: str | Path | None = None,
    ignore: str | Path | None = None,
    authors: str | Path | None = None,
    author_level: int = 0,
    dates: str | Path | None = None,
    count: Sequence[str] = (),
    submissions: bool = False,
    encoding: str | None = None,
    follow: bool = False,
    max_bytes: int = text.MAX_BYTES,
    password_file: str | Path | None = None,
    verdicts: str | Path | None = None,
    model: str | Path | Scorer = DEFAULT_MODEL,
    candidates_model: str | Path | None = None,
    words_only: bool = False,
    backend: str = "auto",
    options: CheckOptions | None = None,
    cache: str | Path | None = None,
    report: str | Path | None = None,
    with_text: bool = True,
    anonymous: bool = False,
    overwrite: bool = False,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Compare all documents of a folder with each other, or with those of another folder too.

    Args:
        folder: The documents to check: a folder, or a zip archive of one, as those of ``against`` and ``innocent``.
        against: Documents that they may have been taken from; these are not compared among themselves.
        innocent: Documents of which none was copied from another, such as those of an earlier year; they say what
            chance does. Otherwise the folder does, or, below 20 documents, a shipped background.
        template: A document that everyone was given, such as an assignment sheet: its words count nowhere.
        ignore: A text file of phrases, one a line, that count nowhere.
        authors: A CSV file of documents and their authors, ``file,author``: the documents of one author are not
            compared with each other.
        dates: A CSV file of documents and when they were handed in, ``file,date``, as 2026-05-31 or 2026-05-31 23:59;
            without it the page shows the dates of the files, and says that they are a hint.
        author_level: Instead of it how many folders of a document's name say its author; 0 where each document has its
            own.
        count: What counts though it has a reason not to: ``quotation``, ``references``, ``heading``, ``given``,
            ``common``, ``source``; see ``Reason``.
        submissions: Whether each subfolder of ``folder`` holds the files of one person, which are one document.
        encoding: That of text files which do not show theirs; it is guessed by default, and the guess is a note.
        follow: Whether symbolic links are followed; they are told by default.
        max_bytes: The size in bytes above which a file is told, and not read.
        password_file: A text file of passwords for files that need one: one a line, tried in turn, or the name of a
            document, a tab and its password. They stand in no report, message or cache.
        verdicts: A file of what people said of passages of an earlier run, as its page saves it: what was dismissed is
            listed and does not count.
        model: A name, a folder, or a loaded scorer; its decision confirms passages.
        candidates_model: A quicker student of it, a name or a folder, that embeds all sentences in its place.
        words_only: Whether only words are compared, by no model: passages in other words are not found.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        options: The thresholds of the check.
        cache: A folder where embeddings and what pairs share are kept as they are made, so that a run that was killed
            goes on, and one after a change embeds what is new and aligns what reads otherwise. Findings are those
            without it, but for ``run``.
        report: A folder to write: ``report.html``, and the same as JSON and as tables.
        with_text: Whether texts, and words out of them, stand in the report.
        anonymous: Whether the report has numbers instead of the names of files.
        overwrite: Whether an earlier report may be replaced.
        stage: Called with what begins, in words.
        progress: Called with the number of files, sentences or pairs that are done, and of all.

    Returns:
        Documents and pairs, most severe first, with their passages; and what could not be checked.

    Raises:
        MissingInput: A folder or a file is missing.
        BadModel: The decision was fitted at another compute dtype than the encoder's.
        NothingToDo: There are fewer than two documents to compare.
        BadData: The template, the phrases, the authors, the dates, the passwords, the verdicts or an archive cannot be
            read.
        UsageError: The level of authors is negative, ``count`` holds no reason, there are fewer than 20 innocent
            documents, or Python knows no such encoding.
        BadOutput: The report exists, or it or the cache cannot be written.

    Warns:
        UserWarning: A file of the cache is damaged, and was left aside; the template is too short to be found.
    """
    from siamese_text.api.keyed_encoder import steady_encoder
    from siamese_text.plagiarism.check import check_documents
    from siamese_text.plagiarism.verdicts import read_verdicts

    started = datetime.now(UTC)
    if report is not None:
        check_output(Path(report), overwrite=overwrite)
    reviews = read_verdicts(Path(verdicts)) if verdicts else ()
    if words_only and candidates_model:
        raise UsageError("words alone need no model; leave out --words-only or --candidates-model")
    scorer = None if words_only else load_to_predict(model, backend=backend)
    reasons = _reasons(count)
    if stage:
        stage("reading files")
    listed: dict[str, Any] = {"follow": follow, "max_bytes": max_bytes}
    passwords = text.read_passwords(Path(password_file)) if password_file else None

    def read(place: str | Path, **more: Any) -> list[Document]:
        return text.read_folder(Path(place), encoding=encoding, passwords=passwords, **listed, **more)

    documents = read(folder, submissions=submissions, progress=progress)
    sources = read(against) if against else []
    given_dates = _dates_of_file(Path(dates), {one.name for one in (*documents, *sources)}) if dates else {}
    by_author = _authors([one.name for one in documents], [one.name for one in sources], authors, author_level)
    with ExitStack() as opened:
        encoder = steady_encoder(scorer.encoder, cache, opened) if scorer else None
        quicker = steady_encoder(load_encoder(candidates_model), cache, opened) if candidates_model else None
        findings = check_documents(
            documents,
            encoder,
            classifier=scorer,
            candidates=quicker,
            against=sources,
            innocent=read(innocent) if innocent else (),
            known=_known_text(template, ignore, encoding, passwords),
            authors=by_author,
            count=reasons,
            pieces=_pieces(scorer.encoder) if scorer else None,
            verdicts=reviews,
            options=options,
            cache=Path(cache) if cache else None,
            cache_owner="\n".join(str(Path(one).resolve()) for one in (folder, against, innocent) if one),
            stage=stage,
            progress=progress,
        )
    models = {"model": scorer.name if scorer else "none: words alone"}
    if candidates_model:
        models["candidates_model"] = str(candidates_model)
    own = text.file_facts(Path(folder), submissions=submissions, passwords=passwords, **listed)
    theirs = text.file_facts(Path(against), passwords=passwords, **listed) if against else {}
    files = _files(findings, own, theirs)
    run = {
        **_effort(started, [one for one in (encoder, quicker) if one]),
        "folder": str(folder),
        "submissions": submissions,
        "encoding": encoding,
        **listed,
        "against": str(against) if against else None,
        "modified": {name: facts.modified for name, facts in files.items()},
    }
    findings = replace(
        findings, options=models | dict(findings.options), run=run | dict(findings.run), files=files, dates=given_dates
    )
    if report is not None:
        from siamese_text.plagiarism.report.files import write_report

        write_report(findings, Path(report), with_text=with_text, anonymous=anonymous, overwrite=overwrite)
    return findings


def _effort(started: datetime, encoders: Sequence[CachedEncoder]) -> dict[str, Any]:
    """Return when a check began, how long it took, and how many texts were embedded for it, or before."""
    return {
        "embedded": sum(one.encoded for one in encoders),
        "embedded_before": sum(one.cached for one in encoders),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 1),
    }


def _files(
    findings: Findings, own: Mapping[str, text.FileFacts], theirs: Mapping[str, text.FileFacts]
) -> dict[str, text.FileFacts]:
    """Return the facts of the files behind the texts, by the names that these have among the findings."""
    from siamese_text.plagiarism.report.verify import original_name

    checked = {document.name for document in findings.documents}
    facts = {}
    for name in findings.texts:
        known = own.get(name) if name in checked else theirs.get(original_name(name, theirs))
        if known:
            facts[name] = known
    return facts


def _known_text(
    template: str | Path | None, ignore: str | Path | None, encoding: str | None, passwords: text.Passwords | None
) -> KnownText:
    from siamese_text.plagiarism.finding.known_text import SHORTEST_TEMPLATE, KnownText

    templates = [_text_of(Path(template), encoding, passwords)] if template else []
    if templates and len(words := text.words(templates[0])) < SHORTEST_TEMPLATE:
        templates = []
        warn_user(
            f"{template} holds {len(words)} words, too few to be found in a document ({SHORTEST_TEMPLATE} or more): it "
            "has no effect; --ignore FILE takes phrases of any length"
        )
    phrases = _text_of(Path(ignore), encoding, passwords).splitlines() if ignore else []
    return KnownText(templates, phrases)


def _text_of(file: Path, encoding: str | None, passwords: text.Passwords | None) -> str:
    document = text.read_file(file, encoding=encoding, passwords=passwords)
    if document.problem:
        raise BadData(f"{file} {document.problem}")
    return document.text


def _pieces(encoder: TextEncoder) -> Callable[[Sequence[str]], list[int]]:
    """Return what counts the tokens of texts; one that stands for what is not known counts as many as break a word."""
    tokenizer = encoder.tokenizer
    around = len(tokenizer([""]).ids[0])

    def count(texts: Sequence[str]) -> list[int]:
        return [len(ids) - around + _OF_UNKNOWN * ids.count(tokenizer.unknown_id or -1) for ids in tokenizer(texts).ids]

    return count


def _reasons(count: Sequence[str]) -> list[Reason]:
    from siamese_text.plagiarism.findings import Reason

    known = [reason.value for reason in Reason]
    for name in count:
        if name not in known:
            raise UsageError(f"{name!r} is no reason why text does not count; give some of {', '.join(known)}")
    return [Reason(name) for name in count]


def _authors(documents: Sequence[str], sources: Sequence[str], file: str | Path | None, level: int) -> dict[str, str]:
    """Return the authors that a file gives, or else the first folders of each name; whoever has none is its own."""
    if level < 0:
        raise UsageError(f"the level of authors is {level}; give the number of folders that name one, or 0 for none")
    if file and level:
        raise UsageError("authors come from a file or from folders; give --authors or --author-level")
    if file:
        return _column_of_file(Path(file), "author", {*documents, *sources})
    parts = {name: name.split("/")[:-1] for name in documents}
    return {name: "/".join(folders[:level]) for name, folders in parts.items() if 0 < level <= len(folders)}


def _dates_of_file(file: Path, names: Collection[str]) -> dict[str, str]:
    """Read a table of documents and dates; as ISO 8601 has them, to the minute or the second."""
    dates = {}
    for name, value in _column_of_file(file, "date", names).items():
        try:
            dates[name] = datetime.fromisoformat(value).isoformat(timespec="seconds")
        except ValueError as error:
            raise BadData(f"{file} dates {name} {value!r}; write it as 2026-05-31 or 2026-05-31 23:59") from error
    return dates


def _column_of_file(file: Path, column: str, names: Collection[str]) -> dict[str, str]:
    """Read a table of documents and one value each, with or without its heading."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise MissingInput(f"{file} was not found; give a CSV file of file,{column}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{file} cannot be read ({error}); give a CSV file of file,{column} in UTF-8") from error
    rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    if rows and [cell.strip().casefold() for cell in rows[0][:2]] == ["file", column]:
        del rows[0]
    values = {}
    for row in rows:
        if len(row) < 2 or not row[1].strip():
            raise BadData(f"{file} has the row {','.join(row)!r}; give a file and its {column} in each: file,{column}")
        values[row[0].strip()] = row[1].strip()
    missing = [name for name in values if name not in names]
    if missing:
        named = ", ".join(missing[:_NAMED])
        raise BadData(
            f"{file} names {len(missing)} files that are not in the folder ({named}); name them as the folder does"
        )
    return values
