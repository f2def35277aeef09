"""A probe for blind spots: minimal pairs of sentences at hand, and how one or several models take them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.atomic import atomic_file, check_output
from siamese_text.augment.minimal_pairs import FAMILIES, PER_FAMILY, Family, bundled_sentences, minimal_pairs
from siamese_text.data.given import texts_of
from siamese_text.data.sentences import read_lines
from siamese_text.encoder.resolve import DECIDING_MODEL
from siamese_text.errors import NothingToDo
from siamese_text.evaluation.labelled_predictions import LabelledPredictions
from siamese_text.evaluation.probe import ProbeFigures, probe_classifier
from siamese_text.evaluation.report.probe_table import probe_rows
from siamese_text.protocols import Progress, Stage
from siamese_text.records import Pair


@dataclass(frozen=True, slots=True, eq=False)
class ProbedModel:
    """What one model makes of minimal pairs.

    Attributes:
        name: What it was loaded as.
        threshold: Where its own threshold lies and what that was fitted on; None where it has none.
        figures: The figures of each family that has pairs, and last those of all pairs.
        predictions: What it says of each pair.
    """

    name: str
    threshold: str | None
    figures: Sequence[ProbeFigures]
    predictions: LabelledPredictions

    def of(self, family: str) -> ProbeFigures | None:
        """Return the figures of one family, or of ``all``; None where it has no pairs."""
        return next((each for each in self.figures if each.family == family), None)


@dataclass(frozen=True, slots=True, eq=False)
class ProbeReport:
    """Minimal pairs, and what each model makes of them.

    Attributes:
        pairs: The pairs by family, whose name is their kind.
        sentences: How many sentences there were to make them of.
        models: The models in the order in which they were given.
        families: All families, also those that no pair could be made for.
    """

    pairs: Sequence[Pair]
    sentences: int
    models: Sequence[ProbedModel]
    families: Sequence[Family] = FAMILIES

    @property
    def counts(self) -> Mapping[str, int]:
        """How many pairs each family has, 0 of those that no sentence fits."""
        made = Counter(pair.kind for pair in self.pairs)
        return {family.name: made[family.name] for family in self.families}

    def rows(self, figure: str | None = None) -> list[list[str]]:
        """Return the table that ``probe_rows`` writes: all figures of the first model, or one figure of all."""
        labels = {family.name: family.label for family in self.families}
        return probe_rows([model.figures for model in self.models], labels, figure)

    def to_json(self) -> dict[str, Any]:
        """Return all figures as plain values."""
        return {
            "sentences": self.sentences,
            "pairs": dict(self.counts),
            "models": [
                {
                    "model": model.name,
                    "threshold": model.threshold,
                    "families": [{**asdict(each), "wrong_share": each.wrong_share} for each in model.figures],
                }
                for model in self.models
            ],
        }


def probe(
    model: str | Path | Scorer | Sequence[str | Path | Scorer] = DECIDING_MODEL,
    sentences: str | Path | Iterable[str] | None = None,
    *,
    per_family: int = PER_FAMILY,
    seed: int = 0,
    backend: str = "auto",
    output: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> ProbeReport:
    """Probe models for blind spots with minimal pairs that rules make of sentences.

    Args:
        model: A name, a folder, or a loaded scorer; or several of them, which are shown the same pairs.
        sentences: The sentences to make pairs of: a text file with one a line, or texts in memory; by default those
            that come with the package.
        per_family: The largest number of pairs of a family.
        seed: Decides which sentences are taken, what the rules choose, and the draws of the bootstrap.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        output: A file to write as JSON lines: each pair with the score and the decision of every model.
        overwrite: Whether an existing output may be replaced.
        progress: Called with the number of texts encoded and to encode, for each model anew.
        stage: Called with what begins, in words.

    Returns:
        The pairs, and the figures of each model by family.

    Raises:
        UsageError: ``per_family`` is below 1.
        MissingInput: The file or a model was not found.
        BadModel: A decision was fitted at another compute dtype than the backend's.
        BadOutput: The output exists or cannot be written.
        NothingToDo: No rule fits any of the sentences.

    Example:
        >>> report = probe("all-MiniLM-L6-v2")  # doctest: +SKIP
        >>> report.models[0].of("negation").misranked  # doctest: +SKIP
    """
    if output is not None:
        check_output(Path(output), overwrite=overwrite)
    if sentences is None:
        texts: Sequence[str] = bundled_sentences()
    else:
        texts = read_lines(sentences) if isinstance(sentences, str | Path) else texts_of(sentences, "sentences")
    pairs = minimal_pairs(texts, per_family=per_family, seed=seed)
    if not pairs:
        raise NothingToDo(f"no rule fits any of the {len(texts)} sentences; give more, with names, numbers and dates")
    probed = []
    for each in [model] if isinstance(model, str | Path | Scorer) else model:
        if stage is not None:
            stage(f"encoding with {each.name if isinstance(each, Scorer) else each}")
        probed.append(_probed(load_to_predict(each, backend=backend), pairs, seed, progress))
    report = ProbeReport(pairs, len(texts), probed)
    if output is not None:
        _write_pairs(report, Path(output))
    return report


def _probed(scorer: Scorer, pairs: Sequence[Pair], seed: int, progress: Progress | None) -> ProbedModel:
    """Show the pairs to one model."""
    predictions, figures = probe_classifier(pairs, scorer.classifier, scorer.encoder, seed=seed, progress=progress)
    decision = scorer.decision
    threshold = None if decision is None else f"{predictions.unit} {decision.threshold:.3f}, {decision.source}"
    return ProbedModel(scorer.name, threshold, figures, predictions)


def _write_pairs(report: ProbeReport, output: Path) -> None:
    """Write each pair with what every model says of it."""
    with atomic_file(output) as draft, draft.open("w", encoding="utf-8") as file:
        for number, pair in enumerate(report.pairs):
            said = {model.name: _said(model.predictions, number) for model in report.models}
            row = {**asdict(pair), "label": int(pair.label or 0), "models": said}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _said(predictions: LabelledPredictions, number: int) -> dict[str, float | bool | None]:
    same, unsure = predictions.same, predictions.unsure
    said: dict[str, float | bool | None] = {
        "score": float(predictions.compared[number]),
        "same": None if same is None else bool(same[number]),
    }
    return said if unsure is None else said | {"unsure": bool(unsure[number])}
