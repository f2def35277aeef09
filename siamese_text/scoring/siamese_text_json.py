"""``siamese_text.json``: what a model folder says of pairs beside its encoder, written and read."""

from __future__ import annotations

import json
from pathlib import Path

from siamese_text.errors import BadModel
from siamese_text.records import SETTINGS_FILE
from siamese_text.scoring.decision import Decision
from siamese_text.scoring.details import DETAILS
from siamese_text.scoring.heads.alignment import AlignmentHead
from siamese_text.scoring.heads.twin import TwinHead
from siamese_text.scoring.pair_classifier import PairClassifier

FORMAT = 1


def write_classifier(classifier: PairClassifier, folder: Path) -> None:
    """Write heads, decision and history of training into a model folder."""
    heads = [head for head in (classifier.head, classifier.alignment) if head]
    values = {
        "format": FORMAT,
        "decision": classifier.decision.to_json() if classifier.decision else None,
        "heads": [head.FILE for head in heads],
        "trained": dict(classifier.trained),
    }
    for head in heads:
        head.write(folder)
    (folder / SETTINGS_FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def read_classifier(folder: Path, *, similarity_fn_name: str = "cosine") -> PairClassifier:
    """Read what a model folder says of pairs; a folder that we did not write has neither head nor decision.

    Raises:
        BadModel: The file is damaged, or was written by a newer release.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return PairClassifier(similarity_fn_name)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadModel(f"{path} is not valid JSON ({error}); the model folder is damaged") from error
    found = values.get("format") if isinstance(values, dict) else None
    if found != FORMAT:
        raise BadModel(f"{path} has format {found}, this release reads {FORMAT}; upgrade siamese-text")
    head, alignment = TwinHead.read(folder), AlignmentHead.read(folder)
    decision = Decision.from_json(values["decision"]) if values.get("decision") else None
    named = values.get("heads", [TwinHead.FILE] if values.get("head") else [])
    missing = sorted(set(named) - {found.FILE for found in (head, alignment) if found})
    if missing:
        raise BadModel(f"{folder} lacks {missing[0]}, which {SETTINGS_FILE} names; the model folder is incomplete")
    if decision and not _reads_what_there_is(decision, scores=1 + bool(head) + bool(alignment)):
        raise BadModel(f"{folder} decides by other scores than its heads give; the model folder is damaged")
    return PairClassifier(similarity_fn_name, head, alignment, decision, values.get("trained", {}))


def _reads_what_there_is(decision: Decision, scores: int) -> bool:
    """Say whether a decision has as many weights as a model with so many scores gives it values."""
    if decision.score == "details":
        return len(decision.weights) == scores + len(DETAILS)
    factors = 2 * scores + 4  # of a blend
    return len(decision.weights) <= scores and (decision.blend is None or len(decision.blend.factors) == factors)
