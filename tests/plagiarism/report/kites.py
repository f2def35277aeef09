"""Two essays on kites that share passages, one on ships that does not, and what a check finds in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from siamese_text.plagiarism.findings import DocumentFinding, Evidence, Findings, Match, PairFinding
from siamese_text.records import Document, Passage

ANNA = Document(
    "anna.txt",
    "A note on kites.\n\nThe kite rose above the old barn, and it stayed there until dusk. My uncle held the string.\n"
    "“Wind is only weather in a hurry,” he said. A kite needs a tail so that it does not spin.\n",
)
BORIS = Document(
    "class b/boris.md",
    "# Wind\n\nWithout a tail it would turn round and round. The kite rose above the old shed, and it stayed there "
    "until dark.\nAs they say: “Wind is only weather in a hurry,” and that is all.\n",
)
CLARA = Document("clara.txt", "Clara wrote about ships and about nothing else.\n")
SKIPPED = (
    Document("scan.pdf", format="pdf", problem="3 pages and no text layer; run OCR first"),
    Document("empty.txt", problem="no text at all"),
)


def match(
    left: Document,
    left_text: str,
    right: Document,
    right_text: str,
    evidence: Evidence = Evidence.EDITED,
    *,
    quotation: bool = False,
) -> Match:
    passages = []
    for document, text in ((left, left_text), (right, right_text)):
        start = document.text.index(text)
        passages.append(Passage(document.name, start, start + len(text), text))
    return Match(*passages, evidence, 0.75, np.float32(0.91), 0.88, quotation)


EDITED = match(
    ANNA,
    "The kite rose above the old barn, and it stayed there until dusk.",
    BORIS,
    "The kite rose above the old shed, and it stayed there until dark.",
)
PARAPHRASE = match(
    ANNA,
    "A kite needs a tail so that it does not spin.",
    BORIS,
    "Without a tail it would turn round and round.",
    Evidence.PARAPHRASE,
)
QUOTATION = match(
    ANNA,
    "“Wind is only weather in a hurry,”",
    BORIS,
    "“Wind is only weather in a hurry,”",
    Evidence.IDENTICAL,
    quotation=True,
)


def findings_of(
    left: Document, right: Document, *matches: Match, quotations: tuple[Match, ...] = (), **changes: object
) -> Findings:
    """Two documents that share some matches, and a third one that shares nothing."""
    documents = (
        DocumentFinding(left.name, 40, 0.5, {Evidence.EDITED: 0.3, Evidence.PARAPHRASE: 0.2}, 12, right.name),
        DocumentFinding(right.name, 41, 0.004, {Evidence.EDITED: 0.004}, 12, left.name),
        DocumentFinding(CLARA.name, 8, 0.0, {}, 0, None),
    )
    texts = {document.name: document for document in (left, right, CLARA)}
    pair = PairFinding(left.name, right.name, matches, 0.5, 0.004)
    options = {"model": "tiny", "threshold": 0.5, "exclude": (), "folder": Path("essays")}
    return dataclasses.replace(Findings(documents, (pair,), quotations, SKIPPED, texts, options), **changes)


KITES = findings_of(ANNA, BORIS, PARAPHRASE, EDITED, quotations=(QUOTATION,))
NOTHING = Findings((), (), (), (), {})
