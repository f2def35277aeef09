"""The check of a folder in the order it happens: prepare, find shared runs, find candidates, align, predict, count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from siamese_text import text
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.plagiarism.citations import citation_faults
from siamese_text.plagiarism.coverage import document_findings, pair_findings
from siamese_text.plagiarism.finding.chance import FEWEST_DOCUMENTS
from siamese_text.plagiarism.finding.known_language import Pieces, unknown_languages
from siamese_text.plagiarism.finding.known_text import KnownText
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.pair_cache import PairCache, open_pairs
from siamese_text.plagiarism.finding.partners import MOST_PARTNERS, Partners
from siamese_text.plagiarism.finding.passages import Found, find_passages
from siamese_text.plagiarism.finding.prepared import Prepared, encode_in_chunks, prepare
from siamese_text.plagiarism.finding.weighing import Weighed, weigh
from siamese_text.plagiarism.findings import CitationFinding, Evidence, Findings, Match, Reason, Review
from siamese_text.plagiarism.steps import Steps
from siamese_text.plagiarism.verdicts import reviewed
from siamese_text.protocols import Encodes, PredictsPairs, Progress, Stage
from siamese_text.records import Document
from siamese_text.unit_rows import unit_rows

_LONGEST = 5_000_000  # characters of a document: ten novels
_REASONS = 3  # why documents could not be read, in an error
_BEGINNING = 1000  # characters of a text in which its words are counted first


def check_documents(
    documents: Sequence[Document],
    encoder: Encodes | None,
    *,
    classifier: PredictsPairs | None = None,
    candidates: Encodes | None = None,
    against: Sequence[Document] = (),
    innocent: Sequence[Document] = (),
    known: KnownText | None = None,
    authors: Mapping[str, str] | None = None,
    verdicts: Sequence[Review] = (),
    count: Collection[Reason] = (),
    pieces: Pieces | None = None,
    options: CheckOptions | None = None,
    cache: Path | None = None,
    cache_owner: str = "",
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Find the passages that documents share, word for word, edited or in other words.

    Every document is compared with every other one and with every reference; references are not compared with
    one another. A reference that has the name of a document is called ``against/NAME``.

    Args:
        documents: What was read; a document with a problem, or with too few words, goes to ``skipped``.
        encoder: Embeds sentences, and the passages that it is asked about; None for words alone: then nothing is found
            by its meaning.
        classifier: Decides about borderline paraphrases, and gives matches their probability; without one, or where it
            has no fitted decision, borderline passages are not reported.
        candidates: Embeds the sentences in its place, such as a quicker student of it that gives nearly its vectors.
        against: References that the documents may have been taken from.
        innocent: Documents of which none was copied from another, such as those of an earlier year: what they share is
            chance. Without them the folder says itself what chance does, or, below 20 documents, the shipped
            background.
        known: A template and phrases that count in no document, neither as copied nor in its length.
        authors: The author of each document by name; two documents of one author are not compared.
        verdicts: What people said of passages of earlier runs: what was dismissed does not count.
        count: What counts like any other text, though it has a reason not to.
        pieces: Gives the number of tokens that the model makes of each text: where they are too many for the words, it
            does not know the language, and no paraphrase is claimed. None where it knows all.
        options: Thresholds.
        cache: A folder where what pairs share is kept as it is found, for this folder of documents as it stands.
        cache_owner: Where the documents lie; what was kept for them in an earlier state is deleted.
        stage: Called with what begins, in words.
        progress: Called with the number of documents, sentences or pairs that are done, and of all.

    Returns:
        Documents and pairs, most severe first.

    Raises:
        NothingToDo: There are not two documents to compare, no document and reference, and none that was skipped.
        UsageError: Several documents have one name, or there are too few innocent ones.
    """
    options = options or CheckOptions()
    checked, skipped = _usable(documents, options.min_document_words)
    references, unusable = _usable(_named_apart(against, documents, "against"), options.min_document_words)
    others = [*documents, *references]
    harmless, unknown = _usable(_named_apart(innocent, others, "innocent"), options.min_document_words)
    _refuse_too_few(checked, references, against, [*skipped, *unusable])
    _refuse_few_innocent(harmless, innocent)
    every = [*checked, *harmless, *references]
    _refuse_same_names(every)
    common = len(every) if Reason.COMMON in count else options.common(len(every))
    steps = Steps(stage, progress)
    prepared = prepare(
        every,
        candidates or encoder,
        common=common,
        references=len(references),
        known=known,
        count=count,
        steps=steps,
    )
    strange = _in_unknown_languages(every, pieces if encoder else None)
    partners = Partners(prepared, len(checked), len(references), _author_numbers(every, authors))
    with open_pairs(cache, cache_owner) if cache else nullcontext() as blobs:
        pairs_cache = PairCache(blobs)
        passages = find_passages(
            prepared, len(references), common, options, partners=partners, kept=pairs_cache, steps=steps
        )
        found = _of_two_authors(passages, authors)
        pairs_cache.forget_the_rest()
    names = ([one.name for one in group] for group in (checked, harmless, references))
    sample = None if partners.sample is None else [every[place].name for place in partners.sample]
    weighing = weigh(
        found, *names, options=options, sample=sample, copies=_copies(prepared), explained=Reason.SOURCE not in count
    )
    claimed = [one for one in weighing.weighed if not _is_retold_in(one.found, strange)]
    by_name = {one.document.name: one for one in prepared}
    matches = reviewed(_matches(claimed, encoder, classifier, options, steps), verdicts)
    pairs = pair_findings([match for match in matches if match.counts], by_name)
    return Findings(
        documents=document_findings(pairs, prepared[: len(checked)]),
        pairs=pairs,
        quotations=tuple(match for match in matches if match.quotation),
        dismissed=tuple(match for match in matches if not match.counts and not match.quotation),
        skipped=(*skipped, *unusable, *unknown),
        texts={one.name: by_name[one.name].document for one in (*checked, *references)},
        options=_thresholds(options, partners, prepared, len(references), least_evidence=weighing.least, count=count),
        chance=weighing.chance,
        run={"aligned": pairs_cache.new, "aligned_before": pairs_cache.known},
        excluded={one.name: by_name[one.name].excluded_by for one in (*checked, *references)},
        verdicts=tuple(verdicts),
        citations=tuple(_citations(checked)),
        unknown_languages=frozenset(strange),
        cautions=tuple(_cautions(partners, strange, every, words_only=encoder is None)),
    )


def _copies(prepared: Sequence[Prepared]) -> set[str]:
    """Name the documents whose text an earlier one has."""
    first: dict[int, str] = {}
    for one in prepared:
        first.setdefault(one.text_number, one.document.name)
    return {one.document.name for one in prepared if first[one.text_number] != one.document.name}


def _citations(checked: Sequence[Document]) -> Iterator[CitationFinding]:
    """List the citations and the entries that have no partner, document by document."""
    for document in sorted(checked, key=lambda one: one.name):
        for fault, span in citation_faults(document.text):
            yield CitationFinding(document.name, fault, span)


def _thresholds(
    options: CheckOptions,
    partners: Partners,
    prepared: Sequence[Prepared],
    references: int,
    *,
    least_evidence: float,
    count: Collection[Reason],
) -> dict[str, Any]:
    """Return what the check was told and what it set itself, for the report's box on how it was made."""
    return asdict(options) | {
        "references": references,
        "least_evidence": round(least_evidence, 1),
        "most_partners": partners.run_partners,
        "pairs_left_out": partners.left_out,
        "counted_again": sorted(count),
        "template_sentences": sum(one.template_sentences for one in prepared),
    }


def _cautions(
    partners: Partners, strange: AbstractSet[str], every: Sequence[Document], *, words_only: bool
) -> Iterator[str]:
    """Say what was not looked for."""
    if words_only:
        yield "Only words were compared, by no model: passages retold in other words were not looked for."
    if strange:
        are = "is" if len(strange) == 1 else "are"
        yield (
            f"{len(strange):,} of {len(every):,} texts {are} in a language that the model hardly knows: no paraphrase "
            "is claimed of it, only copies and edited copies; documents.csv names each. A multilingual --model knows "
            "more."
        )
    if partners.sample is not None:
        left_out = f"; at least {partners.left_out:,} further pairs were left out" if partners.left_out else ""
        yield (
            "The folder is large: each document was compared in detail with those alone that have a run of words, rare "
            f"words or like sentences in common with it, and with the {MOST_PARTNERS} at most that have most{left_out}."
        )


def _in_unknown_languages(documents: Sequence[Document], pieces: Pieces | None) -> set[str]:
    """Return the names of the documents whose language the model hardly knows."""
    if pieces is None:
        return set()
    strange = unknown_languages([text.readable(document.text) for document in documents], pieces)
    return {document.name for document, unknown in zip(documents, strange, strict=True) if unknown}


def _is_retold_in(found: Found, strange: AbstractSet[str]) -> bool:
    """Tell a paraphrase of which one side is in a language that the model hardly knows."""
    return found.alignment.evidence is Evidence.PARAPHRASE and not strange.isdisjoint(found.names)


def _author(name: str, authors: Mapping[str, str] | None) -> str:
    """Return the author of a document; one without a known author is its own."""
    return (authors or {}).get(name, name)


def _author_numbers(documents: Sequence[Document], authors: Mapping[str, str] | None) -> list[int]:
    """Give each document a number, those of one author the same."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(_author(document.name, authors), len(numbers)) for document in documents]


def _of_two_authors(found: Iterable[Found], authors: Mapping[str, str] | None) -> list[Found]:
    """Leave out what two documents of one author share."""
    return [one for one in found if len({_author(name, authors) for name in one.names}) == 2]


def _usable(documents: Sequence[Document], min_words: int) -> tuple[list[Document], list[Document]]:
    """Part the documents that can be checked from those that cannot, each with its reason."""
    usable, skipped = [], []
    for document in documents:
        words = 0 if document.problem else _count_words(document.text, min_words)
        if document.problem:
            skipped.append(document)
        elif words < min_words:
            problem = f"too short ({words} word{'' if words == 1 else 's'})"
            skipped.append(replace(document, text="", problem=problem))
        elif len(document.text) > _LONGEST:
            size, limit = len(document.text) / 1e6, _LONGEST / 1e6
            problem = f"too long ({size:.1f} million characters, at most {limit:g} million are compared); split it"
            skipped.append(replace(document, text="", problem=problem))
        else:
            usable.append(document)
    return usable, skipped


def _count_words(whole: str, enough: int) -> int:
    """Count words; where the beginning of a text holds enough, those of the beginning."""
    beginning = len(text.words(whole[:_BEGINNING]))
    return beginning if beginning > enough or len(whole) <= _BEGINNING else len(text.words(whole))


def _named_apart(references: Sequence[Document], documents: Sequence[Document], option: str) -> list[Document]:
    names = {document.name for document in documents}
    apart = []
    for reference in references:
        name = reference.name
        while name in names:  # a subfolder may be called as the option is
            name = f"{option}/{name}"
        apart.append(replace(reference, name=name))
    return apart


def _refuse_too_few(
    checked: Sequence[Document],
    references: Sequence[Document],
    against: Sequence[Document],
    skipped: Sequence[Document],
) -> None:
    """Refuse a check without anything to compare; where files were skipped, one document is reported on with these."""
    if len(checked) >= 2 or (checked and (references or skipped)):
        return
    count = f"{len(checked)} document{'' if len(checked) == 1 else 's'} could be read"
    reasons = "".join(f"; {file.name}: {(file.problem or '').partition(';')[0]}" for file in skipped[:_REASONS])
    if against:
        raise NothingToDo(f"{count}, and {len(references)} to compare with; a check needs one of each, or two{reasons}")
    raise NothingToDo(f"{count}; a check needs two, or --against DIR{reasons}")


def _refuse_few_innocent(known: Sequence[Document], innocent: Sequence[Document]) -> None:
    if innocent and len(known) < FEWEST_DOCUMENTS:
        raise UsageError(
            f"{len(known)} innocent document{'' if len(known) == 1 else 's'} could be read; give {FEWEST_DOCUMENTS} or "
            "more, or leave --innocent out"
        )


def _refuse_same_names(documents: Sequence[Document]) -> None:
    counts = Counter(document.name for document in documents)
    for name, count in counts.items():
        if count > 1:
            raise UsageError(f"{count} documents are named {name!r}; give each its own name")


def _matches(
    weighed: Sequence[Weighed],
    encoder: Encodes | None,
    classifier: PredictsPairs | None,
    options: CheckOptions,
    steps: Steps,
) -> list[Match]:
    """Compare the passages as wholes, and keep what has evidence enough or what the model confirms."""
    kept = [one for one in weighed if _may_count(one.found, one.share, options)]
    if not kept:
        return []
    found, sure = [one.found for one in kept], [one.found.quotation or one.share >= 1 for one in kept]
    passages = [one.passages for one in found]
    distinct = sorted({passage.text for pair in passages for passage in pair})
    texts = [text.readable(passage) for passage in distinct]
    vectors = np.zeros((len(texts), 0), dtype=np.float32)
    if encoder:
        steps.begin("embedding passages")
        vectors = encode_in_chunks(encoder, texts, steps.progress)
    places = {passage: place for place, passage in enumerate(distinct)}
    rows = [(places[left.text], places[right.text]) for left, right in passages]
    left, right = (vectors[list(column)] for column in zip(*rows, strict=True))
    similarity = np.einsum("nd,nd->n", unit_rows(left), unit_rows(right))
    sides = [(texts[one], texts[other]) for one, other in rows]
    at_hand = dict(zip(texts, vectors, strict=True))
    predictions = classifier.predict(sides, vectors=at_hand) if classifier and encoder else None
    probability = predictions.probability if predictions else None
    same = predictions.same if predictions else None
    return [
        Match(
            *passages[place],
            evidence=one.alignment.evidence,
            word_similarity=one.alignment.word_similarity,
            similarity=float(similarity[place]) if encoder else None,
            probability=None if probability is None else float(probability[place]),
            nats=one.evidence,
            p_value=None if one.quotation else kept[place].p_value,
            quotation=one.quotation,
            shared_by=one.shared_by,
        )
        for place, one in enumerate(found)
        if sure[place] or (same is not None and same[place])
    ]


def _may_count(found: Found, share: float, options: CheckOptions) -> bool:
    long_enough = max(found.alignment.left_words, found.alignment.right_words) >= options.min_run_words
    return long_enough and (found.quotation or share >= 1 - options.borderline)
