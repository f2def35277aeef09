"""How an encoder and its loss do on the held-out rows while they train."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

from siamese_text.encoder.encoder import Encoder
from siamese_text.errors import SiameseTextError
from siamese_text.records import Example, FloatArray, Pair
from siamese_text.scoring.judge import PairJudge
from siamese_text.scoring.metrics import average_precision, best_threshold
from siamese_text.training.history import ValidationRecord
from siamese_text.training.losses import twin_head_of


class Validation:
    """The held-out rows.

    Args:
        pairs: To be ranked: labelled 0 or 1, both present, or graded.
        examples: For the loss, in the shape that it takes.
        batch_size: Of the loss, which may depend on its batch.
    """

    def __init__(self, pairs: Sequence[Pair], examples: Sequence[Example], batch_size: int) -> None:
        self.sides = [pair.sides for pair in pairs]
        self.labels = np.array([pair.label for pair in pairs], dtype=np.float32)
        self.graded = bool(np.any((self.labels != 0) & (self.labels != 1)))
        self.columns = list(zip(*(example.texts for example in examples), strict=True))
        labels = [example.label for example in examples]
        self.targets = None if None in labels else torch.tensor(labels, dtype=torch.float32)
        self.batch_size = batch_size

    def __call__(self, encoder: Encoder, loss: nn.Module, *, step: int, epoch: float, best: float) -> ValidationRecord:
        """Encode the held-out texts once; return the loss, and the quality of the score that ranks best."""
        columns = [*zip(*self.sides, strict=True), *self.columns]
        vectors = encoder.encode([text for column in columns for text in column])
        left, right, *embeddings = np.split(vectors, np.cumsum([len(column) for column in columns])[:-1])
        head = twin_head_of(loss)
        scores = PairJudge(encoder.similarity, head.trained_head() if head else None).scores(left, right)
        rankings = {"similarity": scores.similarity} | ({} if scores.head is None else {"head": scores.head})
        if not all(np.isfinite(ranking).all() for ranking in rankings.values()):
            raise SiameseTextError(f"the scores are not finite at step {step}; lower learning_rate or set clip=1")
        qualities = {name: self._quality(ranking) for name, ranking in rankings.items()}
        name = max(qualities, key=qualities.__getitem__)
        accuracy = None if self.graded else best_threshold(self.labels.astype(np.int64), rankings[name])[1]
        metric = "Spearman" if self.graded else "AP"
        value = qualities[name]
        mean_loss = self._loss(loss, embeddings, encoder.device)
        return ValidationRecord(step, epoch, mean_loss, metric, value, accuracy, name, value > best)

    def _quality(self, ranking: FloatArray) -> float:
        if self.graded:
            alike = np.all(ranking == ranking[0])  # a collapsed encoder ranks nothing, and NaN would never be the best
            return 0.0 if alike else float(spearmanr(ranking, self.labels).statistic)
        return average_precision(self.labels.astype(np.int64), ranking)

    @torch.inference_mode()
    def _loss(self, loss: nn.Module, embeddings: Sequence[FloatArray], device: torch.device) -> float:
        """Return the mean loss over batches of the training size."""
        rows = len(embeddings[0])
        columns = [torch.from_numpy(column).to(device) for column in embeddings]
        targets = None if self.targets is None else self.targets.to(device)
        loss.eval()
        total = 0.0
        for start in range(0, rows, self.batch_size):
            part = slice(start, start + self.batch_size)
            size = len(columns[0][part])
            total += float(loss(tuple(c[part] for c in columns), None if targets is None else targets[part])) * size
        loss.train()
        return total / rows
