"""What a trained model does not see: minimal pairs of the bundled sentences, for the report and the card."""

from __future__ import annotations

from collections.abc import Sequence

from siamese_text.augment.minimal_pairs import FAMILIES, bundled_sentences, minimal_pairs
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.evaluation.probe import ProbeFigures, probe_classifier
from siamese_text.evaluation.report.probe_table import PROBE_FIGURES, probe_rows
from siamese_text.scoring.pair_classifier import PairClassifier

OF_A_FAMILY = 25  # pairs: a look at it, which takes a run a few seconds; the command takes more
FEWEST_PIECES = 5000  # of a tokenizer that knows words; others spell English sentences letter by letter
CARD = """
## Blind spots

How it takes minimal pairs, as `siamese-text probe` makes them of the sentences that come with the package: look-alikes
that say something else, and rewordings that say the same. Intervals are 95 %; 50 % is chance in the first two figures.

{table}
"""


def probe_trained(encoder: TorchEncoder, classifier: PairClassifier) -> list[ProbeFigures]:
    """Show minimal pairs to a model.

    Args:
        encoder: Its encoder.
        classifier: Its heads and its decision.

    Returns:
        The figures by family; none where the tokenizer has fewer than ``FEWEST_PIECES`` pieces, to which English words
        are strange.
    """
    if len(encoder.tokenizer.tokenizer) < FEWEST_PIECES:
        return []
    pairs = minimal_pairs(bundled_sentences(), per_family=OF_A_FAMILY)
    return probe_classifier(pairs, classifier, encoder)[1]


def card_section(figures: Sequence[ProbeFigures]) -> str:
    """Return what a model card says of blind spots, as Markdown; nothing where none were looked for."""
    if not figures:
        return ""
    rows = probe_rows([figures], {family.name: family.label for family in FAMILIES})
    heads = ["family", "says", "pairs", *PROBE_FIGURES.values()]
    lines = [heads, ["---"] * 2 + ["--:"] * (len(heads) - 2), *rows]
    return CARD.format(table="\n".join(f"| {' | '.join(cells)} |" for cells in lines))
