"""``siamese-text score``: do these texts say the same?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siamese_text.cli.console import Columns, Json, Verbose, print_json, print_table, progress_bar, say, tell_place
from siamese_text.errors import EXIT_OK, EXIT_PARTIAL, NothingToDo, UsageError

if TYPE_CHECKING:
    from siamese_text.api import Scorer
    from siamese_text.records import Judgements, Pair


def score(
    text1: Annotated[str | None, typer.Argument(help="One text.")] = None,
    text2: Annotated[str | None, typer.Argument(help="The other text.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="File of pairs, or - for tab-separated lines from stdin.")
    ] = None,
    model: Annotated[str, typer.Option(help="Model: a name or a folder.")] = "all-MiniLM-L6-v2",
    columns: Columns = "",
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Say how similar two texts are, how probable it is that they say the same, and decide."""
    pairs, dropped = _read_pairs(text1, text2, file, columns)
    from siamese_text.api import Scorer

    if verbose:
        tell_place(model)
    scorer = Scorer.load(model)
    with progress_bar("encoding") as progress:
        judged = scorer.score(pairs, progress=progress)
    if json:
        print_json(_as_json(pairs, judged, scorer, dropped))
    else:
        _render(pairs, judged)
    if scorer.decision is None:
        say(f"{model} has no fitted decision, so there is no probability and no verdict; train it on labelled pairs")
    elif not json:
        decision = scorer.decision
        unit = scorer.encoder.similarity if decision.score == "similarity" else f"probability of the {decision.score}"
        say(f"threshold: {unit} {decision.threshold:.3f}, fitted on {decision.fitted_on}")
    if dropped:
        say(f"{dropped} rows were left out: a text is empty")
    return EXIT_PARTIAL if dropped else EXIT_OK


def _read_pairs(text1: str | None, text2: str | None, file: str | None, columns: str) -> tuple[list[Pair], int]:
    """Return the pairs to judge, and how many rows were left out for an empty text."""
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
    from siamese_text.training.pairs import load_unlabelled
    from siamese_text.training.settings import read_assignments

    loaded = load_unlabelled(Path(file), columns=read_assignments(columns.split(",") if columns else []))
    return list(loaded.pairs), sum(loaded.dropped.values())


def _rows(judged: Judgements) -> list[tuple[float, float | None, bool | None]]:
    """Return similarity, probability and verdict of each pair."""
    similarity = judged.similarity.tolist()
    if judged.probability is None or judged.same is None:
        return [(value, None, None) for value in similarity]
    return list(zip(similarity, judged.probability.tolist(), judged.same.tolist(), strict=True))


def _as_json(pairs: list[Pair], judged: Judgements, scorer: Scorer, dropped: int) -> dict[str, Any]:
    decision = scorer.decision
    return {
        "model": scorer.name,
        "similarity_function": scorer.encoder.similarity,
        "decision": None if decision is None else decision.to_json(),
        "dropped": dropped,
        "pairs": [
            {
                "sentence1": pair.sentence1,
                "sentence2": pair.sentence2,
                "similarity": similarity,
                "probability": probability,
                "same": same,
            }
            for pair, (similarity, probability, same) in zip(pairs, _rows(judged), strict=True)
        ],
    }


def _render(pairs: list[Pair], judged: Judgements) -> None:
    words = {True: "yes", False: "no", None: "–"}
    rows = [
        [
            pair.sentence1,
            pair.sentence2,
            f"{similarity:.3f}",
            "–" if probability is None else f"{probability:.3f}",
            words[same],
        ]
        for pair, (similarity, probability, same) in zip(pairs, _rows(judged), strict=True)
    ]
    print_table("text 1", "text 2", "similarity", "probability", "same?", rows=rows, right=3)
