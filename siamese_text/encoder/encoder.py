"""The Siamese encoder: one transformer that reads both sides, pooling, projection, length.

texts -> tokens (B, T) -> token embeddings (B, T, D) -> pooled (B, D) -> projected -> unit length
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.encoder.checkpoint import Layout, Projection, dense_folder, read_layout, write_layout
from siamese_text.encoder.packing import pack, unpack
from siamese_text.encoder.pooling import check_modes, pool
from siamese_text.encoder.resolve import DEFAULT_MODEL, Resolved, resolve
from siamese_text.encoder.speed import packs
from siamese_text.encoder.tokens import TextTokenizer, TokenBatch, batches_by_tokens
from siamese_text.errors import BadModel, UsageError
from siamese_text.records import FloatArray, TextsCut

SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")
BATCH_TOKENS = {"cpu": 2048, "cuda": 32768}  # past 2 k tokens a batch no longer fits a CPU's cache
SHIFTED_POSITIONS = {"roberta", "xlm-roberta", "mpnet", "camembert"}  # they begin after the padding index
NO_LIMIT = 10**9  # Hugging Face tokenizers without a length carry a number beyond it


class Encoder(nn.Module):
    """Texts to embeddings with a Hugging Face transformer.

    Args:
        transformer: A Hugging Face encoder whose output has ``last_hidden_state``.
        tokenizer: The tokenizer that belongs to it.
        layout: Pooling, projections, normalisation, length, prompts and similarity.

    Example:
        >>> encoder = Encoder.load("all-MiniLM-L6-v2")  # doctest: +SKIP
        >>> encoder.encode(["A dog barks.", "A dog is barking."]).shape  # doctest: +SKIP
        (2, 384)
    """

    def __init__(self, transformer: Any, tokenizer: Any, layout: Layout) -> None:
        super().__init__()
        if layout.similarity not in SIMILARITIES:
            raise UsageError(f"similarity is '{layout.similarity}'; choose from {', '.join(SIMILARITIES)}")
        self.transformer: Any = (
            transformer.float()
        )  # half precision on a CPU is many times slower, so checkpoints are cast
        self.freeze_unused_pooler()
        self.projections = nn.ModuleList(_projection(p) for p in layout.projections)
        length = _longest(transformer, tokenizer, layout.max_length)
        self.layout = replace(layout, width=int(transformer.config.hidden_size), max_length=length)
        _check_widths(self.layout)
        self.tokenizer = TextTokenizer(tokenizer, max_length=length, lower_case=layout.lower_case)
        self.resolved: Resolved | None = None

    @classmethod
    def load(
        cls,
        name_or_path: str | Path = DEFAULT_MODEL,
        *,
        device: str | None = None,
        pooling: str | Sequence[str] | None = None,
        normalize: bool | None = None,
        similarity: str | None = None,
        max_length: int | None = None,
        projection: int | None = None,
    ) -> Self:
        """Load an encoder by name or from a folder; options left out are taken from the folder.

        Args:
            name_or_path: A folder, or a name that is looked up locally first (see ``resolve``).
            device: A torch device; by default CUDA where there is one, else the CPU.
            pooling: One pooling mode, or several to concatenate.
            normalize: Whether embeddings get unit length.
            similarity: ``cosine``, ``dot``, ``euclidean`` or ``manhattan``.
            max_length: The longest text in tokens.
            projection: Adds a new linear layer of this width, with seeded random weights, to be trained.

        Returns:
            The encoder in evaluation mode.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete, unsafe or of an unknown kind.
            UsageError: An option has a value that does not exist.
        """
        found = resolve(name_or_path)
        layout = read_layout(found.folder)
        chosen: dict[str, Any] = {
            "pooling": check_modes([pooling] if isinstance(pooling, str) else pooling) if pooling else None,
            "normalize": normalize,
            "similarity": similarity,
            "max_length": max_length,
        }
        layout = replace(layout, **{key: value for key, value in chosen.items() if value is not None})
        transformer, tokenizer = _load_transformer(layout.transformer)
        encoder = cls(transformer, tokenizer, layout)
        if projection is not None:
            encoder.add_projection(projection)
        encoder.resolved = found
        encoder.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return encoder.eval()

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        if self.layout.projections:
            return self.layout.projections[-1].width_out
        return self.layout.width * len(self.layout.pooling)

    @property
    def similarity(self) -> str:
        """The name of the similarity function that the embeddings were made for."""
        return self.layout.similarity

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def add_projection(self, width: int, *, activation: str = "Identity", seed: int = 0) -> None:
        """Append a dense layer with random weights, to be trained.

        Args:
            width: The new number of dimensions.
            activation: ``Identity``, ``Tanh``, ``ReLU`` or ``GELU``.
            seed: Of the random weights.
        """
        new = Projection(self.width, width, activation=activation)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.projections.append(_projection(new))
        self.layout = replace(self.layout, projections=(*self.layout.projections, new))

    def freeze_unused_pooler(self) -> None:
        """Keep BERT's own pooler, which no embedding uses, out of training; it stays in the saved folder."""
        pooler = getattr(self.transformer, "pooler", None)
        if isinstance(pooler, nn.Module):
            pooler.requires_grad_(False)

    def forward(self, tokens: TokenBatch) -> Tensor:
        """Embed a batch.

        Args:
            tokens: B padded texts.

        Returns:
            (B, D) float32; of unit length where the layout normalises.
        """
        return self.pooled(self.token_embeddings(tokens), tokens)

    def token_embeddings(self, tokens: TokenBatch) -> Tensor:
        """Return (B, T, D) float32: the embeddings of a batch's tokens; what stands in padding means nothing."""
        hidden = self._packed(tokens) if packs(self.transformer) else self._padded(tokens)
        return hidden.float()

    def pooled(self, token_embeddings: Tensor, tokens: TokenBatch) -> Tensor:
        """Return the (B, D) embeddings of texts whose (B, T, D) token embeddings are given."""
        embeddings = pool(token_embeddings, tokens.pooling_mask, self.layout.pooling)  # (B, D)
        for projection in self.projections:
            embeddings = projection(embeddings)
        return nn.functional.normalize(embeddings, dim=-1) if self.layout.normalize else embeddings

    def _padded(self, tokens: TokenBatch) -> Tensor:
        hidden: Tensor = self.transformer(
            input_ids=tokens.input_ids, attention_mask=tokens.attention_mask
        ).last_hidden_state
        return hidden

    def _packed(self, tokens: TokenBatch) -> Tensor:
        """Read the texts of a batch in one row without padding (see ``packing``)."""
        packing = pack(tokens.attention_mask)
        packed = self.transformer(
            input_ids=tokens.input_ids.ravel()[packing.order][None],
            position_ids=packing.positions + self._first_position,
            packing=packing,
        ).last_hidden_state[0]  # (N, D)
        return unpack(packed, packing)

    @property
    def _first_position(self) -> int:
        """Where the positions of a text begin: after the padding index in RoBERTa and its kin."""
        config = self.transformer.config
        return config.pad_token_id + 1 if config.model_type in SHIFTED_POSITIONS else 0

    def forward_twin(self, tokens: TokenBatch, columns: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Embed all columns of a batch of pairs or triplets in one forward pass, each distinct text once.

        Args:
            tokens: The distinct texts of the batch.
            columns: For each column, (B,) int64: which of the texts stands in which row.

        Returns:
            One (B, D) tensor a column.
        """
        embeddings = self.forward(tokens)
        return tuple(embeddings.index_select(0, column) for column in columns)

    def encode(
        self,
        texts: Sequence[str],
        *,
        prompt_name: str | None = None,
        batch_tokens: int | None = None,
        progress: Callable[[int, int], None] | None = None,
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
        vectors = np.empty((len(distinct), self.width), dtype=np.float32)  # (distinct, D)
        for rows, tokens, embeddings in self._read(distinct, self._prompt(prompt_name), batch_tokens, progress):
            vectors[rows] = self.pooled(embeddings, tokens).cpu().numpy()
        if len(distinct) == len(texts):
            return vectors
        row = {text: index for index, text in enumerate(distinct)}
        return vectors[[row[text] for text in texts]]  # (N, D)

    def encode_tokens(
        self,
        texts: Sequence[str],
        project: Callable[[FloatArray], FloatArray],
        *,
        progress: Callable[[int, int], None] | None = None,
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
        vectors = np.empty((len(distinct), self.width), dtype=np.float32)  # (distinct, D)
        parts: list[FloatArray] = [vectors[:0]] * len(distinct)
        for rows, tokens, embeddings in self._read(distinct, self._prompt(None), None, progress):
            vectors[rows] = self.pooled(embeddings, tokens).cpu().numpy()
            projected = project(embeddings[tokens.attention_mask.bool()].cpu().numpy())  # (real tokens, d)
            ends = np.cumsum(tokens.attention_mask.sum(dim=1).cpu().numpy())
            for row, part in zip(rows, np.split(projected, ends[:-1]), strict=True):
                parts[row] = part
        index = {text: place for place, text in enumerate(distinct)}
        places = [index[text] for text in texts]
        return vectors[places], [parts[place] for place in places]

    def _read(
        self,
        texts: Sequence[str],
        prompt: str,
        batch_tokens: int | None,
        progress: Callable[[int, int], None] | None,
    ) -> Iterator[tuple[list[int], TokenBatch, Tensor]]:
        """Yield batches of similar length: which texts, their tokens, and the (B, T, D) embeddings of these."""
        tokenised = self.tokenizer([prompt + text for text in texts])
        self._warn_of_cuts(tokenised.truncated, len(texts))
        skip = self.tokenizer.prompt_length(prompt) if prompt and not self.layout.include_prompt else 0
        budget = batch_tokens or BATCH_TOKENS.get(self.device.type, BATCH_TOKENS["cpu"])
        done = 0
        with _evaluating(self), torch.inference_mode():
            for rows in batches_by_tokens([len(ids) for ids in tokenised.ids], budget):
                tokens = self.tokenizer.pad([tokenised.ids[row] for row in rows], skip=skip).to(self.device)
                yield rows, tokens, self.token_embeddings(tokens)
                done += len(rows)
                if progress:
                    progress(done, len(texts))

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

    def write(self, folder: Path) -> None:
        """Write the encoder's files into an existing folder, for a caller that adds its own before the rename."""
        with _quiet_transformers():
            self.transformer.save_pretrained(folder, safe_serialization=True)
            self.tokenizer.tokenizer.save_pretrained(folder)
        write_layout(folder, self.layout)
        for index, layer in enumerate(self.projections):
            state = {name: weight.contiguous() for name, weight in layer.state_dict().items()}
            save_file(state, folder / dense_folder(index) / "model.safetensors")

    def _prompt(self, name: str | None) -> str:
        name = name or self.layout.default_prompt
        if name is None:
            return ""
        if name not in self.layout.prompts:
            raise UsageError(f"the model has no prompt '{name}'; it has {', '.join(self.layout.prompts)}")
        return self.layout.prompts[name]

    def _warn_of_cuts(self, truncated: int, total: int) -> None:
        if truncated:
            message = (
                f"{truncated} of {total} texts were longer than {self.layout.max_length} tokens and were cut; "
                f"split them or raise max_length"
            )
            warnings.warn(TextsCut(truncated, message), stacklevel=4)


def _distinct(texts: Sequence[str]) -> list[str]:
    """Return each text once, in the order of their first places."""
    if isinstance(texts, str):
        raise UsageError("encode takes a list of texts, not one string; write [text]")
    return list(dict.fromkeys(texts))


def _load_transformer(folder: Path) -> tuple[Any, Any]:
    """Return the transformer and the tokenizer of a folder, refusing what would be loaded in part or run as code."""
    from transformers import AutoModel, AutoTokenizer

    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    with _quiet_transformers():
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, **options)
            transformer, report = AutoModel.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **options
            )
        except Exception as error:  # several libraries raise their own classes here, and tokenizers raises Exception
            reason = str(error).strip().partition("\n")[0]
            raise BadModel(f"{folder} cannot be loaded ({reason}); save the model anew") from error
    missing = sorted(name for name in report["missing_keys"] if not name.startswith("pooler."))  # no embedding uses it
    if missing:
        raise BadModel(f"{folder} lacks {len(missing)} weights, such as {missing[0]}; save the model anew")
    return transformer, tokenizer


def _projection(projection: Projection) -> nn.Module:
    """Build a dense layer under the names that sentence-transformers gives its weights."""
    layer = nn.Sequential()
    layer.add_module("linear", nn.Linear(projection.width_in, projection.width_out, bias=projection.bias))
    layer.add_module("activation", getattr(nn, projection.activation)())
    if projection.folder is not None:
        try:
            layer.load_state_dict(load_file(projection.folder / "model.safetensors"))
        except (RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            raise BadModel(f"{projection.folder} cannot be loaded ({reason}); save the model anew") from error
    return layer


def _check_widths(layout: Layout) -> None:
    """Refuse dense layers that do not fit what is pooled, such as a saved one after another choice of pooling."""
    width = layout.width * len(layout.pooling)
    for projection in layout.projections:
        if projection.width_in != width:
            raise UsageError(
                f"pooling {' + '.join(layout.pooling)} is followed by a dense layer that takes {projection.width_in} "
                f"dimensions, not {width}; keep the pooling that the model was saved with"
            )
        width = projection.width_out


def _longest(transformer: Any, tokenizer: Any, wanted: int | None) -> int:
    """Return the longest text that is read, within what the tokenizer and the position embeddings allow."""
    positions = getattr(transformer.config, "max_position_embeddings", None) or NO_LIMIT
    if getattr(transformer.config, "model_type", "") in SHIFTED_POSITIONS:
        positions -= 2
    limit = min(int(positions), NO_LIMIT)
    if wanted is not None and wanted > limit:
        raise UsageError(f"max_length is {wanted}; this model reads at most {limit} tokens")
    return min(wanted or tokenizer.model_max_length, limit)


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Switch dropout off, and back on for a module that was training."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep the library's progress bars and loading report out of our users' terminals."""
    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
