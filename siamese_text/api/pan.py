"""The plagiarism check of a PAN corpus by one call."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from siamese_text.api.scorer import Scorer, load_to_predict
from siamese_text.atomic import atomic_folder, check_output
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.protocols import Progress, Stage

if TYPE_CHECKING:
    from siamese_text.plagiarism.finding.options import CheckOptions
    from siamese_text.plagiarism.pan.run import PanRow


def check_pan(
    corpus: str | Path,
    *,
    model: str | Path | Scorer = DEFAULT_MODEL,
    backend: str = "auto",
    options: CheckOptions | None = None,
    cache: str | Path | None = None,
    detections: str | Path | None = None,
    overwrite: bool = False,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> list[PanRow]:
    """Find the passages that the listed pairs of a PAN corpus for text alignment share, and measure them.

    Args:
        corpus: A folder with ``pairs``, ``susp/`` and ``src/``, and the truth in a folder for each kind.
        model: A name, a folder, or a loaded scorer.
        backend: The backend of a model that is not loaded yet; see ``load_encoder``.
        options: The thresholds of a check.
        cache: A folder where embeddings are kept as they are made, so that a run that was killed goes on.
        detections: A folder to write, one file a pair in the competition's format.
        overwrite: Whether it may be replaced.
        stage: Called with what begins, in words.
        progress: Called with how many sentences or pairs are done, and of how many.

    Returns:
        The measures of each kind of pairs, then those of all; of ``all`` alone, with nothing in it, where no truth is.

    Raises:
        MissingInput: The corpus or one of its files is missing.
        BadData: One of its files is not in the competition's format.
        NothingToDo: The corpus lists no pairs.
        BadOutput: The folder of detections exists, or it or the cache cannot be written.

    Warns:
        UserWarning: A file of the cache is damaged, and was left aside.
    """
    from siamese_text.api.keyed_encoder import steady_encoder
    from siamese_text.plagiarism.pan.corpus import read_documents, read_pairs, read_truth, write_detections
    from siamese_text.plagiarism.pan.run import detect, measure

    if detections is not None:
        check_output(Path(detections), overwrite=overwrite)
    pairs = read_pairs(Path(corpus))
    documents, truth = read_documents(Path(corpus), pairs), read_truth(Path(corpus), pairs)
    scorer = load_to_predict(model, backend=backend)
    with ExitStack() as opened:
        encoder = steady_encoder(scorer.encoder, cache, opened)
        found = detect(documents, pairs, encoder, options=options, stage=stage, progress=progress)
    if detections is not None:
        with atomic_folder(Path(detections)) as draft:
            write_detections(draft, pairs, found)
    return measure(pairs, truth, found)
