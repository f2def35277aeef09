"""Real texts that exported graphs are checked and calibrated on: the bundled validation sentences."""

from __future__ import annotations

import json

from siamese_text.bundled import bundled

LONGEST = 64  # sentences of the longest text


def sample_texts() -> list[str]:
    """Return the distinct bundled sentences."""
    lines = bundled("data", "pairs", "validation.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return list(dict.fromkeys(row[side] for row in rows for side in ("sentence1", "sentence2")))


def texts_of_many_lengths(sentences: int, max_length: int) -> list[str]:
    """Return an empty text, a word, single sentences, and longer and longer texts, up to one that will be cut.

    Args:
        sentences: How many single sentences.
        max_length: The longest text that the model reads, in tokens.
    """
    sampled = sample_texts()
    texts = ["", "word", *sampled[:sentences]]
    count = 2
    while count <= min(max_length // 4, LONGEST):  # a sentence has about twelve tokens
        texts.append(" ".join(sampled[-count:]))
        count *= 2
    return texts
