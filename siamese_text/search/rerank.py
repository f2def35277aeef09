"""The hits of a query in the order of how probable it is that they say the same as the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from siamese_text.errors import BadModel
from siamese_text.protocols import PredictsPairs
from siamese_text.records import FloatArray, Hit


def rerank(
    query: str, hits: Sequence[Hit], classifier: PredictsPairs, *, vectors: Mapping[str, FloatArray] | None = None
) -> list[Hit]:
    """Order the hits of a query anew by what a classifier of pairs predicts of them.

    Args:
        query: The text that was looked for.
        hits: The passages that were found.
        classifier: Predicts whether the query and each passage say the same.
        vectors: Embeddings of query and passages at hand, by the classifier's own encoder, so that it need not encode
            them again.

    Returns:
        The hits with probability and yes, no or unsure, the most probable first; of equally probable ones the more
        similar stays first. A threshold that was given by hand knows no probability and leaves them as they are.

    Raises:
        BadModel: The classifier has no fitted decision.
    """
    predictions = classifier.predict([(query, hit.passage.text) for hit in hits], vectors=vectors)
    if predictions.same is None:
        raise BadModel("the re-ranking model has no decision; calibrate it or give another --rerank-model")
    said = predictions.to_dicts()
    reranked = [
        replace(hit, probability=row["probability"], same=row["same"], verdict=row["verdict"])
        for hit, row in zip(hits, said, strict=True)
    ]
    if predictions.probability is None:
        return reranked
    return [reranked[row] for row in np.argsort(-predictions.probability, kind="stable")]
