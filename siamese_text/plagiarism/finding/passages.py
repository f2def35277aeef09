"""What documents share, before it is asked whether that counts: quotations, and passages with their evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from siamese_text.plagiarism.finding.aligner import Alignment, align
from siamese_text.plagiarism.finding.candidates import listed_pairs, similar_pairs
from siamese_text.plagiarism.finding.evidence import FolderEvidence
from siamese_text.plagiarism.finding.exclusions import lies_inside
from siamese_text.plagiarism.finding.fingerprints import SharedRun, common_runs, shared_runs
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.pair_cache import PairCache
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.findings import Evidence
from siamese_text.plagiarism.spans import subtract
from siamese_text.protocols import Progress
from siamese_text.records import Passage, Span

_CAUTION = 3.0  # times the evidence, where two lone facts in common can be chance


@dataclass(frozen=True, slots=True)
class Found:
    """An alignment with its documents, and its evidence in nats; that of a quotation is not asked for."""

    left: Prepared
    right: Prepared
    alignment: Alignment
    evidence: float = 0.0
    quotation: bool = False
    shared_by: int = 2

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two documents."""
        return self.left.document.name, self.right.document.name

    @property
    def passages(self) -> tuple[Passage, Passage]:
        """The two passages with their text."""
        return _passage(self.left, self.alignment.left), _passage(self.right, self.alignment.right)

    def caution(self, options: CheckOptions) -> float:
        """Return how many times the evidence is needed where the folder says nothing of chance."""
        words = min(self.alignment.left_words, self.alignment.right_words)
        strong = self.alignment.strength >= options.paraphrase_strength + 1 / words
        return 1.0 if strong or self.alignment.evidence is Evidence.IDENTICAL else _CAUTION


def find_passages(
    prepared: Sequence[Prepared],
    references: int,
    common: int,
    options: CheckOptions,
    *,
    pairs: Iterable[tuple[int, int]] | None = None,
    kept: PairCache | None = None,
    progress: Progress | None = None,
) -> Iterator[Found]:
    """Find what each pair of documents shares: quotations as they stand, everything else joined into passages.

    Where ``pairs`` of places are given, the smaller first, passages are looked for in these alone; otherwise
    ``progress`` is told how many pairs are compared, and of how many. What ``kept`` knows is not aligned again.
    """
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
    kept = kept or PairCache()
    evidence = FolderEvidence(prepared, references)
    promising, wanted = options.promising_cosine, counted.keys()
    if pairs is None:
        similar = similar_pairs(prepared, promising, wanted=wanted, references=references, progress=progress)
    else:
        similar = listed_pairs(prepared, pairs, promising, wanted=wanted)
    for place, other, similarity in similar:
        left, right = prepared[place], prepared[other]
        aligned = kept.get(place, other)
        if aligned is None:
            alignments = align(
                left,
                right,
                similarity,
                counted.get((place, other), []),
                threshold=options.seed_excess,
                max_gap=options.max_gap,
            )
            aligned = [(one, evidence.of((place, one.left), (other, one.right))) for one in alignments]
            kept.put(place, other, aligned)
        for alignment, nats in aligned:
            yield Found(left, right, alignment, nats)


def _is_quoted(document: Prepared, span: Span, options: CheckOptions) -> bool:
    """Tell a quotation from a copied passage in which one stands, because enough around it was copied too."""
    outside = sum(len(document.words_within(part)) for part in subtract(span, document.excluded))
    return outside < options.min_run_words and lies_inside(span, document.excluded)


def _listed(left: Prepared, right: Prepared, run: SharedRun, shared_by: int = 2) -> Found:
    length = len(run.left_words)
    spans = _characters(left, run.left_words), _characters(right, run.right_words)
    return Found(left, right, Alignment(*spans, 1.0, 0.0, length, length), quotation=True, shared_by=shared_by)


def _characters(document: Prepared, words: Span) -> Span:
    return Span(document.words[words.start].span.start, document.words[words.end - 1].span.end)


def _passage(document: Prepared, span: Span) -> Passage:
    return Passage(document.document.name, span.start, span.end, document.document.text[span.start : span.end])
