"""An encoder without PyTorch: tokenizers reads the texts and ONNX Runtime runs the exported graph, down to the vector.

The graph is loaded as it was exported. Measured with all-MiniLM-L6-v2: ONNX Runtime optimises it in 0.14 s; one that
was saved optimised loads in 0.10 s, but runs on no other processor and in no other release.
"""

from __future__ import annotations

import ctypes
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.model_folder import Layout, ModelFolder, dense_folder, write_layout
from siamese_text.encoder.onnx.graphs import Graph, model_files
from siamese_text.encoder.tokens import PaddedTexts, StoredTokenizer
from siamese_text.errors import BadModel
from siamese_text.process import openmp_threads, skip_destructors, tell_after_fork
from siamese_text.records import ComputeDtype, FloatArray

INPUTS = ("input_ids", "attention_mask", "pooling_mask")
EMBEDDING, TOKENS, WORDS = "sentence_embedding", "token_embeddings", "word_states"
BATCH_TOKENS: Mapping[ComputeDtype, int] = {
    "fp32": 768,  # 5 to 8 % quicker than 2,048: ONNX Runtime passes over a batch once for each sum, best in the cache
    "int8": 512,  # that share the scale of their states: with more texts in a batch each is rounded more
}
SLOW_FUSIONS = ["SkipLayerNormFusion"]  # one loop for a sum and its normalisation: int8 is 10 % quicker with two
ERRORS_ONLY = 3  # of ONNX Runtime's levels of logging


class OnnxEncoder(TextEncoder):
    """Texts to embeddings with ONNX Runtime on the CPU.

    Args:
        graph: The exported graph.
        layout: How the model is built that it was exported from.
        resolved: The folder of that model; None for one that lies in no folder.

    Raises:
        BadModel: The graph or its tokenizer cannot be read.
    """

    def __init__(self, graph: Graph, layout: Layout, resolved: ModelFolder | None = None) -> None:
        self.graph = graph
        self.compute_dtype = graph.compute_dtype
        self.layout = replace(layout, hidden_size=graph.hidden_size, max_seq_length=graph.max_seq_length)
        self.resolved = resolved
        self.tokenizer = StoredTokenizer(
            graph.tokenizer_file,
            max_length=graph.max_seq_length,
            lower_case=layout.lower_case,
            padding_id=graph.padding_id,
            closing_ids=graph.closing_ids,
            unknown_id=graph.unknown_id,
            prompt=layout.prompt(None),
            pools_prompt=layout.include_prompt,
        )
        self._opened: Any = _open(graph)
        tell_after_fork(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle where the graph lies, not what it holds: it is opened anew, also for a copy."""
        return type(self), (self.graph, self.layout, self.resolved)

    def after_fork(self) -> None:
        """Keep from a forked process the session of its parent, whose threads it does not have."""
        # To run it would do without them, but to free it would wait for them for ever: so it is never freed.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._opened))
        self._opened = None
        skip_destructors()

    @property
    def session(self) -> Any:
        """ONNX Runtime's session, which any number of threads may use at once."""
        session = self._opened
        if session is None:
            session = self._opened = _open(self.graph)
        return session

    @property
    def batch_tokens(self) -> int:
        """The largest number of tokens in a batch, unless another is asked for."""
        return BATCH_TOKENS[self.compute_dtype]

    @property
    def pads(self) -> bool:
        """Whether texts of several lengths share a batch: in int8, padding would widen the scale of all states."""
        return self.compute_dtype != "int8"

    def embed(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, D) float32 embeddings of a batch."""
        return self._run(texts, EMBEDDING)[0]

    def embed_with_tokens(self, texts: PaddedTexts) -> tuple[FloatArray, FloatArray]:
        """Return the (B, D) embeddings of a batch and the (B, T, D) ones of its tokens."""
        vectors, tokens = self._run(texts, EMBEDDING, TOKENS)
        return vectors, tokens

    def word_states(self, texts: PaddedTexts) -> FloatArray:
        """Return the (B, T, D) float32 hidden states of the middle layer."""
        return self._run(texts, WORDS)[0]

    def _run(self, texts: PaddedTexts, *outputs: str) -> Sequence[FloatArray]:
        session = self.session
        names = [each.name for each in session.get_inputs()]
        arrays: Sequence[FloatArray] = session.run(outputs, {name: getattr(texts, name) for name in names})
        return arrays

    def write(self, folder: Path) -> None:
        """Copy the files of the model that the graph was exported from into an existing folder."""
        files = model_files(self.layout)
        dense = files[len(files) - len(self.layout.projections) :]
        for file in files[: len(files) - len(dense)]:
            shutil.copyfile(file, folder / file.name)
        self._write_padding_token(folder / "tokenizer_config.json")
        write_layout(folder, self.layout)
        for index, file in enumerate(dense):
            shutil.copyfile(file, folder / dense_folder(index) / file.name)

    def _write_padding_token(self, file: Path) -> None:
        """Name the padding token in the tokenizer's settings, without which sentence-transformers reads no batch."""
        settings = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        named = file.with_name("special_tokens_map.json")
        tokens = json.loads(named.read_text(encoding="utf-8")) if named.is_file() else {}
        if settings.get("pad_token") is None and tokens.get("pad_token") is None:
            settings["pad_token"] = self.tokenizer.tokenizer.id_to_token(self.graph.padding_id)
            file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _open(graph: Graph) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = openmp_threads()  # 0 is one a physical core
    options.log_severity_level = ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(
            graph.file, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_FUSIONS
        )
    except Exception as error:  # each of ONNX Runtime's codes has a class of its own, under Exception alone
        reason = str(error).strip().partition("\n")[0]
        raise BadModel(f"{graph.file} cannot be loaded ({reason}); delete its folder, and it is made anew") from error
