"""What every encoder does, whatever multiplies its matrices: prompts, distinct texts, batches, cuts, progress.

A backend fills in three methods: a padded batch to embeddings, to embeddings and those of tokens, and to the states
that word alignment reads. All of it is numpy in and numpy out; importing this loads no torch.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.encoder.model_folder import Layout
from siamese_text.encoder.resolve import Resolved
from siamese_text.encoder.tokens import PaddedTexts, TextTokenizer, batches_by_tokens
from siamese_text.errors import TextsCut, TextsUnknown, UsageError
from siamese_text.protocols import Progress
from siamese_text.records import ComputeDtype, FloatArray

CPU_BATCH_TOKENS = 2048  # past 2 k tokens a batch no longer fits a CPU's cache


class TextEncoder(ABC):
    """Texts to embeddings.

    Attributes:
        layout: Pooling, projections, normalisation, length, prompts and similarity.
        tokenizer: Reads texts as the model was trained to.
        resolved: Where the model was found; None for one that was built in memory.
        compute_dtype: Of the multiplications: a decision holds for the one that it was fitted at.
    """

    layout: Layout
    tokenizer: TextTokenizer
    resolved: Resolved | None
    compute_dtype: ComputeDtype = "fp32"

    @abstractmethod
    def embed(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, D) float32 embeddings of a batch."""

    @abstractmethod
    def embed_with_tokens(self, texts: PaddedTexts) -> tuple[FloatArray, FloatArray]:
        """Return the (B, D) embeddings of a batch and the (B, T, D) ones of its tokens, any values in padding."""

    @abstractmethod
    def word_states(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, T, D) float32 hidden states of the middle layer."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the model's files into an existing folder, for a caller that adds its own before the rename."""

    @property
    def batch_tokens(self) -> int:
        """The largest number of tokens in a batch, unless another is asked for."""
        return CPU_BATCH_TOKENS

    @property
    def pads(self) -> bool:
        """Whether texts of several lengths share a batch."""
        return True

    @property
    def embedding_dimension(self) -> int:
        """The number of dimensions of an embedding."""
        if self.layout.projections:
            return self.layout.projections[-1].width_out
        return self.layout.hidden_size * len(self.layout.pooling)

    @property
    def similarity_fn_name(self) -> str:
        """The name of the similarity function that the embeddings were made for."""
        return self.layout.similarity_fn_name

    def encode(
        self,
        texts: Sequence[str],
        *,
        prompt_name: str | None = None,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> FloatArray:
        """Embed texts: each distinct one once, in batches of similar length, in the order given.

        Args:
            texts: N texts of any length; longer ones than the model reads are cut, which is counted in a warning.
            prompt_name: Which of the saved prompts goes before each text, such as ``query``; by default the
                model's own default, mostly none.
            batch_tokens: The largest number of tokens in a batch.
            progress: Called with the number of texts done and to do.

        Returns:
            (N, D) float32.

        Raises:
            UsageError: The text is a single string, or the model has no prompt of that name.
        """
        distinct = _distinct(texts)
        vectors = np.empty((len(distinct), self.embedding_dimension), dtype=np.float32)  # (distinct, D)
        for rows, batch in self._batches(distinct, self.layout.prompt(prompt_name), batch_tokens, progress):
            vectors[rows] = self.embed(batch)
        if len(distinct) == len(texts):
            return vectors
        row = {text: index for index, text in enumerate(distinct)}
        return vectors[[row[text] for text in texts]]  # (N, D)

    def encode_tokens(
        self,
        texts: Sequence[str],
        project: Callable[[FloatArray], FloatArray],
        *,
        progress: Progress | None = None,
    ) -> tuple[FloatArray, list[FloatArray]]:
        """Embed texts and their tokens in one pass: what a head reads that aligns the two sides of a pair.

        Args:
            texts: N texts, as ``encode`` takes them.
            project: Makes (tokens, D) embeddings smaller before they are kept.
            progress: Called with the number of texts done and to do.

        Returns:
            (N, D) float32 as of ``encode``, and for each text its projected tokens, (T, d) float32, with those that
            the tokenizer puts around it. Equal texts share one array.
        """
        distinct = _distinct(texts)
        vectors = np.empty((len(distinct), self.embedding_dimension), dtype=np.float32)  # (distinct, D)
        parts: list[FloatArray] = [vectors[:0]] * len(distinct)
        for rows, batch in self._batches(distinct, self.layout.prompt(None), None, progress):
            vectors[rows], tokens = self.embed_with_tokens(batch)
            projected = project(tokens[batch.attention_mask.astype(bool)])  # (real tokens, d)
            ends = np.cumsum(batch.attention_mask.sum(axis=1))
            for row, part in zip(rows, np.split(projected, ends[:-1]), strict=True):
                parts[row] = part
        index = {text: place for place, text in enumerate(distinct)}
        places = [index[text] for text in texts]
        return vectors[places], [parts[place] for place in places]

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Embed search queries, with the model's ``query`` prompt where it has one; see ``encode``."""
        return self.encode(texts, prompt_name="query")

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Embed passages to be found, with the model's ``document`` prompt where it has one; see ``encode``."""
        return self.encode(texts, prompt_name="document")

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

    def _batches(
        self, texts: Sequence[str], prompt: str, batch_tokens: int | None, progress: Progress | None
    ) -> Iterator[tuple[list[int], PaddedTexts]]:
        """Yield batches of texts of similar length: which they are, and their tokens.

        All texts are tokenised first, on all cores, since to sort them by length needs every length. To tokenise a
        thousand while those before are computed leaves no core less idle, and pads short texts by 7.4 %, not 3.6 %.
        """
        tokenised = self.tokenizer([prompt + text for text in texts])
        self._warn(tokenised.truncated, tokenised.unknown, len(texts))
        skip = self.tokenizer.prompt_length(prompt) if prompt and not self.layout.include_prompt else 0
        done = 0
        lengths = [len(ids) for ids in tokenised.ids]
        for rows in batches_by_tokens(lengths, batch_tokens or self.batch_tokens, padded=self.pads):
            yield rows, self.tokenizer.padded([tokenised.ids[row] for row in rows], skip=skip)
            done += len(rows)
            if progress:
                progress(done, len(texts))

    def _warn(self, truncated: int, unknown: int, total: int) -> None:
        """Say how many texts were cut, and of how many the model hardly knows a token."""
        if truncated:
            message = (
                f"{truncated} of {total} texts were longer than {self.layout.max_seq_length} tokens and were cut; "
                f"split them or raise max_seq_length"
            )
            warnings.warn(TextsCut(truncated, message), stacklevel=4)
        if unknown:
            message = (
                f"{unknown} of {total} texts are half or more of tokens that the model does not know, and it cannot "
                f"tell such texts apart; take a model of their language or script"
            )
            warnings.warn(TextsUnknown(unknown, message), stacklevel=4)


def _distinct(texts: Sequence[str]) -> list[str]:
    """Return each text once, in the order of their first places."""
    if isinstance(texts, str):
        raise UsageError("encode takes a list of texts, not one string; write [text]")
    return list(dict.fromkeys(texts))
