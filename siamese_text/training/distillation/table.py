"""A static student: a table of token vectors that begins as the teacher's own and learns to imitate whole sentences."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import torch
from tokenizers import processors
from torch import Tensor, nn

from siamese_text.encoder.static import StaticEncoder
from siamese_text.encoder.tokens import TextTokenizer, TokenBatch, batches_by_tokens
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import UsageError
from siamese_text.records import FloatArray
from siamese_text.training.batches import Batch
from siamese_text.training.losses import Columns, Loss
from siamese_text.training.processes import gather_rows
from siamese_text.training.siamese_module import spread

SIF = 1e-3  # a in a / (a + p) of Arora et al. 2017; they find 1e-4 to 1e-3 best
BATCH_TOKENS = 2048


def bare_tokenizer(teacher: TorchEncoder) -> TextTokenizer:
    """Return the teacher's tokenizer without the tokens that it puts around a text.

    Raises:
        UsageError: It is none of the tokenizers library, which alone is quick and can be saved in one file.
    """
    if not teacher.tokenizer.tokenizer.is_fast:
        raise UsageError("a static student needs a teacher with tokenizer.json; leave out static")
    tokenizer = copy.deepcopy(teacher.tokenizer.tokenizer)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A", pair="$A $B", special_tokens=[]
    )
    known = teacher.tokenizer
    return TextTokenizer(tokenizer, max_length=known.max_length, lower_case=known.lower_case, prompt=known.prompt)


def token_vectors(teacher: TorchEncoder) -> FloatArray:
    """Return the teacher's (V, D) float32 embeddings of texts of one token each."""
    before, after = _frame(teacher)
    texts = [[*before, token, *after] for token in range(len(teacher.tokenizer.tokenizer))]
    table = np.empty((len(texts), teacher.embedding_dimension), dtype=np.float32)
    for rows in batches_by_tokens([len(text) for text in texts], BATCH_TOKENS):
        table[rows] = teacher.embed(teacher.tokenizer.padded([texts[row] for row in rows]))
    return table


def _frame(teacher: TorchEncoder) -> tuple[list[int], list[int]]:
    """Return the tokens that the teacher's tokenizer puts before and after a text."""
    [whole], [inner] = teacher.tokenizer(["a"]).ids, bare_tokenizer(teacher)(["a"]).ids
    start = next(place for place in range(len(whole)) if whole[place : place + len(inner)] == inner)
    return whole[:start], whole[start + len(inner) :]


def weighted(table: FloatArray, ids: Iterable[Sequence[int]]) -> FloatArray:
    """Centre token vectors and scale each by how rare it is: w = a / (a + p), a = 0.001, p its share of all tokens.

    Source: Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings". The vectors of
    tokens have a large common part; here it is their mean over the tokens that occur.

    Args:
        table: (V, D).
        ids: The tokens of the training sentences.

    Returns:
        (V, D) float32.

    Example:
        >>> table = np.array([[1, 0], [3, 0], [9, 9]], dtype=np.float32)
        >>> rows = weighted(table, [[0, 1], [1, 1]])  # 2 never occurs: weight 1, not in the mean
        >>> rows.astype(float).round(4).tolist()
        [[-0.004, 0.0], [0.0013, 0.0], [7.0, 9.0]]
    """
    counts = np.bincount(np.fromiter(chain.from_iterable(ids), dtype=np.int64), minlength=len(table))  # (V,)
    shares = counts / max(counts.sum(), 1)
    centred = table - table[counts > 0].mean(axis=0) if counts.any() else table
    rows: FloatArray = (centred * (SIF / (SIF + shares))[:, None]).astype(np.float32)
    return rows


class TrainedTable(nn.Module):
    """A table in training; it encodes as the static encoder that it will be.

    Args:
        table: (V, D) float32, where it begins.
        tokenizer: The tokenizer that ``bare_tokenizer`` gave.
        teacher: Whose prompts and similarity it takes over.
    """

    def __init__(self, table: FloatArray, tokenizer: TextTokenizer, teacher: TorchEncoder) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table.copy()), freeze=False, mode="mean")
        backend = copy.deepcopy(tokenizer.tokenizer.backend_tokenizer)
        backend.no_truncation()
        self.backend = backend
        self.layout = replace(
            teacher.layout, static=True, normalize=True, projections=(), max_seq_length=None, include_prompt=True
        )

    def forward(self, tokens: TokenBatch) -> Tensor:
        """Return the (B, D) means of the tokens' vectors of B texts."""
        real = tokens.attention_mask.bool()
        lengths = real.sum(dim=1)
        embeddings: Tensor = self.table(tokens.input_ids[real], lengths.cumsum(dim=0) - lengths)
        return embeddings

    def static(self) -> StaticEncoder:
        """Return the encoder with the table as it stands."""
        return StaticEncoder(self.table.weight.detach().cpu().numpy().copy(), self.backend, self.layout)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts; see ``StaticEncoder.encode``."""
        return self.static().encode(texts)


class TableModule(nn.Module):
    """Table and loss as one module, called like a ``SiameseModule``."""

    def __init__(self, table: TrainedTable, loss: Loss) -> None:
        super().__init__()
        self.encoder = table
        self.losses = nn.ModuleList([loss])

    def forward(self, batch: Batch, task: int = 0, chunk_tokens: int | None = None) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return the loss of a batch, over the rows of all processes, and the spread of its embeddings."""
        assert batch.targets is not None
        texts = self.encoder(batch.tokens)
        embeddings = gather_rows(texts.index_select(0, batch.columns[0]))
        loss = self.losses[task](Columns((embeddings,)), gather_rows(batch.targets))
        return loss, spread(nn.functional.normalize(embeddings.detach(), dim=-1))
