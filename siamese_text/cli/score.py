"""``siamese-text score``: do these texts say the same, and why?"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import (
    VERDICTS,
    Backend,
    Columns,
    Json,
    Overwrite,
    Verbose,
    print_json,
    print_table,
    progress_bar,
    say,
    tell_place,
)
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, NothingToDo, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Scorer
    from siamese_text.explain.occlusion import Explanation
    from siamese_text.records import Pair, Predictions

FEW_PAIRS = 500  # take less time to encode than PyTorch takes to import


def score(
    text1: Annotated[str | None, typer.Argument(help="One text.")] = None,
    text2: Annotated[str | None, typer.Argument(help="The other text.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="File of pairs, or - for tab-separated lines from stdin.")
    ] = None,
    model: Annotated[str, typer.Option(help="Model: a name or a folder.")] = "all-MiniLM-L6-v2",
    explain: Annotated[bool, typer.Option("--explain", help="Show which words decide and which align.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the explanation as a page; includes --explain.")] = None,
    backend: Backend = "auto",
    overwrite: Overwrite = False,
    columns: Columns = "",
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Say how similar two texts are, how probable it is that they say the same, and decide."""
    from siamese_text.atomic import check_output

    if html:
        check_output(html, overwrite=overwrite)
    pairs, dropped = _read_pairs(text1, text2, file, columns)
    from siamese_text.api.scorer import load_to_predict

    if verbose:
        tell_place(model)
    device = "cpu" if backend == "auto" and len(pairs) <= FEW_PAIRS else None  # what starts soonest is quickest
    scorer = load_to_predict(model, backend=backend, device=device)
    with progress_bar("encoding") as progress:
        predictions = scorer.predict(pairs, progress=progress)
    explanations = _explain(scorer, pairs) if explain or html else []
    if json:
        print_json(_as_json(pairs, predictions, explanations, scorer, dropped))
    else:
        _render(pairs, predictions, explanations)
    _say_what_decides(scorer, explained=bool(explanations), json=json)
    if html:
        _write_page(explanations, html, scorer, overwrite=overwrite)
    if dropped:
        say(f"{dropped} rows were left out: a text is empty")
    return EXIT_PARTIAL if dropped else EXIT_OK


def _read_pairs(text1: str | None, text2: str | None, file: str | None, columns: str) -> tuple[list[Pair], int]:
    """Return the pairs to predict, and how many rows were left out for an empty text."""
    from siamese_text.records import Pair

    if file is None:
        if text1 is None or text2 is None:
            raise UsageError('give two texts, such as score "a" "b", or --file FILE')
        if not text1.strip() or not text2.strip():
            raise UsageError("a text is empty; give each side at least one word")
        return [Pair(text1, text2)], 0
    if text1 is not None:
        raise UsageError(f"got both the text '{text1}' and --file {file}; give one of them")
    if file == "-":
        rows = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
        pairs = [Pair(row[0], row[1]) for row in rows if len(row) > 1 and row[0].strip() and row[1].strip()]
        if not pairs:
            raise NothingToDo(f"none of the {len(rows)} lines of standard input holds two texts with a tab between")
        return pairs, len(rows) - len(pairs)
    from siamese_text.data.loading import load_unlabelled
    from siamese_text.settings import read_assignments

    loaded = load_unlabelled(Path(file), columns=read_assignments(columns.split(",") if columns else []))
    return list(loaded.pairs), sum(loaded.dropped.values())


def _explain(scorer: Scorer, pairs: list[Pair]) -> list[Explanation]:
    explanations = []
    # A text that is too long was said so when the pairs were scored; here its variants would be counted.
    with progress_bar("explaining") as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for done, pair in enumerate(pairs, start=1):
            explanations.append(scorer.explain(pair))
            if progress:
                progress(done, len(pairs))
    return explanations


def _rows(predictions: Predictions) -> list[tuple[float, float | None, bool | None]]:
    """Return similarity, probability and verdict of each pair; a threshold given by hand brings no probability."""
    nothing = [None] * len(predictions.similarity)
    probability = nothing if predictions.probability is None else predictions.probability.tolist()
    same = nothing if predictions.same is None else predictions.same.tolist()
    return list(zip(predictions.similarity.tolist(), probability, same, strict=True))


def _as_json(
    pairs: list[Pair], predictions: Predictions, explanations: list[Explanation], scorer: Scorer, dropped: int
) -> dict[str, Any]:
    decision = scorer.decision
    rows: list[dict[str, Any]] = [
        {
            "sentence1": pair.sentence1,
            "sentence2": pair.sentence2,
            "similarity": similarity,
            "probability": probability,
            "same": same,
        }
        for pair, (similarity, probability, same) in zip(pairs, _rows(predictions), strict=True)
    ]
    for row, explanation in zip(rows, explanations, strict=bool(explanations)):
        row["explanation"] = explanation.to_json()
    return {
        "model": scorer.name,
        "similarity_function": scorer.encoder.similarity_fn_name,
        "decision": None if decision is None else decision.to_json(),
        "dropped": dropped,
        "pairs": rows,
    }


def _render(pairs: list[Pair], predictions: Predictions, explanations: list[Explanation]) -> None:
    rows = [
        [
            pair.sentence1,
            pair.sentence2,
            f"{similarity:.3f}",
            "–" if probability is None else f"{probability:.3f}",
            VERDICTS[same],
        ]
        for pair, (similarity, probability, same) in zip(pairs, _rows(predictions), strict=True)
    ]
    print_table("text 1", "text 2", "similarity", "probability", "same?", rows=rows, right=3)
    if explanations:
        from siamese_text.cli.explanation import render

        for explanation in explanations:
            render(explanation)


def _say_what_decides(scorer: Scorer, *, explained: bool, json: bool) -> None:
    decision = scorer.decision
    if decision is None or not json:
        say(_threshold(scorer))
    if explained and (decision is None or decision.calibration is None):
        say("there is no probability to explain: contributions are those of words to the similarity")


def _threshold(scorer: Scorer) -> str:
    """Return a sentence about the threshold of a model."""
    decision = scorer.decision
    if decision is None:
        lacks = "has no fitted decision, so there is no probability and no verdict"
        return f"{scorer.name} {lacks}; train it on labelled pairs, or fit one with calibrate"
    unit = (
        scorer.encoder.similarity_fn_name if decision.score == "similarity" else f"probability of the {decision.score}"
    )
    return f"threshold: {unit} {decision.threshold:.3f}, {decision.source}"


def _write_page(explanations: list[Explanation], path: Path, scorer: Scorer, *, overwrite: bool) -> None:
    from siamese_text.explain.page import write_explanations

    threshold = _threshold(scorer)
    written = write_explanations(explanations, path, model=scorer.name, threshold=threshold, overwrite=overwrite)
    say(f"wrote {written}")
