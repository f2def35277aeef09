"""What 0.1 called by another name: it goes on working, with a warning that names the new way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from siamese_text import text
from siamese_text.api.evaluation import examine as examine
from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.loading import load_encoder
from siamese_text.errors import MissingInput
from siamese_text.records import Document, Predictions

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


def read_documents(paths: Sequence[str | Path]) -> list[Document]:
    """Read files, and the files of folders.

    Args:
        paths: Files and folders; where there are several, the names of the documents begin with them.

    Returns:
        The documents, each with its text or the reason why it has none.

    Raises:
        MissingInput: A path is missing.
    """
    documents: list[Document] = []
    for path in map(Path, paths):
        if path.is_dir():
            prefix = f"{path.as_posix()}/" if len(paths) > 1 else ""
            documents += [replace(document, name=prefix + document.name) for document in text.read_folder(path)]
        elif path.exists():
            documents.append(text.read_file(path, name=path.as_posix() if len(paths) > 1 else path.name))
        else:
            raise MissingInput(f"{path} does not exist; give files or folders")
    return documents
