"""An encoder by name, on the backend that suits: PyTorch, or ONNX Runtime in fp32 or int8, exported on first use."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from siamese_text.atomic import atomic_folder
from siamese_text.encoder.base import TextEncoder
from siamese_text.encoder.model_folder import ModelFolder, open_model
from siamese_text.encoder.onnx.graphs import Graph, find_graph, graph_key, place_for_graph, remove_unused
from siamese_text.encoder.onnx.onnx_encoder import OnnxEncoder
from siamese_text.encoder.resolve import DEFAULT_MODEL
from siamese_text.encoder.static import StaticEncoder
from siamese_text.errors import BadModel, BadOutput, UsageError
from siamese_text.records import ComputeDtype
from siamese_text.warn import warn_user

BACKENDS = ("auto", "torch", "onnx", "int8")
GPU_DRIVERS = ("libcuda.so.1", "nvcuda.dll")  # on Linux, on Windows


def load_encoder(
    model: str | Path | ModelFolder = DEFAULT_MODEL,
    *,
    backend: str = "auto",
    device: str | None = None,
) -> TextEncoder:
    """Load an encoder by name or from a folder, on one of the backends.

    Args:
        model: A folder, a name that is looked up locally first (see ``resolve``), or what ``open_model`` gave.
        backend: ``torch``; ``onnx``, which gives the same vectors; ``int8``, which is quicker and gives slightly other
            vectors; or ``auto``, the quickest exact one: ``onnx`` on a CPU, else ``torch``. Where the graph is missing
            and PyTorch, which takes seconds to import, is loaded already, ``auto`` takes that, without a wait.
        device: A torch device; by default CUDA where there is one, else the CPU. Whoever reads only a few texts gives
            ``cpu``: to start CUDA takes seconds, which so few never win back.

    Returns:
        The encoder; of a folder with a table of token vectors, that table, whatever the backend. A graph that is
        missing, or belongs to other weights, is exported, which a warning says.

    Raises:
        MissingInput: No place has the model.
        BadModel: The folder is incomplete or unsafe, or the model cannot be exported.
        BadOutput: There is no place for the exported graph.
        UsageError: There is no such backend, or it does not run on the device.

    Example:
        >>> load_encoder("all-MiniLM-L6-v2", device="cpu").encode(["A dog barks."]).shape  # doctest: +SKIP
        (1, 384)
    """
    if backend not in BACKENDS:
        raise UsageError(f"backend is '{backend}'; choose from {', '.join(BACKENDS)}")
    found = open_model(model)
    if found.layout.static:
        if backend == "int8":
            raise UsageError(f"{found.folder} is static: a table has no int8 backend; leave --backend out")
        return StaticEncoder.load(found)
    if backend in ("onnx", "int8"):
        if device not in (None, "cpu"):
            raise UsageError(f"backend {backend} runs on the CPU, not on {device}; use backend torch there")
        return _load_onnx(found, "int8" if backend == "int8" else "fp32")
    # Of auto: the graph where there is one, a new one where PyTorch would take as long to import, PyTorch otherwise.
    if backend == "auto" and (device == "cpu" or (device is None and not has_gpu())):
        graph = find_graph(found.folder, graph_key(found.layout), "fp32")
        if graph:
            return OnnxEncoder(graph, found.layout, found)
        if "torch" not in sys.modules:
            try:
                return _load_onnx(found, "fp32")
            except (BadModel, BadOutput) as error:  # of a folder that is broken, PyTorch says so too
                warn_user(f"{error}; PyTorch is used instead")
    from siamese_text.encoder.torch_encoder import TorchEncoder

    return TorchEncoder.load(found, device=device)


def has_gpu() -> bool:
    """Say whether NVIDIA's driver is installed, without waiting for PyTorch to load."""
    for driver in GPU_DRIVERS:
        with suppress(OSError):
            ctypes.CDLL(driver)
            return True
    return False


def _load_onnx(found: ModelFolder, compute_dtype: ComputeDtype) -> OnnxEncoder:
    key = graph_key(found.layout)
    graph = find_graph(found.folder, key, compute_dtype) or _make_graph(found, key, compute_dtype)
    return OnnxEncoder(graph, found.layout, found)


def _make_graph(found: ModelFolder, key: str, compute_dtype: ComputeDtype) -> Graph:
    """Export a graph to where the next start will find it."""
    place = place_for_graph(found.folder, key, compute_dtype)
    warn_user(f"the model is exported to ONNX ({compute_dtype}) once, into {place}")
    try:
        with atomic_folder(place) as draft:
            if compute_dtype == "int8":
                from siamese_text.encoder.onnx.int8 import quantise

                exact = find_graph(found.folder, key, "fp32") or _make_graph(found, key, "fp32")
                graph = quantise(exact, found.layout, draft)
            else:
                from siamese_text.encoder.onnx.export import export_graph
                from siamese_text.encoder.torch_encoder import TorchEncoder

                graph = export_graph(TorchEncoder.load(found, device="cpu"), draft, key)
    except BadOutput:
        winner = find_graph(found.folder, key, compute_dtype)  # of another process, that ended first and is in the way
        if winner is None:
            raise
        return winner
    remove_unused()
    return replace(graph, folder=place)
