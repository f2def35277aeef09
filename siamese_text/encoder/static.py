"""A static encoder: a table with a vector for each token; a text's embedding is the mean of its tokens' vectors.

It reads no context, so it is hundreds of times quicker than a transformer: tokenizers and numpy, no padding, no torch.
The folder is that of sentence-transformers' StaticEmbedding:

modules.json                        StaticEmbedding, and Normalize
model.safetensors, tokenizer.json   the table (V, D), and the tokenizer that numbers its rows
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.encoder.checkpoint import Layout, write_layout
from siamese_text.encoder.resolve import Resolved
from siamese_text.errors import BadModel, UsageError
from siamese_text.records import FloatArray

CHUNK = 2048  # texts at once
WEIGHTS = "model.safetensors"


class StaticEncoder:
    """Texts to embeddings by a table of token vectors.

    Args:
        table: (V, D) float32, a row for each id of the tokenizer.
        tokenizer: A ``tokenizers.Tokenizer``.
        layout: Normalisation, prompts and similarity.

    Example:
        >>> from tokenizers import Tokenizer, models, pre_tokenizers
        >>> tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "red": 1, "blue": 2}, unk_token="[UNK]"))
        >>> tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        >>> table = np.array([[0, 0], [2, 0], [0, 4]], dtype=np.float32)
        >>> StaticEncoder(table, tokenizer, Layout(Path(), static=True)).encode(["red", "red blue", ""]).tolist()
        [[2.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    """

    def __init__(self, table: FloatArray, tokenizer: Any, layout: Layout) -> None:
        if len(table) < tokenizer.get_vocab_size():
            raise BadModel(
                f"the table has {len(table)} rows for {tokenizer.get_vocab_size()} tokens; save the model anew"
            )
        self.table = table
        self.tokenizer = tokenizer
        self.tokenizer.no_padding()
        self.layout = layout
        self.resolved: Resolved | None = None

    @classmethod
    def load(cls, found: Resolved, layout: Layout) -> Self:
        """Load an encoder from its folder.

        Args:
            found: The folder and where it came from.
            layout: What ``read_layout`` gave for it.

        Raises:
            BadModel: A file is damaged, or the table has fewer rows than the tokenizer has tokens.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            tensors = load_file(layout.transformer / WEIGHTS)
            tokenizer = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        except (SafetensorError, TypeError) as error:
            raise BadModel(f"{layout.transformer} cannot be loaded ({error}); save the model anew") from error
        except Exception as error:  # tokenizers raises nothing more special
            raise BadModel(
                f"{layout.transformer}/tokenizer.json cannot be read ({error}); save the model anew"
            ) from error
        encoder = cls(_table(tensors, layout.transformer), tokenizer, layout)
        encoder.resolved = found
        return encoder

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        return int(self.table.shape[1])

    @property
    def similarity(self) -> str:
        """The name of the similarity function that the embeddings were made for."""
        return self.layout.similarity

    def encode(
        self,
        texts: Sequence[str],
        *,
        prompt_name: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> FloatArray:
        """Embed texts of any length.

        Args:
            texts: N texts.
            prompt_name: Which of the saved prompts goes before each text; by default the model's own default.
            progress: Called with the number of texts done and to do.

        Returns:
            (N, D) float32; of unit length where the layout normalises, and 0 for a text without a token.

        Raises:
            UsageError: The text is a single string, or the model has no prompt of that name.
        """
        if isinstance(texts, str):
            raise UsageError("encode takes a list of texts, not one string; write [text]")
        prompt = self.layout.prompt(prompt_name)
        vectors = np.empty((len(texts), self.width), dtype=np.float32)  # (N, D)
        for start in range(0, len(texts), CHUNK):
            chunk = [prompt + text for text in texts[start : start + CHUNK]]
            vectors[start : start + CHUNK] = self._means(self.token_ids(chunk))
            if progress:
                progress(min(start + CHUNK, len(texts)), len(texts))
        if self.layout.normalize:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def encode_tokens(
        self,
        texts: Sequence[str],
        project: Callable[[FloatArray], FloatArray],
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Embed texts and their tokens; see ``Encoder.encode_tokens``."""
        prompt = self.layout.prompt(None)
        ids = self.token_ids([prompt + text for text in texts])
        return self.encode(texts, progress=progress), [project(self.table[row]) for row in ids]

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Embed search queries, with the model's ``query`` prompt where it has one; see ``encode``."""
        return self.encode(texts, prompt_name="query")

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Embed passages to be found, with the model's ``document`` prompt where it has one; see ``encode``."""
        return self.encode(texts, prompt_name="document")

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text's tokens, without those that a transformer wants around them."""
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the encoder as a folder that sentence-transformers opens too.

        Args:
            path: The folder to make.
            overwrite: Whether an existing one may be replaced.

        Raises:
            BadOutput: It exists, or cannot be written.
        """
        path = Path(path)
        check_output(path, overwrite=overwrite)
        with atomic_folder(path) as folder:
            self.write(folder)

    def write(self, folder: Path) -> None:
        """Write the encoder's files into an existing folder, for a caller that adds its own before the rename."""
        from safetensors.numpy import save_file

        save_file({"embedding.weight": self.table}, folder / WEIGHTS)
        self.tokenizer.save(str(folder / "tokenizer.json"))
        write_layout(folder, self.layout)

    def _means(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Return the (B, D) means of the rows of B texts: their tokens as a sparse (B, V) matrix, times the table."""
        from scipy.sparse import csr_array

        ends = np.cumsum([0, *map(len, ids)])  # (B + 1,)
        tokens = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=int(ends[-1]))
        chosen = csr_array((np.ones(len(tokens), dtype=np.float32), tokens, ends), shape=(len(ids), len(self.table)))
        sums: FloatArray = chosen @ self.table  # (B, D)
        sums /= np.maximum(np.diff(ends), 1)[:, None]
        return sums


def _table(tensors: dict[str, NDArray[Any]], folder: Path) -> FloatArray:
    """Return the table as sentence-transformers writes it, or as model2vec does: rows shared and weighted."""
    if "embedding.weight" in tensors:
        return tensors["embedding.weight"].astype(np.float32, copy=False)
    if "embeddings" not in tensors:
        raise BadModel(f"{folder} holds no table of token vectors; save the model anew")
    table = tensors["embeddings"].astype(np.float32, copy=False)
    if "mapping" in tensors:
        table = table[tensors["mapping"]]
    return table * tensors["weights"].astype(np.float32)[:, None] if "weights" in tensors else table
