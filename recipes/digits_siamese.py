"""Not only text: the same losses, miners, batches and loop train a small convolutional encoder on pictures of digits.

    python recipes/digits_siamese.py [--loss triplet] [--mining semi-hard] [--epochs 10] [--output digits]

The 8 × 8 digits come with scikit-learn. The encoder learns from 0 to 6 and never sees a 7, 8 or 9. Of these it is asked
whether two pictures show the same digit, by a threshold that was fitted on held-out pictures of 0 to 6 (verification),
and which digit one shows, given a single picture of each (one-shot, the mean of 200 draws). The same figures of the raw
pixels stand beside. `--output` gets the curves of training and a map of the embeddings of the unseen digits.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

from siamese_text.evaluation.report.maps import project_tsne
from siamese_text.records import Example
from siamese_text.scoring.metrics import average_precision, best_threshold
from siamese_text.training.accelerator import make_accelerator
from siamese_text.training.history import ValidationRecord
from siamese_text.training.loop import TaskRows, train_loop
from siamese_text.training.losses import Columns, Loss
from siamese_text.training.losses.base import Facts
from siamese_text.training.losses.registry import build_losses
from siamese_text.training.mixture import TrainSet
from siamese_text.training.sampling import BatchOptions, plan
from siamese_text.training.settings import TrainSettings
from siamese_text.training.siamese_module import spread

WIDTH = 32  # D, of an embedding
UNSEEN = (7, 8, 9)
DRAWS = 200


class DigitEncoder(nn.Module):
    """(B, 1, 8, 8) pictures to (B, D) embeddings of unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Dropout(0.1), nn.Linear(32 * 16, WIDTH)),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the embeddings."""
        return functional.normalize(self.layers(pictures), dim=-1)

    @torch.no_grad()
    def encode(self, pictures: Tensor) -> Any:
        """Return the (B, D) embeddings as an array, without dropout."""
        was = self.training
        given = self.eval()(pictures).numpy()
        self.train(was)
        return given


@dataclass(frozen=True)
class DigitBatch:
    """What the loop hands to the module."""

    pictures: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> DigitBatch:
        """Return the batch on a device."""
        return DigitBatch(self.pictures.to(device), self.targets.to(device))


class DigitRows:
    """Pictures with classes, from which the loop takes batches by their rows."""

    def __init__(self, pictures: Tensor, labels: Any) -> None:
        self.pictures, self.targets = pictures, labels.astype(np.float32)

    def collate(self, rows: Sequence[int]) -> DigitBatch:
        """Build the batch of some rows."""
        return DigitBatch(self.pictures[list(rows)], torch.from_numpy(self.targets[list(rows)]))


class DigitModule(nn.Module):
    """Encoder and losses, called by the loop as ``SiameseModule`` is."""

    def __init__(self, encoder: DigitEncoder, losses: Sequence[Loss]) -> None:
        super().__init__()
        self.encoder, self.losses = encoder, nn.ModuleList(losses)

    def forward(self, batch: DigitBatch, task: int = 0, _chunk: int | None = None) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, and the spread of its embeddings."""
        embeddings = self.encoder(batch.pictures)
        return self.losses[task](Columns((embeddings,), ()), batch.targets), spread(embeddings.detach())


@dataclass(frozen=True)
class Validation:
    """All pairs of held-out pictures of digits that are learned."""

    pictures: Tensor
    labels: Any

    def __call__(self, encoder: Any, loss: Loss, *, step: int, epoch: float, best: float) -> ValidationRecord:
        """Measure loss, average precision and the best accuracy of the cosine."""
        vectors = encoder.encode(self.pictures)
        with torch.no_grad():
            value = float(loss(Columns((torch.from_numpy(vectors),), ()), torch.from_numpy(self.labels).float()))
        same, cosines = pairs(vectors, self.labels)
        precision, accuracy = average_precision(same, cosines), best_threshold(same, cosines)[1]
        return ValidationRecord(step, epoch, value, "AP", precision, accuracy, "cosine", precision > best)


def pairs(vectors: Any, labels: Any) -> tuple[Any, Any]:
    """Return of every two pictures whether they show the same digit, and their cosine."""
    left, right = np.triu_indices(len(labels), 1)
    return (labels[left] == labels[right]).astype(np.int64), (vectors @ vectors.T)[left, right]


def figures(known: Any, known_labels: Any, new: Any, new_labels: Any) -> tuple[float, float, float]:
    """Return the accuracy of verification of new digits, the share of the commoner answer, and one-shot accuracy."""
    threshold = best_threshold(*pairs(known, known_labels))[0]
    same, cosines = pairs(new, new_labels)
    random, right = np.random.default_rng(0), []
    for _ in range(DRAWS):
        shown = [random.choice(np.flatnonzero(new_labels == digit)) for digit in UNSEEN]
        rest = np.setdiff1d(np.arange(len(new)), shown)
        answers = np.array(UNSEEN)[(new[rest] @ new[shown].T).argmax(axis=1)]
        right.append((answers == new_labels[rest]).mean())
    verified = ((cosines >= threshold) == same).mean()
    return float(verified), float(max(same.mean(), 1 - same.mean())), float(np.mean(right))


def draw_map(path: Path, vectors: Any, labels: Any) -> None:
    """Draw the embeddings on a plane, near ones near each other (t-SNE)."""
    from matplotlib.figure import Figure

    places = project_tsne(vectors)
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    axes = figure.subplots()
    for digit in UNSEEN:
        across, up = places[labels == digit].T
        axes.scatter(across, up, s=14, label=str(digit), marker=f"${digit}$")
    axes.set(title="Digits that training never saw", xticks=[], yticks=[])
    figure.savefig(path, dpi=160)


def main() -> None:
    """Train, and print the figures of the unseen digits beside those of raw pixels."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loss", default="triplet", help="a loss of texts with classes, such as prototypical")
    parser.add_argument("--mining", default="semi-hard", help="hard, semi-hard or all, of the triplet loss")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--output", type=Path, default=Path("digits"))
    options = parser.parse_args()
    digits = load_digits()
    pictures, labels = torch.from_numpy(digits.images).float()[:, None] / 16, digits.target
    unseen = np.isin(labels, UNSEEN)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(~unseen))
    held_out, learned = rows[:300], rows[300:]
    settings = TrainSettings(num_train_epochs=options.epochs, learning_rate=2e-3, evals_per_epoch=1)
    losses = build_losses(
        [(options.loss, "classes")],
        Facts(WIDTH, WIDTH),
        {"mining": options.mining} if options.loss == "triplet" else {},
    )
    accelerator = make_accelerator(settings, torch.device("cpu"))
    encoder = DigitEncoder()
    examples = [Example((f"picture {row}",), float(labels[row])) for row in learned]
    sampler = plan(
        np.arange(len(learned))[:, None],
        labels[learned].astype(np.float32),
        np.ones(len(learned), dtype=np.int64),
        BatchOptions(batch_size=70, per_class=10),
    )
    given: Any = DigitRows(pictures[learned], labels[learned])
    task = TaskRows(TrainSet("digits", examples, "classes", options.loss), given, sampler, None)
    checked = Validation(pictures[held_out], labels[held_out])
    history, best = train_loop(accelerator, DigitModule(encoder, losses), [task], settings, checked, config={})
    print(f"{len(learned)} pictures of 0 to 6, loss {options.loss}; the best of {len(history.steps)} steps is {best}\n")
    print(f"| {unseen.sum()} pictures of 7, 8, 9 | verified | commoner answer | one-shot |\n|---|--:|--:|--:|")
    pixels = functional.normalize(pictures.flatten(1), dim=-1).numpy()
    for name, vectors in (("raw pixels", pixels), ("embeddings", encoder.encode(pictures))):
        found = figures(vectors[held_out], labels[held_out], vectors[unseen], labels[unseen])
        print(f"| {name} | {' | '.join(f'{100 * value:.1f} %' for value in found)} |")
    options.output.mkdir(parents=True, exist_ok=True)
    history.draw(options.output / "curves.png")
    draw_map(options.output / "map.png", encoder.encode(pictures[unseen]), labels[unseen])
    print(f"\nwrote {options.output}/curves.png and {options.output}/map.png")


if __name__ == "__main__":
    main()
