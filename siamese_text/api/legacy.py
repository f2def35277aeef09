"""What 0.1 called by another name: it goes on working, with a warning that names the new way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siamese_text.api.evaluation import examine as examine
from siamese_text.api.index import read_documents as read_documents
from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.records import Predictions

Judgements = Predictions


class Encoder:
    """The encoder of 0.1, whose one use was ``Encoder.load``."""

    @staticmethod
    def load(name_or_path: str | Path, *, device: str | None = None, **structure: Any) -> TextEncoder:
        """Load an encoder on PyTorch, as ``load_encoder`` and ``TorchEncoder.load`` do now.

        Args:
            name_or_path: A folder, or a name that is looked up locally first.
            device: A torch device; by default CUDA where there is one, else the CPU.
            structure: What ``TorchEncoder.load`` takes, such as ``pooling`` or ``max_seq_length``.

        Returns:
            The encoder; of a folder with a table of token vectors, that table.
        """
        if not structure:
            return load_encoder(name_or_path, backend="torch", device=device)
        from siamese_text.encoder.torch_encoder import TorchEncoder

        return TorchEncoder.load(name_or_path, device=device, **structure)
