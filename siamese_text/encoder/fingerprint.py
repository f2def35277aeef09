"""What the vectors of a model depend on, as one hash: two models with the same one give the same vectors."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from siamese_text.encoder.checkpoint import Layout

# The decision, the history and the card of a trained model change no vector.
READ = ("*.safetensors", "config.json", "tokenizer*.json", "vocab.*", "merges.txt", "*.model", "added_tokens.json")


def fingerprint(folder: Path, layout: Layout, *, prompt: str | None = None) -> str:
    """Hash the files of a model that its vectors depend on, and how they are used.

    Args:
        folder: The model's folder.
        layout: Its layout as loaded, with the options that were given then.
        prompt: The name of the prompt before each text; by default the model's own default.

    Returns:
        A SHA-256 in hex, the same wherever the folder lies.
    """
    chosen = asdict(layout) | {"transformer": None, "projections": len(layout.projections)}
    chosen["prompts"] = layout.prompts.get(prompt or layout.default_prompt or "", "")
    chosen["default_prompt"] = None
    hashed = hashlib.sha256(repr(sorted(chosen.items())).encode())
    for path in sorted({path for pattern in READ for path in folder.rglob(pattern)}):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        hashed.update(f"\n{path.relative_to(folder).as_posix()} {digest}".encode())
    return hashed.hexdigest()
