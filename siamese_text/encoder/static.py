"""A static encoder: a table with a vector for each token; a text's embedding is the mean of its tokens' vectors.

It reads no context, so it is hundreds of times quicker than a transformer: tokenizers and numpy, no padding, no torch.
The folder is that of sentence-transformers' StaticEmbedding:

modules.json                        StaticEmbedding, and Normalize
model.safetensors, tokenizer.json   the table (V, D), and the tokenizer that numbers its rows
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from siamese_text.encoder.base import TextEncoder, listed_texts
from siamese_text.encoder.model_folder import Layout, ModelFolder, open_model, write_layout
from siamese_text.encoder.tokens import Ids, PaddedTexts, TextTokenizer
from siamese_text.errors import BadModel
from siamese_text.protocols import Progress
from siamese_text.records import EncodeReport, FloatArray
from siamese_text.unit_rows import unit_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHUNK = 2048  # texts at once
WEIGHTS = "model.safetensors"


class BareTokenizer(TextTokenizer):
    """A ``tokenizers.Tokenizer`` that puts no tokens around a text.

    Args:
        tokenizer: It is changed: it does not pad.
        cuts: Whether texts are cut as the tokenizer says; else they are read whole.
    """

    def __init__(self, tokenizer: Tokenizer, *, cuts: bool = False) -> None:
        tokenizer.no_padding()
        if not cuts:
            tokenizer.no_truncation()
        self.tokenizer = self._reader = tokenizer
        self.max_length = tokenizer.truncation["max_length"] if tokenizer.truncation else sys.maxsize
        self.lower_case = False
        self.knows_places = True
        self.padding_id = 0
        self.closing_ids = set()
        self.unknown_id = tokenizer.token_to_id(getattr(tokenizer.model, "unk_token", None) or "")

    def _ids(self, texts: list[str]) -> tuple[list[list[int]], int]:
        encodings = self._reader.encode_batch_fast(texts, add_special_tokens=False)
        full = [encoding for encoding in encodings if len(encoding) >= self.max_length]
        return [each.ids for each in encodings], sum(bool(encoding.overflowing) for encoding in full)

    def places(self, text: str) -> tuple[list[int], Ids]:
        """Return the ids of a text and the (T, 2) starts and ends of its tokens in code points."""
        encoding = self._reader.encode(text, add_special_tokens=False)
        return encoding.ids, np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)


class StaticEncoder(TextEncoder):
    """Texts to embeddings by a table of token vectors.

    Args:
        table: (V, D) float32, a row for each id of the tokenizer.
        tokenizer: A ``tokenizers.Tokenizer``.
        layout: Normalisation, prompts and similarity.
        cuts: Whether long texts are cut as the tokenizer says; else they are read whole.

    Example:
        >>> from tokenizers import Tokenizer, models, pre_tokenizers
        >>> tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "red": 1, "blue": 2}, unk_token="[UNK]"))
        >>> tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        >>> table = np.array([[0, 0], [2, 0], [0, 4]], dtype=np.float32)
        >>> StaticEncoder(table, tokenizer, Layout(Path(), static=True)).encode(["red", "red blue", ""]).tolist()
        [[2.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    """

    def __init__(self, table: FloatArray, tokenizer: Tokenizer, layout: Layout, *, cuts: bool = False) -> None:
        if len(table) < tokenizer.get_vocab_size():
            raise BadModel(
                f"the table has {len(table)} rows for {tokenizer.get_vocab_size()} tokens; save the model anew"
            )
        self.table = table
        self.tokenizer: BareTokenizer = BareTokenizer(tokenizer, cuts=cuts)
        self.layout = layout
        self.resolved: ModelFolder | None = None

    @classmethod
    def load(cls, model: str | Path | ModelFolder) -> Self:
        """Load an encoder by name, from its folder, or from what ``open_model`` gave.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder holds a model of another kind, a file is damaged, or the table has fewer rows than the
                tokenizer has tokens.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        found = open_model(model)
        layout = found.layout
        if not layout.static:
            raise BadModel(f"{found.folder} is a transformer, not a table of token vectors; open it with load_encoder")
        try:
            tensors = load_file(layout.transformer / WEIGHTS)
            tokenizer = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        except (SafetensorError, TypeError) as error:
            raise BadModel(f"{layout.transformer} cannot be loaded ({error}); save the model anew") from error
        except Exception as error:  # tokenizers raises nothing more special
            raise BadModel(
                f"{layout.transformer}/tokenizer.json cannot be read ({error}); save the model anew"
            ) from error
        encoder = cls(_table(tensors, layout.transformer), tokenizer, layout, cuts=True)
        encoder.table.flags.writeable = False  # a pickle of the encoder says where it was read
        encoder.resolved = found
        return encoder

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle where the table lies: it is read anew, also for a copy. One made in memory is pickled whole."""
        if self.resolved is None:
            return super().__reduce_ex__(protocol)
        return type(self).load, (replace(self.resolved, layout=self.layout),)

    @property
    def embedding_dimension(self) -> int:
        """The number of dimensions of an embedding."""
        width = int(self.table.shape[1])
        return min(width, self.layout.truncate_dim or width)

    def encode(
        self,
        texts: Iterable[str],
        *,
        prompt_name: str | None = None,
        batch_tokens: int | None = None,  # noqa: ARG002  what is not padded needs no batches of similar length
        batch_size: int | None = None,  # noqa: ARG002
        steady: bool = False,  # noqa: ARG002  each mean knows of its own text alone
        progress: Progress | None = None,
        report: EncodeReport | None = None,
    ) -> FloatArray:
        """Embed texts of any length.

        Args:
            texts: N texts.
            prompt_name: Which of the saved prompts goes before each text; by default the model's own default.
            batch_tokens: Ignored, like ``batch_size``.
            batch_size: Ignored.
            steady: Ignored: an embedding always has the same bits.
            progress: Called with the number of texts done and to do.
            report: Gets the counts of texts that the encoder does not know, in place of a warning.

        Returns:
            (N, D) float32; of unit length where the layout normalises, and 0 for a text without a token.

        Raises:
            UsageError: The texts are a single string or hold what is no text, or the model has no prompt of that name.
        """
        texts = listed_texts(texts)
        prompt = self.layout.prompt(prompt_name)
        vectors = np.empty((len(texts), self.embedding_dimension), dtype=np.float32)  # (N, D)
        cut = unknown = 0
        for start in range(0, len(texts), CHUNK):
            chunk = [prompt + text for text in texts[start : start + CHUNK]]
            tokenised = self.tokenizer(chunk)
            vectors[start : start + CHUNK] = self._normalised(self._means(tokenised.ids))
            cut += tokenised.truncated
            unknown += tokenised.unknown
            if progress:
                progress(min(start + CHUNK, len(texts)), len(texts))
        self._count(cut, unknown, len(texts), report)
        return vectors

    def embed(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, D) float32 embeddings of a batch."""
        return self.embed_with_tokens(texts)[0]

    def embed_with_tokens(self, texts: PaddedTexts) -> tuple[FloatArray, FloatArray]:
        """Return the (B, D) embeddings of a batch and the (B, T, D) ones of its tokens, any values in padding."""
        tokens = self.word_states(texts)
        mask = texts.pooling_mask.astype(np.float32)[:, :, None]  # (B, T, 1)
        return self._normalised((tokens * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)), tokens

    def word_states(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, T, D) float32 rows of the table, which know nothing of their neighbours."""
        return self.table[texts.input_ids]

    def write(self, folder: Path) -> None:
        """Write the encoder's files into an existing folder, for a caller that adds its own before the rename."""
        from safetensors.numpy import save_file

        save_file({"embedding.weight": self.table}, folder / WEIGHTS)
        self.tokenizer.tokenizer.save(str(folder / "tokenizer.json"))
        write_layout(folder, self.layout)

    def _normalised(self, vectors: FloatArray) -> FloatArray:
        """Return vectors of unit length, and then cut to their first dimensions, where the layout says so."""
        if self.layout.normalize:
            vectors = unit_rows(vectors)
        return vectors[:, : self.layout.truncate_dim]

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
