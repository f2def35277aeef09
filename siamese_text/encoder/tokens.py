"""Texts to token ids, once, and ids to padded batches of similar length. Importing this loads no torch."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamese_text.errors import BadModel

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from torch import Tensor

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PaddedTexts:
    """A padded batch of texts, in numpy.

    Attributes:
        input_ids: (B, T) int64, padded on the right.
        attention_mask: (B, T) int64, 1 for a real token.
        pooling_mask: (B, T) int64, the attention mask less the tokens of a prompt that pooling leaves out.
    """

    input_ids: Ids
    attention_mask: Ids
    pooling_mask: Ids

    def tensors(self) -> TokenBatch:
        """Return the batch as tensors that share its memory."""
        import torch

        return TokenBatch(*map(torch.from_numpy, (self.input_ids, self.attention_mask, self.pooling_mask)))


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """A padded batch of texts as three (B, T) int64 tensors: ids, attention mask and pooling mask."""

    input_ids: Tensor
    attention_mask: Tensor
    pooling_mask: Tensor

    def __len__(self) -> int:
        return len(self.input_ids)

    def to(self, device: torch.device) -> TokenBatch:
        """Return the batch on ``device``."""
        return TokenBatch(self.input_ids.to(device), self.attention_mask.to(device), self.pooling_mask.to(device))


@dataclass(frozen=True, slots=True)
class Tokenised:
    """N tokenised texts.

    Attributes:
        ids: The token ids of each text.
        truncated: How many were longer than the model reads.
        unknown: How many have tokens half or more of which are not known, such as texts in another script.
        skip: How many leading tokens of each pooling leaves out, which are those of a prompt.
    """

    ids: list[list[int]]
    truncated: int
    unknown: int = 0
    skip: int = 0


class TextTokenizer:
    """A Hugging Face tokenizer with the settings that belong to an encoder: length, case, padding on the right.

    Hugging Face's wrapper changes the tokenizer at each call, to cut or not to cut, so two threads would read each
    other's settings. What is called here is a copy of the tokenizer inside, whose settings never change.

    Attributes:
        tokenizer: The tokenizer as it was given; it is left as it is.
        prompt: What the encoder by default puts before each text, in training as in use.
        pools_prompt: Whether the tokens of a prompt are pooled with those of the text.
        knows_places: Whether it can tell where in a text a token stands.
        padding_id: The token that padding is made of.
        closing_ids: The tokens that may end a text.
        unknown_id: The token that stands for all that is not known, None where there is none of its own.
    """

    prompt: str = ""
    pools_prompt: bool = True

    def __init__(
        self,
        tokenizer: Any,
        *,
        max_length: int,
        lower_case: bool = False,
        prompt: str = "",
        pools_prompt: bool = True,
    ) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.lower_case = lower_case
        self.prompt = prompt
        self.pools_prompt = pools_prompt
        self.knows_places: bool = tokenizer.is_fast
        self.padding_id: int = tokenizer.pad_token_id or 0
        self.closing_ids = {token for token in (tokenizer.sep_token_id, tokenizer.eos_token_id) if token is not None}
        unknown = tokenizer.unk_token_id
        self.unknown_id: int | None = None if unknown in self.closing_ids else unknown  # GPT-2 has one for everything
        if self.knows_places:
            self._reader = copy.deepcopy(tokenizer.backend_tokenizer)
            self._reader.no_padding()
            self._reader.enable_truncation(max_length, direction=tokenizer.truncation_side)
            if lower_case:
                _lower_first(self._reader)
            self._reader.encode_special_tokens = tokenizer.split_special_tokens

    def __call__(self, texts: Sequence[str]) -> Tokenised:
        """Tokenise texts, cut each at ``max_length`` tokens and count the cuts."""
        if not texts:
            return Tokenised([], 0)
        ids, cut = self._ids(list(texts))
        return Tokenised(ids, cut, self._count_unknown(ids))

    def with_prompt(self, texts: Sequence[str], prompt: str | None = None) -> Tokenised:
        """Tokenise texts behind a prompt, by default the encoder's own: what training and use read alike."""
        prompt = self.prompt if prompt is None else prompt
        read = self([prompt + text for text in texts])
        return replace(read, skip=self.prompt_length(prompt)) if prompt and not self.pools_prompt else read

    def word_pieces(self, words: Sequence[str]) -> list[int | None]:
        """Return how many tokens each of some words is made of, None for one that holds a token of the unknown."""
        rows = self._ids([f" {word}" for word in words])[0] if words else []
        around = self._around
        return [None if self.unknown_id in row else len(row) - around for row in rows]

    def unread(self, texts: Sequence[str]) -> list[str]:
        """Return what of each text lies beyond ``max_length``: mostly nothing; what it is needs ``knows_places``."""
        left = [""] * len(texts)
        if not self.knows_places:
            return left
        # No token is less than a byte, so that hardly any text has to be read for this.
        room = self.max_length - self._around - len(self.prompt.encode())
        long = [row for row, text in enumerate(texts) if len(text.encode()) > room]
        encodings = self._reader.encode_batch([self.prompt + texts[row] for row in long])
        for row, encoding in zip(long, encodings, strict=True):
            if encoding.overflowing:
                places = [place for place in encoding.offsets if place[0] < place[1]]
                start, end = (max(0, place - len(self.prompt)) for place in (places[0][0], places[-1][1]))
                left[row] = texts[row][:start] + texts[row][end:]
        return left

    @property
    def _around(self) -> int:
        """How many tokens stand around any text, such as [CLS] and [SEP]."""
        return len(self._ids([""])[0][0])

    def _count_unknown(self, ids: Sequence[list[int]]) -> int:
        if self.unknown_id is None:
            return 0
        around = self._around
        return sum(0 < len(row) - around <= 2 * row.count(self.unknown_id) for row in ids)

    def _ids(self, texts: list[str]) -> tuple[list[list[int]], int]:
        """Return the ids of each text, cut at ``max_length``, and how many texts were cut."""
        if not self.knows_places:
            return self._ids_by_python(texts)
        encodings = self._reader.encode_batch_fast(texts)
        ids = [encoding.ids for encoding in encodings]
        # Only a text that fills the length can have been cut; to ask whether more of it was left copies that.
        full = (encoding for encoding, row in zip(encodings, ids, strict=True) if len(row) >= self.max_length)
        return ids, sum(bool(encoding.overflowing) for encoding in full)

    def _ids_by_python(self, texts: list[str]) -> tuple[list[list[int]], int]:
        """Do the same by a tokenizer that is written in Python, which keeps no settings between calls."""

        def read(texts: list[str], **options: Any) -> list[list[int]]:
            tokens = self.tokenizer(
                texts, padding=False, return_attention_mask=False, return_token_type_ids=False, verbose=False, **options
            )
            ids: list[list[int]] = tokens["input_ids"]
            return ids

        texts = [text.lower() for text in texts] if self.lower_case else texts
        ids = read(texts, truncation=True, max_length=self.max_length)
        full = [text for text, row in zip(texts, ids, strict=True) if len(row) >= self.max_length]
        return ids, sum(len(row) > self.max_length for row in read(full)) if full else 0

    def places(self, text: str) -> tuple[list[int], Ids]:
        """Return the ids of a text, cut at ``max_length``, and where each token stands in it.

        Args:
            text: The whole text; needs ``knows_places``.

        Returns:
            T ids and (T, 2) starts and ends in code points; the tokens around a text have empty ones.
        """
        encoding = self._reader.encode(text)
        return encoding.ids, np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)

    def prompt_length(self, prompt: str) -> int:
        """Count the tokens that a prompt puts before a text, the start token included."""
        [ids] = self([prompt]).ids
        return len(ids) - int(bool(ids) and ids[-1] in self.closing_ids)

    def save(self, file: Path) -> None:
        """Write the tokenizer with its settings to a ``tokenizer.json``; needs ``knows_places``."""
        self._reader.save(str(file))

    def pad(self, ids: Sequence[Sequence[int]], *, skip: int = 0) -> TokenBatch:
        """Return B texts, padded to their longest, as tensors."""
        return self.padded(ids, skip=skip).tensors()

    def padded(self, ids: Sequence[Sequence[int]], *, skip: int = 0) -> PaddedTexts:
        """Pad B texts to their longest.

        Args:
            ids: B lists of token ids.
            skip: How many leading tokens pooling leaves out.

        Returns:
            The batch, with T the length of the longest text.
        """
        lengths = np.fromiter((len(row) for row in ids), dtype=np.int64, count=len(ids))  # (B,)
        width = int(lengths.max(initial=1))
        padded = np.full((len(ids), width), self.padding_id, dtype=np.int64)  # (B, T)
        for row, values in zip(padded, ids, strict=True):
            row[: len(values)] = values
        mask = (np.arange(width) < lengths[:, None]).astype(np.int64)  # (B, T)
        pooled = mask.copy()
        pooled[:, :skip] = 0
        return PaddedTexts(padded, mask, pooled)


class StoredTokenizer(TextTokenizer):
    """A tokenizer that is read from its ``tokenizer.json`` alone, without transformers.

    Args:
        file: The file that a Hugging Face tokenizer was written to.
        max_length: The longest text in tokens.
        lower_case: Whether texts are put in lower case first.
        padding_id: The token that padding is made of.
        closing_ids: The tokens that may end a text.
        unknown_id: The token that stands for all that is not known.
        prompt: What the encoder by default puts before each text.
        pools_prompt: Whether the tokens of a prompt are pooled with those of the text.

    Raises:
        BadModel: The file cannot be read.
    """

    def __init__(
        self,
        file: Path,
        *,
        max_length: int,
        lower_case: bool,
        padding_id: int,
        closing_ids: Sequence[int],
        unknown_id: int | None = None,
        prompt: str = "",
        pools_prompt: bool = True,
    ) -> None:
        self.prompt = prompt
        self.pools_prompt = pools_prompt
        self.max_length = max_length
        self.lower_case = lower_case
        self.knows_places = True
        self.padding_id = padding_id
        self.closing_ids = set(closing_ids)
        self.unknown_id = unknown_id
        self.tokenizer = self._reader = _load(file)
        self._reader.no_padding()
        cut = self._reader.truncation or {}
        self._reader.enable_truncation(max_length, direction=cut.get("direction", "right"))
        if lower_case:
            _lower_first(self._reader)


def _load(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises nothing narrower
        raise BadModel(f"{file} cannot be read ({error}); delete its folder, and it is made anew") from error


def batches_by_tokens(
    lengths: Sequence[int], budget: int, *, padded: bool = True, most: int | None = None
) -> Iterator[list[int]]:
    """Group texts of similar length so that a padded batch stays within a number of tokens.

    Big batches of mixed length waste most of their work on padding, and on a CPU they fall out of the cache.

    Args:
        lengths: The number of tokens of each text.
        budget: The largest number of tokens, padding counted, in a batch; a longer text is a batch of its own.
        padded: Whether texts of several lengths may share a batch.
        most: The largest number of texts in a batch; None sets no limit.

    Yields:
        Positions in ``lengths``, longest texts first.

    Example:
        >>> list(batches_by_tokens([3, 9, 4, 8], budget=18))
        [[1, 3], [2, 0]]
    """
    batch: list[int] = []
    for position in np.argsort(np.negative(lengths), kind="stable").tolist():
        longest = lengths[batch[0]] if batch else 0
        full = longest * (len(batch) + 1) > budget or len(batch) == most
        if batch and (full or not (padded or lengths[position] == longest)):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def _lower_first(tokenizer: Tokenizer) -> None:
    """Let a tokenizer put texts in lower case before all else but not its special tokens: as sentence-transformers."""
    from tokenizers.normalizers import Lowercase
    from tokenizers.normalizers import Sequence as Steps

    steps = tokenizer.normalizer
    each = [steps[place] for place in range(len(steps))] if isinstance(steps, Steps) else [steps]
    if not any(isinstance(step, Lowercase) for step in each):
        tokenizer.normalizer = Steps([Lowercase(), *(step for step in each if step is not None)])
