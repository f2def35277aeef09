"""The check of a folder in the order it happens: prepare, find shared runs, find candidates, align, predict, count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from siamese_text import text
from siamese_text.errors import NothingToDo, UsageError
from siamese_text.plagiarism.coverage import document_findings, pair_findings
from siamese_text.plagiarism.finding.aligner import Alignment, align
from siamese_text.plagiarism.finding.candidates import similar_pairs
from siamese_text.plagiarism.finding.chance import FEWEST_DOCUMENTS, least_evidence
from siamese_text.plagiarism.finding.evidence import FolderEvidence
from siamese_text.plagiarism.finding.exclusions import lies_inside
from siamese_text.plagiarism.finding.fingerprints import SharedRun, common_runs, shared_runs
from siamese_text.plagiarism.finding.prepared import Prepared, encode_in_chunks, prepare
from siamese_text.plagiarism.findings import Evidence, Findings, Match
from siamese_text.plagiarism.spans import subtract, union
from siamese_text.protocols import Encodes, PredictsPairs
from siamese_text.records import Document, Passage, Span
from siamese_text.unit_rows import unit_rows

_CAUTION = 3.0  # times the evidence, where two lone facts in common can be chance


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The thresholds of a check.

    An excess is a cosine less what two documents on one topic make one expect (see ``PairSimilarity``). It proposes
    passages; what counts is decided by their evidence, in nats (see ``FolderEvidence``).

    Attributes:
        min_document_words: A shorter document is not checked.
        min_run_words: Every shared run of this many words is found.
        ngram_words: How many words a fingerprint holds.
        alarm: How many pairs of documents may be expected to count in a folder where nobody copied.
        paraphrase_strength: In fewer than 20 documents, which say too little of what chance does among them: the least
            strength of a long passage that was found by its meaning (see ``Alignment``); one of n words must have
            1/n more. A weaker one that is no copy needs three times the evidence.
        borderline: A passage that lacks no more than this share of the evidence that it needs is left to the
            decision of the model.
        seed_excess: The least excess of the sentences that a passage grows from.
        promising_cosine: Documents without two windows of this cosine are not aligned.
        max_gap: How many sentences without a partner it may hold in one place.
        common_documents: A run or sentence in more different texts than this is a template ...
        common_share: ... unless the folder is so large that this share of it is more.
    """

    min_document_words: int = 20
    min_run_words: int = 8
    ngram_words: int = 5
    alarm: float = 0.01
    paraphrase_strength: float = 0.45
    borderline: float = 0.05
    seed_excess: float = 0.3
    promising_cosine: float = 0.36
    max_gap: int = 1
    common_documents: int = 20
    common_share: float = 0.05

    def __post_init__(self) -> None:
        if not 1 <= self.ngram_words <= self.min_run_words:
            raise UsageError(
                f"ngram_words is {self.ngram_words}; give 1 to {self.min_run_words}, the value of min_run_words"
            )

    def common(self, documents: int) -> int:
        """Return how many different texts of a folder may share a sentence that is no template."""
        return max(self.common_documents, int(self.common_share * documents))


def check_documents(
    documents: Sequence[Document],
    encoder: Encodes,
    *,
    classifier: PredictsPairs | None = None,
    candidates: Encodes | None = None,
    against: Sequence[Document] = (),
    options: CheckOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Findings:
    """Find the passages that documents share, word for word, edited or in other words.

    Every document is compared with every other one and with every reference; references are not compared with
    one another. A reference that has the name of a document is called ``against/NAME``.

    Args:
        documents: What was read; a document with a problem, or with too few words, goes to ``skipped``.
        encoder: Embeds sentences, and the passages that it is asked about.
        classifier: Decides about borderline paraphrases, and gives matches their probability; without one, or where it
            has no fitted decision, borderline passages are not reported.
        candidates: Embeds the sentences in its place, such as a quicker student of it that gives nearly its vectors.
        against: References that the documents may have been taken from.
        options: Thresholds.
        progress: Called with the number of sentences embedded and to embed.

    Returns:
        Documents and pairs, most severe first.

    Raises:
        NothingToDo: There are not two documents to compare, and no document and reference.
        UsageError: Several documents have one name.
    """
    options = options or CheckOptions()
    checked, skipped = _usable(documents, options.min_document_words)
    references, unusable = _usable(_named_apart(against, documents), options.min_document_words)
    _refuse_too_few(checked, references, against)
    every = [*checked, *references]
    _refuse_same_names(every)
    common = options.common(len(every))
    prepared = prepare(every, candidates or encoder, common=common, references=len(references), progress=progress)
    found = list(_found(prepared, len(references), common, options))
    least = _least_evidence(found, [one.name for one in checked], len(references), options)
    learned = len(checked) >= FEWEST_DOCUMENTS
    weighed = [(one, one.evidence / (least if learned else least * one.caution(options))) for one in found]
    matches = _from_one_source(_matches(weighed, encoder, classifier, options), {one.name for one in references})
    by_name = {one.document.name: one for one in prepared}
    pairs = pair_findings([match for match in matches if not match.quotation], by_name)
    return Findings(
        documents=document_findings(pairs, prepared[: len(checked)]),
        pairs=pairs,
        quotations=tuple(match for match in matches if match.quotation),
        skipped=(*skipped, *unusable),
        texts={name: one.document for name, one in by_name.items()},
        options=asdict(options)
        | {
            "references": len(references),
            "least_evidence": round(least, 1),
            "template_sentences": sum(one.template_sentences for one in prepared),
        },
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """An alignment with its documents, and its evidence in nats; that of a quotation is not asked for."""

    left: Prepared
    right: Prepared
    alignment: Alignment
    evidence: float = 0.0
    quotation: bool = False
    shared_by: int = 2

    @property
    def passages(self) -> tuple[Passage, Passage]:
        return _passage(self.left, self.alignment.left), _passage(self.right, self.alignment.right)

    def caution(self, options: CheckOptions) -> float:
        """Return how many times the evidence is needed where the folder says nothing of chance."""
        words = min(self.alignment.left_words, self.alignment.right_words)
        strong = self.alignment.strength >= options.paraphrase_strength + 1 / words
        return 1.0 if strong or self.alignment.evidence is Evidence.IDENTICAL else _CAUTION


def _usable(documents: Sequence[Document], min_words: int) -> tuple[list[Document], list[Document]]:
    """Part the documents that can be checked from those that cannot, each with its reason."""
    usable, skipped = [], []
    for document in documents:
        words = 0 if document.problem else len(text.words(document.text))
        if document.problem:
            skipped.append(document)
        elif words < min_words:
            problem = f"too short ({words} word{'' if words == 1 else 's'})"
            skipped.append(replace(document, text="", problem=problem))
        else:
            usable.append(document)
    return usable, skipped


def _named_apart(references: Sequence[Document], documents: Sequence[Document]) -> list[Document]:
    names = {document.name for document in documents}
    return [
        replace(reference, name=f"against/{reference.name}") if reference.name in names else reference
        for reference in references
    ]


def _refuse_too_few(checked: Sequence[Document], references: Sequence[Document], against: Sequence[Document]) -> None:
    if len(checked) >= 2 or (checked and references):
        return
    count = f"{len(checked)} document{'' if len(checked) == 1 else 's'} could be read"
    if against:
        raise NothingToDo(f"{count}, and {len(references)} to compare with; a check needs one of each, or two")
    raise NothingToDo(f"{count}; a check needs two, or --against DIR")


def _refuse_same_names(documents: Sequence[Document]) -> None:
    counts = Counter(document.name for document in documents)
    for name, count in counts.items():
        if count > 1:
            raise UsageError(f"{count} documents are named {name!r}; give each its own name")


def _found(prepared: Sequence[Prepared], references: int, common: int, options: CheckOptions) -> Iterator[_Found]:
    """Find what each pair of documents shares: quotations as they stand, everything else joined into passages."""
    counted: dict[tuple[int, int], list[tuple[Span, Span]]] = defaultdict(list)
    forms = [[word.form for word in one.words] for one in prepared]
    runs = shared_runs(
        forms,
        ngram=options.ngram_words,
        min_words=options.min_run_words,
        common=common,
        references=references,
    )
    for run in runs:
        left, right = prepared[run.left], prepared[run.right]
        spans = _characters(left, run.left_words), _characters(right, run.right_words)
        if _is_quoted(left, spans[0], options) or _is_quoted(right, spans[1], options):
            yield _listed(left, right, run)
        else:
            counted[run.left, run.right].append(spans)
    for common_run in common_runs(forms, ngram=options.ngram_words, min_words=options.min_run_words, common=common):
        run = common_run.run
        yield _listed(prepared[run.left], prepared[run.right], run, common_run.texts)
    evidence = FolderEvidence(prepared, references)
    similar = similar_pairs(prepared, options.promising_cosine, wanted=counted.keys(), references=references)
    for place, other, similarity in similar:
        left, right = prepared[place], prepared[other]
        for alignment in align(
            left,
            right,
            similarity,
            counted.get((place, other), []),
            threshold=options.seed_excess,
            max_gap=options.max_gap,
        ):
            nats = evidence.of((place, alignment.left), (other, alignment.right))
            yield _Found(left, right, alignment, nats)


def _is_quoted(document: Prepared, span: Span, options: CheckOptions) -> bool:
    """Tell a quotation from a copied passage in which one stands, because enough around it was copied too."""
    outside = sum(len(document.words_within(part)) for part in subtract(span, document.excluded))
    return outside < options.min_run_words and lies_inside(span, document.excluded)


def _listed(left: Prepared, right: Prepared, run: SharedRun, shared_by: int = 2) -> _Found:
    length = len(run.left_words)
    spans = _characters(left, run.left_words), _characters(right, run.right_words)
    return _Found(left, right, Alignment(*spans, 1.0, 0.0, length, length), quotation=True, shared_by=shared_by)


def _least_evidence(found: Sequence[_Found], names: Sequence[str], references: int, options: CheckOptions) -> float:
    """Learn from the pairs of documents what evidence chance gives; sources that somebody named say nothing of it."""
    checked = set(names)
    strongest: dict[tuple[str, str], float] = defaultdict(float)
    for one in found:
        pair = one.left.document.name, one.right.document.name
        if checked.issuperset(pair):
            strongest[pair] = max(strongest[pair], one.evidence)
    documents = len(names)
    pairs = documents * (documents - 1) // 2
    if documents < FEWEST_DOCUMENTS:
        pairs += documents * references
    return least_evidence(list(strongest.values()), documents, pairs, options.alarm)


def _matches(
    weighed: Sequence[tuple[_Found, float]], encoder: Encodes, classifier: PredictsPairs | None, options: CheckOptions
) -> list[Match]:
    """Compare the passages as wholes, and keep what has evidence enough or what the model confirms.

    Each passage comes with its evidence as a multiple of what it needs.
    """
    kept = [(one, one.quotation or share >= 1) for one, share in weighed if _may_count(one, share, options)]
    if not kept:
        return []
    found, sure = [one for one, _ in kept], [counts for _, counts in kept]
    passages = [one.passages for one in found]
    distinct = sorted({passage.text for pair in passages for passage in pair})
    texts = [" ".join(passage.split()) for passage in distinct]
    vectors = encode_in_chunks(encoder, texts)
    places = {passage: place for place, passage in enumerate(distinct)}
    rows = [(places[left.text], places[right.text]) for left, right in passages]
    left, right = (vectors[list(column)] for column in zip(*rows, strict=True))
    similarity = np.einsum("nd,nd->n", unit_rows(left), unit_rows(right))
    sides = [(texts[one], texts[other]) for one, other in rows]
    at_hand = dict(zip(texts, vectors, strict=True))
    predictions = classifier.predict(sides, vectors=at_hand) if classifier else None
    probability = predictions.probability if predictions else None
    same = predictions.same if predictions else None
    return [
        Match(
            *passages[place],
            evidence=one.alignment.evidence,
            word_similarity=one.alignment.word_similarity,
            similarity=float(similarity[place]),
            probability=None if probability is None else float(probability[place]),
            nats=one.evidence,
            quotation=one.quotation,
            shared_by=one.shared_by,
        )
        for place, one in enumerate(found)
        if sure[place] or (same is not None and same[place])
    ]


def _from_one_source(matches: Sequence[Match], sources: Collection[str]) -> list[Match]:
    """List, and do not count, what two documents share because both have it from one source that somebody named."""
    taken: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for match in matches:
        for own, other in ((match.left, match.right), (match.right, match.left)):
            if other.document in sources and not match.quotation:
                taken[own.document][other.document].append(own.span)

    def explained(match: Match) -> bool:
        ours, theirs = taken[match.left.document], taken[match.right.document]
        return any(
            lies_inside(match.left.span, union(ours[source])) and lies_inside(match.right.span, union(theirs[source]))
            for source in ours.keys() & theirs.keys()
        )

    return [replace(match, quotation=True) if explained(match) else match for match in matches]


def _may_count(found: _Found, share: float, options: CheckOptions) -> bool:
    long_enough = max(found.alignment.left_words, found.alignment.right_words) >= options.min_run_words
    return long_enough and (found.quotation or share >= 1 - options.borderline)


def _characters(document: Prepared, words: Span) -> Span:
    return Span(document.words[words.start].span.start, document.words[words.end - 1].span.end)


def _passage(document: Prepared, span: Span) -> Passage:
    return Passage(document.document.name, span.start, span.end, document.document.text[span.start : span.end])
