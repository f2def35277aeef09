"""How an encoder and its loss do on the held-out rows while they train."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import SiameseTextError
from siamese_text.records import Example, FloatArray, Pair
from siamese_text.scoring.metrics import average_precision, best_threshold, spearman
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.training.history import ValidationRecord
from siamese_text.training.losses import Columns, Loss, Tokens, trained_heads


class Validation:
    """The held-out rows.

    Args:
        pairs: The pairs to rank: labelled 0 or 1, both present, or graded.
        examples: The rows for the loss, of the kind that it takes.
        batch_size: How many rows the loss is given at a time, since it may depend on its batch.
    """

    def __init__(self, pairs: Sequence[Pair], examples: Sequence[Example], batch_size: int) -> None:
        self.sides = [pair.sides for pair in pairs]
        self.labels = np.array([pair.label for pair in pairs], dtype=np.float32)
        self.graded = bool(np.any((self.labels != 0) & (self.labels != 1)))
        self.columns = list(zip(*(example.texts for example in examples), strict=True))
        labels = [example.label for example in examples]
        self.targets = None if None in labels else torch.tensor(labels, dtype=torch.float32)
        self.batch_size = batch_size

    def __call__(self, encoder: TorchEncoder, loss: Loss, *, step: int, epoch: float, best: float) -> ValidationRecord:
        """Encode the held-out texts once; return the loss, and the quality of the score that ranks best."""
        classifier = PairClassifier(encoder.similarity_fn_name, *trained_heads(loss))
        read = self._read(encoder, loss, classifier)
        rankings = classifier.scores(self.sides, read).single
        if not all(np.isfinite(ranking).all() for ranking in rankings.values()):
            raise SiameseTextError(
                f"the scores are not finite at step {step}; lower learning_rate or set max_grad_norm=1"
            )
        qualities = {name: self._quality(ranking) for name, ranking in rankings.items()}
        name = max(qualities, key=qualities.__getitem__)
        accuracy = None if self.graded else best_threshold(self.labels.astype(np.int64), rankings[name])[1]
        metric = "Spearman" if self.graded else "AP"
        value = qualities[name]
        mean_loss = self._loss(loss, read, encoder.device)
        return ValidationRecord(step, epoch, mean_loss, metric, value, accuracy, name, value > best)

    def _quality(self, ranking: FloatArray) -> float:
        if self.graded:
            return spearman(self.labels, ranking)
        return average_precision(self.labels.astype(np.int64), ranking)

    def _read(self, encoder: TorchEncoder, loss: Loss, classifier: PairClassifier) -> _Read:
        """Encode every text of the held-out rows once."""
        texts = list(
            dict.fromkeys(text for column in (*zip(*self.sides, strict=True), *self.columns) for text in column)
        )
        if classifier.alignment:
            return _Read(texts, *encoder.encode_tokens(texts, classifier.alignment.project))
        if loss.needs_tokens:  # and gives no head that projects them without torch
            return _Read(texts, *encoder.encode_tokens(texts, partial(_projected, loss, encoder.device)))
        return _Read(texts, encoder.encode(texts))

    @torch.inference_mode()
    def _loss(self, loss: Loss, read: _Read, device: torch.device) -> float:
        """Return the mean loss over batches of the training size."""
        rows = len(self.columns[0])
        loss.eval()
        total = 0.0
        for start in range(0, rows, self.batch_size):
            part = slice(start, start + self.batch_size)
            texts = [column[part] for column in self.columns]
            embeddings = tuple(torch.from_numpy(read.encode(column)).to(device) for column in texts)
            tokens = tuple(_padded(read.tokens_of(column), device) for column in texts) if loss.needs_tokens else ()
            targets = None if self.targets is None else self.targets[part].to(device)
            total += float(loss(Columns(embeddings, tokens), targets)) * len(texts[0])
        loss.train()
        return total / rows


class LastState:
    """Takes each state of a model for the best: for a run on so few texts that none can be held out."""

    def __call__(self, encoder: Any, loss: Loss, *, step: int, epoch: float, best: float) -> ValidationRecord:  # noqa: ARG002
        """Return a record that says so, and measures nothing."""
        return ValidationRecord(step, epoch, float("nan"), "step", float(step), None, "", True)


class _Read:
    """Texts that were encoded before, as an encoder that looks them up."""

    def __init__(self, texts: Sequence[str], vectors: FloatArray, tokens: Sequence[FloatArray] = ()) -> None:
        self.row = {text: index for index, text in enumerate(texts)}
        self.vectors = vectors
        self.tokens = tokens

    def encode(self, texts: Sequence[str], **_: object) -> FloatArray:
        return self.vectors[[self.row[text] for text in texts]]

    def tokens_of(self, texts: Sequence[str]) -> list[FloatArray]:
        return [self.tokens[self.row[text]] for text in texts]

    def encode_tokens(self, texts: Sequence[str], *_: object, **__: object) -> tuple[FloatArray, list[FloatArray]]:
        return self.encode(texts), self.tokens_of(texts)


@torch.inference_mode()
def _projected(loss: Loss, device: torch.device, tokens: FloatArray) -> FloatArray:
    """Return (T, D) tokens as a loss projects them, (T, d)."""
    projected: FloatArray = loss.projected(torch.from_numpy(tokens)[None].to(device))[0].float().cpu().numpy()
    return projected


def _padded(texts: Sequence[FloatArray], device: torch.device) -> Tokens:
    """Return the tokens of a column as the loss takes them."""
    embeddings = pad_sequence([torch.from_numpy(text) for text in texts], batch_first=True)
    lengths = torch.tensor([len(text) for text in texts])
    return Tokens(embeddings, torch.arange(embeddings.shape[1]) < lengths[:, None]).to(device)
