"""Losses: functions of embeddings and labels, never of text, tokens or a model.

Label 1 = same, 0 = different. ``loss(embeddings, labels)`` takes a tuple of (B, D) columns, and (B,) labels where the
data have them; it returns a scalar, which is 0 with a gradient of 0 where a batch has nothing to teach. Of several
processes, the trainer gathers the embeddings first.

Modules: ``distances`` (with what margins and temperatures they allow), then by what the data are: ``pairs`` and ``bce``
(two columns and a label), ``ranking`` (an anchor, its positive and the rest of the batch), ``triplets``, ``prototypes``
(texts with classes); and ``catalogue``, every loss by name.
"""

from siamese_text.training.losses.alignment import AlignmentLoss, Tokens
from siamese_text.training.losses.bce import CosineBceLoss, TwinHeadLoss, binary_cross_entropy
from siamese_text.training.losses.distances import (
    DISTANCE_MATRICES,
    DISTANCES,
    LARGEST_COSINE_DISTANCE,
    LARGEST_UNIT_EUCLIDEAN,
    cosine_distance,
    euclidean_distance,
)
from siamese_text.training.losses.pairs import (
    DEFAULT_MARGINS,
    ContrastiveLoss,
    CosentLoss,
    CosineMseLoss,
    OnlineContrastiveLoss,
    contrastive,
    cosent,
    online_contrastive,
)
from siamese_text.training.losses.prototypes import PrototypicalLoss, prototypical
from siamese_text.training.losses.ranking import InfoNceLoss, info_nce
from siamese_text.training.losses.registry import (
    DEFAULT_LOSSES,
    LOSSES,
    LossOptions,
    LossSpec,
    WeightedSum,
    build_loss,
    build_losses,
    check_kind,
    default_loss,
    loss_of,
    losses_for,
    parse_losses,
    part_of,
    trained_heads,
)
from siamese_text.training.losses.triplets import MINERS, TripletLoss, batch_all, batch_hard, batch_semi_hard

__all__ = [
    "DEFAULT_LOSSES",
    "DEFAULT_MARGINS",
    "DISTANCES",
    "DISTANCE_MATRICES",
    "LARGEST_COSINE_DISTANCE",
    "LARGEST_UNIT_EUCLIDEAN",
    "LOSSES",
    "MINERS",
    "AlignmentLoss",
    "ContrastiveLoss",
    "CosentLoss",
    "CosineBceLoss",
    "CosineMseLoss",
    "InfoNceLoss",
    "LossOptions",
    "LossSpec",
    "OnlineContrastiveLoss",
    "PrototypicalLoss",
    "Tokens",
    "TripletLoss",
    "TwinHeadLoss",
    "WeightedSum",
    "batch_all",
    "batch_hard",
    "batch_semi_hard",
    "binary_cross_entropy",
    "build_loss",
    "build_losses",
    "check_kind",
    "contrastive",
    "cosent",
    "cosine_distance",
    "default_loss",
    "euclidean_distance",
    "info_nce",
    "loss_of",
    "losses_for",
    "online_contrastive",
    "parse_losses",
    "part_of",
    "prototypical",
    "trained_heads",
]
