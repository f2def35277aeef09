"""Figures of one or several models on labelled pairs, with slices, comparisons, leaks and a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamese_text.api.int8_quality import record_int8_quality
from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.evaluation.evaluated_model import EvaluatedModel, evaluate_scores
from siamese_text.evaluation.report.contents import EvaluationReport
from siamese_text.protocols import Progress, Stage
from siamese_text.records import FloatArray

if TYPE_CHECKING:
    from siamese_text.data.columns import Columns
    from siamese_text.data.examples import ExampleSet
    from siamese_text.data.labels import Neutral
    from siamese_text.data.pairs import PairSet
    from siamese_text.evaluation.report.maps import MapSample
    from siamese_text.records import DataKind


def evaluate(
    model: str | Path | Scorer | Sequence[str | Path | Scorer],
    dataset: str | Path | PairSet | ExampleSet | Any,
    split: str | None = None,
    *,
    columns: Columns = None,
    neutral: Neutral = "drop",
    positive_from: float | None = None,
    leaks: str | Path | Sequence[Any] | Any = None,
    report: str | Path | None = None,
    overwrite: bool = False,
    backend: str = "auto",
    data_dir: str | Path | None = None,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> EvaluationReport:
    """Evaluate one or several models on the same labelled pairs.

    Args:
        model: A name, a folder, or a loaded scorer; or several of them, each of which is compared with the first.
        dataset: A known name, a file, or what ``load_pairs`` or ``load_examples`` gave; or data in memory: a DataFrame,
            a ``datasets.Dataset``, a mapping of columns, or rows such as ``("a", "b", 1)``. Data of any kind will do:
            of triplets and of texts with classes, pairs are made that follow from their rows.
        split: The split of the data set; by default ``validation``, and the whole of a single file.
        columns: What columns are called in the file and what they are here, such as ``{"a": "sentence1"}`` or
            ``a=sentence1``.
        neutral: What becomes of the neutral pairs of natural-language inference: ``drop`` or ``different``.
        positive_from: Turns grades into 0 and 1: same from this label on, in the data set's own units.
        leaks: Training data, by name, as files or in memory, one or a list of several; pairs that share a sentence with
            them are counted, and the figures without these pairs are measured too.
        report: A folder to write: a page with plots, maps and the worst errors, and all figures as JSON.
        overwrite: Whether an earlier report may be replaced.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        progress: Called with how much is done and how much there is to do, for each stage anew: texts to encode,
            then parts of the report.
        stage: Called with what begins, in words, such as ``encoding with all-MiniLM-L6-v2``.

    Returns:
        The report, with the figures of each model in ``evaluations``, and those of the only one in ``evaluation``.
        For labels 0 and 1 these are ranking figures, and decisions at the saved threshold; if that was fitted on
        these very pairs, they are cross-fitted. For graded labels they are correlations. Slices, comparisons and the
        worst errors are measured when they are first asked for.

    Raises:
        MissingInput: The data set or the model was not found.
        BadData: The columns or labels cannot be used, or there is one class only.
        BadOutput: The report exists or cannot be written.
        UsageError: An option does not fit the labels.

    Example:
        >>> report = evaluate("all-MiniLM-L6-v2", "sample", "test")  # doctest: +SKIP
        >>> report.evaluation.ap, report.slices[0][0].accuracy  # doctest: +SKIP
    """
    if report is not None:
        from siamese_text.evaluation.report.page import check_report_folder, write_report

        check_report_folder(Path(report), overwrite=overwrite)
    tell = stage or (lambda _what: None)
    tell(f"reading {_called(dataset)}")
    rows = _rows(dataset, split, data_dir, columns, neutral, positive_from)
    pairs = _pairs_of(rows)
    found = None
    if leaks is not None and not (isinstance(leaks, list | tuple) and not leaks):
        from siamese_text.data.leaks import find_leaks

        found = find_leaks(pairs.pairs, leaks, data_dir=data_dir)
    chosen = [model] if isinstance(model, str | Path | Scorer) else model
    sample = _map_sample(rows) if report is not None else None
    models = []
    for number, each in enumerate(chosen, start=1):
        name = each.name if isinstance(each, Scorer) else each
        tell(f"encoding with {name}" + (f", model {number} of {len(chosen)}" if len(chosen) > 1 else ""))
        models.append(_examined(each, backend, pairs, sample, progress))
    results = EvaluationReport(
        models, rows.origin, rows.dropped, found, sample, rows.name, rows.kind, len(rows.examples)
    )
    if report is not None:
        write_report(results, Path(report), overwrite=overwrite, stage=stage, progress=progress)
    return results


def examine(
    scorer: Scorer,
    pairs: PairSet,
    *,
    progress: Progress | None = None,
    vectors: Mapping[str, FloatArray] | None = None,
) -> EvaluatedModel:
    """Evaluate one model and keep what it said of each pair.

    Args:
        scorer: The model.
        pairs: What ``load_pairs`` gave.
        progress: Called with the number of texts encoded and to encode.
        vectors: Embeddings of texts at hand, (D,) float32 each, which are then not encoded again.

    Returns:
        The figures that ``evaluate`` gives, with the pairs, their scores and the model's decisions.

    Raises:
        BadData: The labels are not those of pairs, or there is one class only.
        BadModel: The decision was fitted at another compute dtype than the encoder's.
    """
    if not pairs.graded:
        pairs.check_binary()
        load_to_predict(scorer)
    record_int8_quality(scorer.encoder)
    scores = scorer.classifier.scores([pair.sides for pair in pairs.pairs], scorer.encoder, progress, vectors)
    return evaluate_scores(
        pairs.pairs,
        scores,
        scorer.decision,
        model=scorer.name,
        data=f"{pairs.name}/{pairs.split}",
        graded=pairs.graded,
    )


def _called(dataset: Any) -> str:
    """Return what a data set is called while it is read: its path or name or, in memory, its type."""
    if isinstance(dataset, str | Path):
        return str(dataset)
    name = getattr(dataset, "name", None)
    return name if isinstance(name, str) else type(dataset).__name__


def _rows(
    dataset: Any,
    split: str | None,
    data_dir: str | Path | None,
    columns: Columns,
    neutral: Neutral,
    positive_from: float | None,
) -> ExampleSet:
    """Return the rows to evaluate on, loaded if they are given by name."""
    from siamese_text.data.examples import ExampleSet
    from siamese_text.data.given import as_source
    from siamese_text.data.loading import default_split, load_examples
    from siamese_text.data.pairs import PairSet
    from siamese_text.records import Example

    if isinstance(dataset, ExampleSet):
        return dataset
    if isinstance(dataset, PairSet):
        examples = tuple(Example(pair.sides, pair.label) for pair in dataset.pairs)
        kind: DataKind = "graded" if dataset.graded else "pairs"
        return ExampleSet(examples, dataset.pairs, kind, dataset.name, dataset.split, dataset.origin, dataset.dropped)
    dataset = as_source(dataset)
    splits = (split or default_split(dataset),)
    return next(
        load_examples(dataset, splits, data_dir=data_dir, columns=columns, neutral=neutral, positive_from=positive_from)
    )


def _pairs_of(rows: ExampleSet) -> PairSet:
    """Return the pairs to evaluate on."""
    from siamese_text.data.pairs import PairSet
    from siamese_text.records import Pair

    pairs = rows.pairs
    if rows.kind == "positives":  # against pairs drawn by chance any model looks good, so one class is refused later
        pairs = tuple(Pair(row.texts[0], row.texts[1], 1.0) for row in rows.examples)
    return PairSet(pairs, rows.name, rows.split, rows.kind == "graded", rows.origin, rows.dropped)


def _map_sample(rows: ExampleSet) -> MapSample:
    """Return the texts that the maps of a report show."""
    from siamese_text.evaluation.report.maps import sample_of_classes, sample_of_pairs

    return sample_of_classes(rows.examples) if rows.kind == "classes" else sample_of_pairs(rows.pairs)


def _examined(
    model: str | Path | Scorer, backend: str, pairs: PairSet, sample: MapSample | None, progress: Progress | None
) -> EvaluatedModel:
    """Evaluate a model, and keep what a report needs of it where there is a sample of texts for its maps."""
    if isinstance(model, Scorer):
        scorer = model
    else:
        load = Scorer.load if pairs.graded else load_to_predict  # of grades no decision is needed
        scorer = load(model, backend=backend)
    if sample is None:
        return examine(scorer, pairs, progress=progress)
    from siamese_text.explain.page import as_html

    # Pairs and maps show the same texts, which are encoded once; an alignment head reads those of the pairs anew.
    sides = [] if scorer.classifier.alignment else [pair.sides for pair in pairs.pairs]
    texts = list(dict.fromkeys([*(left for left, _ in sides), *(right for _, right in sides), *sample.texts]))
    vectors = dict(zip(texts, scorer.encoder.encode(texts, progress=progress), strict=True))
    evaluated = examine(scorer, pairs, progress=progress, vectors=vectors)
    shown = np.stack([vectors[text] for text in sample.texts])
    return replace(evaluated, vectors=shown, explain=lambda sides: as_html(scorer.explain(sides)))
