"""What documents share, before it is asked whether that counts: quotations, and passages with their evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siamese_text.plagiarism.finding.aligner import Alignment, align
from siamese_text.plagiarism.finding.candidates import PairSimilarity, listed_pairs, similar_pairs
from siamese_text.plagiarism.finding.evidence import FolderEvidence
from siamese_text.plagiarism.finding.exclusions import lies_inside
from siamese_text.plagiarism.finding.fingerprints import Fingerprints, SharedRun, hash_words
from siamese_text.plagiarism.finding.options import CheckOptions
from siamese_text.plagiarism.finding.pair_cache import PairCache
from siamese_text.plagiarism.finding.partners import Partners, Places, Runs
from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.findings import Evidence
from siamese_text.plagiarism.spans import subtract
from siamese_text.plagiarism.steps import Steps
from siamese_text.records import Passage, Span

COMPARING = "comparing pairs"
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
    pairs: Sequence[Places] | None = None,
    partners: Partners | None = None,
    kept: PairCache | None = None,
    steps: Steps | None = None,
) -> Iterator[Found]:
    """Find what each pair of documents shares: quotations as they stand, everything else joined into passages.

    Where ``pairs`` of places are given, the smaller first, passages are looked for in these alone; otherwise in those
    that ``partners`` choose. What ``kept`` knows is not aligned again, and copies of one text are aligned once.
    ``steps`` are told what begins, and how many sentences and pairs are compared.
    """
    steps = steps or Steps()
    steps.begin("comparing words")
    counted: dict[Places, list[tuple[Span, Span]]] = defaultdict(list)
    shared = _fingerprints(prepared, options)
    runs = shared.shared_runs(
        common=common, references=references, partners=partners.run_partners if partners else None
    )
    for run in runs:
        left, right = prepared[run.left], prepared[run.right]
        spans = _characters(left, run.left_words), _characters(right, run.right_words)
        if _is_quoted(left, spans[0], options) or _is_quoted(right, spans[1], options):
            yield _listed(left, right, run)
        else:
            counted[run.left, run.right].append(spans)
    for common_run in shared.common_runs(common=common):
        run = common_run.run
        yield _listed(prepared[run.left], prepared[run.right], run, common_run.texts)
    del shared, runs
    promising, wanted = options.promising_cosine, counted.keys()
    if pairs is None and partners and partners.sample is not None:
        pairs = partners.pairs(counted, promising, steps)
    if pairs is None:
        steps.begin(COMPARING)
        similar = similar_pairs(prepared, promising, wanted=wanted, references=references, progress=steps.progress)
    else:
        similar = listed_pairs(prepared, steps.through(COMPARING, pairs), promising, wanted=wanted)
    aligner = _Aligner(prepared, references, counted, options, kept or PairCache())
    for place, other, similarity in similar:
        for alignment, nats in aligner.aligned(place, other, similarity):
            yield Found(prepared[place], prepared[other], alignment, nats)


class _Aligner:
    """Aligns pairs of documents, two texts once, and weighs what they share."""

    def __init__(
        self, prepared: Sequence[Prepared], references: int, runs: Runs, options: CheckOptions, kept: PairCache
    ) -> None:
        self._prepared, self._runs, self._options, self._kept = prepared, runs, options, kept
        self._evidence = FolderEvidence(prepared, references)
        self._copies = Counter(one.text_number for one in prepared)
        self._of_texts: dict[Places, list[Alignment]] = {}

    def aligned(self, left: int, right: int, similarity: PairSimilarity) -> list[tuple[Alignment, float]]:
        """Return the passages of two places, each with its evidence in nats."""
        found = self._alignments(left, right, similarity)
        return [(one, self._evidence.of((left, one.left), (right, one.right))) for one in found]

    def _alignments(self, left: int, right: int, similarity: PairSimilarity) -> list[Alignment]:
        one, other = self._prepared[left], self._prepared[right]
        texts = one.text_number, other.text_number
        if texts in self._of_texts:
            return self._of_texts[texts]
        runs, options = self._runs.get((left, right), ()), self._options
        threshold, max_gap = options.seed_excess, options.max_gap
        found = align(one, other, similarity, runs, threshold=threshold, max_gap=max_gap, kept=self._kept)
        if max(self._copies[text] for text in texts) > 1:
            self._of_texts[texts] = found
        return found


def _fingerprints(prepared: Sequence[Prepared], options: CheckOptions) -> Fingerprints:
    hashes = hash_words(prepared[0].words.vocabulary.forms)
    words = [hashes[document.words.ids] for document in prepared]
    return Fingerprints(words, ngram=options.ngram_words, min_words=options.min_run_words)


def _is_quoted(document: Prepared, span: Span, options: CheckOptions) -> bool:
    """Tell a quotation from a copied passage in which one stands, because enough around it was copied too."""
    outside = sum(len(document.words.within(part)) for part in subtract(span, document.excluded))
    return outside < options.min_run_words and lies_inside(span, document.excluded)


def _listed(left: Prepared, right: Prepared, run: SharedRun, shared_by: int = 2) -> Found:
    length = len(run.left_words)
    spans = _characters(left, run.left_words), _characters(right, run.right_words)
    return Found(left, right, Alignment(*spans, 1.0, 0.0, length, length), quotation=True, shared_by=shared_by)


def _characters(document: Prepared, words: Span) -> Span:
    return document.words.span(words)


def _passage(document: Prepared, span: Span) -> Passage:
    return Passage(document.document.name, span.start, span.end, document.document.text[span.start : span.end])
