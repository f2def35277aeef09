"""The Siamese encoder: one transformer that reads both sides, pooling, projection, length.

texts -> tokens (B, T) -> token embeddings (B, T, D) -> pooled (B, D) -> projected -> unit length
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, SupportsIndex
from weakref import ReferenceType, ref

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from siamese_text.encoder.base import CPU_BATCH_TOKENS, TextEncoder
from siamese_text.encoder.cpu.layers import packs, reading_copy, weights_of
from siamese_text.encoder.cpu.packing import pack, unpack
from siamese_text.encoder.model_folder import Layout, ModelFolder, Projection, dense_folder, open_model, write_layout
from siamese_text.encoder.pooling import check_modes, pool
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.encoder.similarity import SIMILARITIES
from siamese_text.encoder.tokens import PaddedTexts, TextTokenizer, TokenBatch
from siamese_text.encoder.transformer import SHIFTED_POSITIONS, load_transformer, longest, output_width
from siamese_text.errors import BadModel, UsageError
from siamese_text.process import quiet_transformers, single_thread_in_forks
from siamese_text.records import FloatArray

BATCH_TOKENS = {"cpu": CPU_BATCH_TOKENS, "cuda": 32768}


class TorchEncoder(nn.Module, TextEncoder):
    """Texts to embeddings with a Hugging Face transformer in PyTorch: the reference, and what is trained.

    One that was loaded is pickled by the path of its folder; one that was built in memory or trained since, with its
    weights.

    Args:
        transformer: A Hugging Face encoder whose output has ``last_hidden_state``.
        tokenizer: The tokenizer that belongs to it.
        layout: Pooling, projections, normalisation, length, prompts and similarity.

    Example:
        >>> encoder = TorchEncoder.load("all-MiniLM-L6-v2")  # doctest: +SKIP
        >>> encoder.encode(["A dog barks.", "A dog is barking."]).shape  # doctest: +SKIP
        (2, 384)
    """

    def __init__(self, transformer: Any, tokenizer: Any, layout: Layout) -> None:
        super().__init__()
        if layout.similarity_fn_name not in SIMILARITIES:
            raise UsageError(f"similarity is '{layout.similarity_fn_name}'; choose from {', '.join(SIMILARITIES)}")
        self.transformer: Any = transformer.float()  # half precision is many times slower on a CPU
        self.freeze_unused_pooler()
        self.projections = nn.ModuleList(_projection(p) for p in layout.projections)
        length = longest(transformer, tokenizer, layout.max_seq_length)
        self.layout = replace(layout, hidden_size=output_width(transformer), max_seq_length=length)
        _check_widths(self.layout)
        self.tokenizer = TextTokenizer(
            tokenizer,
            max_length=length,
            lower_case=layout.lower_case,
            prompt=layout.prompt(None),
            pools_prompt=layout.include_prompt,
        )
        self.resolved: ModelFolder | None = None
        self._copy: tuple[str, list[Tensor], Any] | None = None
        self._as_loaded: list[tuple[ReferenceType[Tensor], int]] = []
        single_thread_in_forks()

    @classmethod
    def load(
        cls,
        model: str | Path | ModelFolder = DEFAULT_MODEL,
        *,
        device: str | None = None,
        pooling: str | Sequence[str] | None = None,
        normalize: bool | None = None,
        similarity: str | None = None,
        max_seq_length: int | None = None,
        projection: int | None = None,
        prompt: str | None = None,
    ) -> Self:
        """Load an encoder by name or from a folder; options left out are taken from the folder.

        Args:
            model: A folder, a name that is looked up locally first (see ``resolve``), or what ``open_model`` gave.
            device: A torch device; by default CUDA where there is one, else the CPU.
            pooling: One pooling mode, or several to concatenate.
            normalize: Whether embeddings get unit length.
            similarity: ``cosine``, ``dot``, ``euclidean`` or ``manhattan``.
            max_seq_length: The longest text in tokens.
            projection: Adds a new linear layer of this width, with seeded random weights, to be trained.
            prompt: The name of the model's prompt that by default goes before each text, or "" for none.

        Returns:
            The encoder in evaluation mode.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete, unsafe or of an unknown kind.
            UsageError: An option has a value that does not exist, or the model is a table of token vectors.
        """
        found = open_model(model)
        if found.layout.static:
            raise UsageError(
                f"{found.folder} is static, a table of token vectors without layers; open it with load_encoder"
            )
        chosen: dict[str, Any] = {
            "pooling": check_modes([pooling] if isinstance(pooling, str) else pooling) if pooling else None,
            "normalize": normalize,
            "similarity_fn_name": similarity,
            "max_seq_length": max_seq_length,
        }
        layout = replace(found.layout, **{key: value for key, value in chosen.items() if value is not None})
        if prompt is not None:
            layout = replace(layout, default_prompt=prompt or None)
        transformer, tokenizer = load_transformer(layout)
        encoder = cls(transformer, tokenizer, layout)
        if projection is not None:
            encoder.add_projection(projection)
        encoder.resolved = found
        encoder.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        encoder._note_weights()
        return encoder.eval()

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle where the weights lie, if they are still as they were loaded and only read; else pickle them too."""
        if self.resolved is None or not self.as_loaded:
            return super().__reduce_ex__(protocol)
        found = replace(self.resolved, layout=self.layout)
        return _reopen, (type(self), found, str(self.device))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made anew when a text is read, and what holds in this process alone."""
        return self.__dict__ | {"_copy": None, "_as_loaded": []}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the weights too: whoever copies may be about to change them."""
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        copied.__dict__.update(copy.deepcopy(self.__getstate__(), memo))
        if self._unchanged():
            copied._note_weights()
        return copied

    @property
    def as_loaded(self) -> bool:
        """Whether the encoder is what lies in the folder that it came from."""
        return self.resolved is not None and not self.training and self._unchanged()

    def _note_weights(self) -> None:
        """Remember which tensors the weights are, and how often each was changed, which PyTorch counts."""
        weights = weights_of(self)
        if not any(weight.is_inference() for weight in weights):  # whose changes it does not count
            self._as_loaded = [(ref(weight), weight._version) for weight in weights]

    def _unchanged(self) -> bool:
        """Say whether the weights are those that were noted."""
        now = weights_of(self)
        return len(now) == len(self._as_loaded) and all(
            known() is weight and version == weight._version
            for weight, (known, version) in zip(now, self._as_loaded, strict=True)
        )

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def batch_tokens(self) -> int:
        """The largest number of tokens in a batch, unless another is asked for."""
        return BATCH_TOKENS.get(self.device.type, CPU_BATCH_TOKENS)

    def add_projection(self, width: int, *, activation: str = "Identity", seed: int = 0) -> None:
        """Append a dense layer with random weights, to be trained.

        Args:
            width: The new number of dimensions.
            activation: ``Identity``, ``Tanh``, ``ReLU`` or ``GELU``.
            seed: What the random weights are drawn with.
        """
        new = Projection(self.embedding_dimension, width, activation=activation)
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
        return _token_embeddings(self.transformer, tokens)

    def pooled(self, token_embeddings: Tensor, tokens: TokenBatch) -> Tensor:
        """Return the (B, D) embeddings of texts whose (B, T, D) token embeddings are given."""
        embeddings = pool(token_embeddings, tokens.pooling_mask, self.layout.pooling)  # (B, D)
        for projection in self.projections:
            embeddings = projection(embeddings)
        if self.layout.normalize:
            embeddings = nn.functional.normalize(embeddings, dim=-1)
        return embeddings if self.layout.truncate_dim is None else embeddings[:, : self.layout.truncate_dim]

    def embed(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, D) float32 embeddings of a batch."""
        batch, reader = texts.tensors().to(self.device), self._reader()
        with torch.inference_mode():
            return _numpy(self.pooled(_token_embeddings(reader, batch), batch))

    def embed_with_tokens(self, texts: PaddedTexts) -> tuple[FloatArray, FloatArray]:
        """Return the (B, D) embeddings of a batch and the (B, T, D) ones of its tokens."""
        batch, reader = texts.tensors().to(self.device), self._reader()
        with torch.inference_mode():
            tokens = _token_embeddings(reader, batch)
            return _numpy(self.pooled(tokens, batch)), _numpy(tokens)

    def word_states(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, T, D) float32 hidden states of the middle layer."""
        batch, reader = texts.tensors().to(self.device), self._reader()
        with torch.inference_mode():
            output = reader(input_ids=batch.input_ids, attention_mask=batch.attention_mask, output_hidden_states=True)
            return _numpy(middle(output.hidden_states).float())

    def _reader(self) -> Any:
        """Return the copy of the transformer that reads texts, made anew where the weights are others than before.

        They are after a move to another device, with LoRA's additions, and in a student that has lost layers. Of two
        threads that both find no copy each makes one, and either will do.
        """
        device, weights = self.device.type, weights_of(self.transformer)
        if self._copy is not None:
            known_device, known, reader = self._copy
            same = len(known) == len(weights) and all(old is new for old, new in zip(known, weights, strict=True))
            if same and known_device == device:
                return reader
        reader = reading_copy(self.transformer)
        self._copy = device, weights, reader
        return reader

    def write(self, folder: Path) -> None:
        """Write the encoder's files into an existing folder, for a caller that adds its own before the rename."""
        with quiet_transformers():
            self.transformer.save_pretrained(folder, safe_serialization=True)
            self.tokenizer.tokenizer.save_pretrained(folder)
        write_layout(folder, self.layout)
        for index, layer in enumerate(self.projections):
            state = {name: weight.contiguous() for name, weight in layer.state_dict().items()}
            save_file(state, folder / dense_folder(index) / "model.safetensors")


def _reopen(kind: type[TorchEncoder], found: ModelFolder, device: str) -> TorchEncoder:
    """Load an encoder that was pickled by its place; without a GPU in this process, onto the CPU."""
    encoder = kind.load(found, device=device if torch.cuda.is_available() or not device.startswith("cuda") else "cpu")
    encoder.layout = found.layout
    return encoder


def _token_embeddings(transformer: Any, tokens: TokenBatch) -> Tensor:
    """Return the (B, T, D) float32 states of the last layer, which read the texts packed where they can."""
    if not packs(transformer):
        output = transformer(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask)
        padded: Tensor = output.last_hidden_state.float()
        return padded
    packing = pack(tokens.attention_mask)
    output = transformer(
        input_ids=tokens.input_ids.ravel()[packing.order][None],
        position_ids=packing.positions + _first_position(transformer.config),
        packing=packing,
    )
    return unpack(output.last_hidden_state[0], packing).float()  # out of (N, D)


def _first_position(config: Any) -> int:
    """Return where the positions of a text begin: after the padding index in RoBERTa and its kin."""
    return config.pad_token_id + 1 if config.model_type in SHIFTED_POSITIONS else 0


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
    width = layout.hidden_size * len(layout.pooling)
    for projection in layout.projections:
        if projection.width_in != width:
            raise UsageError(
                f"pooling {' + '.join(layout.pooling)} is followed by a dense layer that takes {projection.width_in} "
                f"dimensions, not {width}; keep the pooling that the model was saved with"
            )
        width = projection.width_out


def middle(states: Sequence[Tensor]) -> Tensor:
    """Return those of the middle layer, out of the states of all layers from the embeddings on."""
    return states[len(states) // 2]


def _numpy(tensor: Tensor) -> FloatArray:
    array: FloatArray = tensor.cpu().numpy()
    return array
