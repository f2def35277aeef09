"""Figures of a model on labelled pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.evaluation.evaluated_model import EvaluatedModel, evaluate_scores
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.protocols import Progress

if TYPE_CHECKING:
    from siamese_text.data.pairs import PairSet


def evaluate(
    model: str | Path | Scorer,
    dataset: str | PairSet,
    split: str | None = None,
    *,
    backend: str = "auto",
    data_dir: str | Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate a model on labelled pairs.

    Args:
        model: A name, a folder, or a loaded scorer.
        dataset: A known name, a file of pairs, or what ``load_pairs`` gave.
        split: By default ``validation``, and the whole of a single file.
        backend: For a model that is not loaded yet; see ``load_encoder``.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        For labels 0 and 1: ranking figures, and decisions at the saved threshold; if it was fitted on these very
        pairs, they are cross-fitted. For graded labels: correlations.

    Raises:
        MissingInput: The data set or the model was not found.
        BadData: The columns or labels are not those of pairs, or there is one class only.
    """
    pairs = labelled_pairs(dataset, split, data_dir)
    if not isinstance(model, Scorer):
        model = Scorer.load(model, backend=backend) if pairs.graded else load_to_predict(model, backend=backend)
    return examine(model, pairs, progress=progress).evaluation


def examine(scorer: Scorer, pairs: PairSet, *, progress: Progress | None = None) -> EvaluatedModel:
    """Evaluate a model and keep what it said of each pair: for slices, comparisons and a report.

    Args:
        scorer: The model.
        pairs: What ``load_pairs`` gave.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        The figures that ``evaluate`` gives, with the pairs, their scores and the model's decisions.

    Raises:
        BadData: The labels are not those of pairs, or there is one class only.
        BadModel: The decision was fitted at another compute dtype than the encoder's.
    """
    if not pairs.graded:
        pairs.check_binary()
        load_to_predict(scorer)
    scores = scorer.scores(pairs.pairs, progress=progress)
    return evaluate_scores(
        pairs.pairs,
        scores,
        scorer.decision,
        model=scorer.name,
        data=f"{pairs.name}/{pairs.split}",
        graded=pairs.graded,
    )


def labelled_pairs(dataset: str | PairSet, split: str | None, data_dir: str | Path | None) -> PairSet:
    """Return labelled pairs, loaded if they are given by name."""
    if not isinstance(dataset, str):
        return dataset
    from siamese_text.data.loading import load_pairs

    split = split or (None if Path(dataset).is_file() else "validation")
    return load_pairs(dataset, split, data_dir=Path(data_dir) if data_dir else None)
