"""How much of each document its matches cover, counted in characters that are no white space and not excluded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from siamese_text.plagiarism.finding.prepared import Prepared
from siamese_text.plagiarism.findings import DocumentFinding, Evidence, Match, PairFinding
from siamese_text.plagiarism.spans import intersection
from siamese_text.records import Passage, Span


def pair_findings(matches: Iterable[Match], documents: Mapping[str, Prepared]) -> tuple[PairFinding, ...]:
    """Gather the counted matches of each pair of documents.

    Args:
        matches: Matches that count.
        documents: The documents by name.

    Returns:
        Pairs, the largest coverage first, then the longest match.
    """
    by_pair: dict[tuple[str, str], list[Match]] = defaultdict(list)
    for match in matches:
        by_pair[match.left.document, match.right.document].append(match)
    pairs = [
        PairFinding(
            left,
            right,
            tuple(shared),
            coverage(documents[left], [match.left.span for match in shared]),
            coverage(documents[right], [match.right.span for match in shared]),
        )
        for (left, right), shared in by_pair.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.coverage, -pair.longest, pair.left, pair.right)))


def document_findings(pairs: Iterable[PairFinding], checked: Iterable[Prepared]) -> tuple[DocumentFinding, ...]:
    """Sum up what each document shares with all others.

    Args:
        pairs: Pairs, most severe first.
        checked: The documents to report on.

    Returns:
        One finding for each document, the largest coverage first, then the longest match. A stretch that several
        matches cover counts once, under its surest evidence.
    """
    shared: dict[str, list[tuple[str, Passage, Match]]] = defaultdict(list)
    for pair in pairs:
        for match in pair.matches:
            shared[pair.left].append((pair.right, match.left, match))
            shared[pair.right].append((pair.left, match.right, match))
    findings = [_document_finding(document, shared[document.document.name]) for document in checked]
    return tuple(sorted(findings, key=lambda finding: (-finding.coverage, -finding.longest, finding.name)))


def coverage(document: Prepared, spans: Sequence[Span]) -> float:
    """Return the share of a document's analysable characters that some spans cover, in [0, 1].

    Args:
        document: The document; its excluded spans count neither above nor below the line.
        spans: What is covered, in any order.

    Returns:
        0 for a document without analysable characters.
    """
    whole = [Span(0, len(document.document.text))]
    analysable = _counted(document, whole)
    return _counted(document, spans) / analysable if analysable else 0.0


def _document_finding(document: Prepared, shared: Sequence[tuple[str, Passage, Match]]) -> DocumentFinding:
    spans: list[Span] = []
    reached, by_evidence = 0.0, {}
    for evidence in Evidence:  # the surest first
        spans += [passage.span for _, passage, match in shared if match.evidence is evidence]
        total = coverage(document, spans)
        by_evidence[evidence], reached = total - reached, total
    covered_by: dict[str, list[Span]] = defaultdict(list)
    for partner, passage, _ in shared:
        covered_by[partner].append(passage.span)
    return DocumentFinding(
        name=document.document.name,
        words=len(document.words),
        coverage=reached,
        coverage_by_evidence=by_evidence,
        longest=max((match.words for _, _, match in shared), default=0),
        partner=max(covered_by, key=lambda partner: coverage(document, covered_by[partner]), default=None),
    )


def _counted(document: Prepared, spans: Sequence[Span]) -> int:
    text = document.document.text
    return _ink(text, intersection(spans, [Span(0, len(text))])) - _ink(text, intersection(spans, document.excluded))


def _ink(text: str, spans: Iterable[Span]) -> int:
    """Count the characters that are no white space."""
    return sum(len("".join(text[span.start : span.end].split())) for span in spans)
