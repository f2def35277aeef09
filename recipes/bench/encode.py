"""Encoding speed beside sentence-transformers and a plain onnxruntime script, in one process, taking turns.

    python recipes/bench/encode.py --data-dir DIR [--rounds 5] [--texts 1000] [--student FOLDER] [--static FOLDER]
        [--onnx-peer PYTHON]
    python recipes/bench/encode.py --data-dir DIR --frontier

All read the same distinct texts with all-MiniLM-L6-v2: short (STS-B), medium (PAWS) and long (SciFact abstracts, a
quarter of which is timed). sentence-transformers and the plain script keep to their documented ways: batches of 32
texts; the first sorts them by length, the second takes them as they come, with the graph that it is given and with the
plain 8-bit recipe (`quantize_dynamic`, per channel). FastEmbed takes part where it is installed, in its batches of 256
and with our graph; sentence-transformers' own int8 by another interpreter (see ``encode_peer.py``). Tokenising is
counted; no vector comes from a cache. Vectors are compared with sentence-transformers': the largest difference, the
mean cosine, and how many of the texts keep their nearest neighbour among the others. ``--frontier`` compares our int8
with more and fewer of the products that make their input narrower left in fp32: speed against agreement.

Peak is a product of two 1024 x 1024 float32 matrices by PyTorch; a real token of all-MiniLM-L6-v2 costs 21.3 MFLOP,
padding not counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import pickle
import shutil
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from _common import BATCH, MODEL, THREADS, matrix_peak, options_of, peer_model

from siamese_text.encoder.loading import load_encoder
from siamese_text.encoder.onnx.int8 import compare, quantise, sensitive
from siamese_text.encoder.onnx.onnx_encoder import TOKENS, OnnxEncoder
from siamese_text.encoder.resolve import resolve
from siamese_text.records import FloatArray

MFLOP_A_TOKEN = 21.3
PEER = "sentence-transformers"
SHARES = (0, 1 / 3, 1 / 2, 1)  # of the products that make their input narrower

Encode = Callable[[Sequence[str]], FloatArray]


def main() -> None:
    """Print a table for each length of text."""
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--student", type=Path, help="a model folder made by distill --layers")
    parser.add_argument("--static", type=Path, help="a model folder made by distill --static")
    parser.add_argument("--onnx-peer", help="a Python that has sentence-transformers[onnx]")
    parser.add_argument("--frontier", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the texts that are cut, which both sides cut alike
    torch.set_num_threads(THREADS)
    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    with tempfile.TemporaryDirectory() as folder:
        sides = (frontier if options.frontier else all_sides)(options, Path(folder))
        peak = max(matrix_peak() for _ in range(5))
        print(f"peak {peak:.0f} GFLOP/s on {THREADS} threads; {options.rounds} rounds, medians")
        for name, (texts, timed) in texts_by_length(options.data_dir, options.texts).items():
            vectors = {side: encode(texts) for side, encode in sides.items()}  # which also warms all of them up
            take_turns(name, texts[:timed], sides, vectors, options.rounds, peak)


def all_sides(options: argparse.Namespace, folder: Path) -> dict[str, Encode]:
    """Return the ways to encode, each with its model loaded."""
    exact, quick = (load_encoder(MODEL, backend=name) for name in ("onnx", "int8"))
    assert isinstance(exact, OnnxEncoder)
    plain = folder / "plain-int8.onnx"
    quantise_plainly(exact, plain)
    sides = {
        PEER: peer(),
        "onnxruntime, plain": plain_script(exact, exact.graph.file),
        "onnxruntime, plain int8": plain_script(exact, plain),
    }
    if options.onnx_peer:
        sides[f"{PEER}, int8"] = onnx_peer(options.onnx_peer, folder)
    if find_spec("fastembed"):
        sides["FastEmbed"] = fastembed(exact, folder)
    sides |= {
        "ours, torch": load_encoder(MODEL, backend="torch", device="cpu").encode,
        "ours, onnx": exact.encode,
        "ours, int8": quick.encode,
    }
    if options.student:
        sides["ours, student"] = load_encoder(options.student, backend="torch", device="cpu").encode
        sides["ours, student int8"] = load_encoder(options.student, backend="int8").encode
    if options.static:
        sides["ours, static"] = load_encoder(options.static).encode
    return sides


def frontier(_: argparse.Namespace, folder: Path) -> dict[str, Encode]:
    """Return exact encoders and int8 ones that leave different shares of the narrowing products in fp32."""
    exact = load_encoder(MODEL, backend="onnx")
    assert isinstance(exact, OnnxEncoder)
    sides = {PEER: peer(), "fp32": exact.encode}
    for share in SHARES:
        place = folder / f"{share:.2f}"
        place.mkdir()
        kept = sensitive(onnx.load(exact.graph.file), share)
        sides[f"int8, {share:.0%} in fp32"] = OnnxEncoder(
            quantise(exact.graph, exact.layout, place, kept=kept), exact.layout
        ).encode
    return sides


def peer() -> Encode:
    """Return sentence-transformers' own way, by PyTorch."""
    model = peer_model()
    return lambda texts: np.asarray(model.encode(list(texts), batch_size=BATCH, show_progress_bar=False))


def quantise_plainly(exact: OnnxEncoder, path: Path) -> None:
    """Make the 8-bit graph that onnxruntime's documentation shows, from ours."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(exact.graph.file, path, weight_type=QuantType.QInt8, per_channel=True)


def plain_script(exact: OnnxEncoder, file: Path) -> Encode:
    """Return what a script does that is given a graph and a tokenizer: batches of texts as they come, padded."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = {each.name for each in session.get_inputs()}
    tokenizer = Tokenizer.from_file(str(exact.graph.tokenizer_file))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(exact.graph.max_seq_length)

    def encode(texts: Sequence[str]) -> FloatArray:
        vectors = []
        for start in range(0, len(texts), BATCH):
            encoded = tokenizer.encode_batch(list(texts[start : start + BATCH]))
            mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
            arrays = {
                "input_ids": np.array([each.ids for each in encoded]),
                "attention_mask": mask,
                "pooling_mask": mask,
            }
            inputs = {name: value for name, value in arrays.items() if name in names}
            vectors.append(session.run(["sentence_embedding"], inputs)[0])
        return np.concatenate(vectors)

    return encode


def fastembed(exact: OnnxEncoder, folder: Path) -> Encode:
    """Return FastEmbed's way, with the token embeddings of our graph, which it pools."""
    from fastembed import TextEmbedding

    model = onnx.load(exact.graph.file)
    tokens = next(each for each in model.graph.output if each.name == TOKENS)
    del model.graph.output[:]
    model.graph.output.append(tokens)
    onnx.save(model, folder / "model.onnx")
    shutil.copyfile(exact.graph.tokenizer_file, folder / "tokenizer.json")
    settings = {"model_max_length": exact.graph.max_seq_length, "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    embedding = TextEmbedding(
        f"sentence-transformers/{MODEL}", specific_model_path=str(folder), threads=THREADS, local_files_only=True
    )
    return lambda texts: np.stack(list(embedding.embed(list(texts))))


def onnx_peer(python: str, folder: Path) -> Encode:
    """Return sentence-transformers' int8 by ONNX Runtime, in a process of that interpreter."""
    command = [python, str(Path(__file__).with_name("encode_peer.py"))]
    command += [str(resolve(MODEL).folder), str(folder / "peer"), str(BATCH)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert worker.stdin is not None and worker.stdout is not None
    to, answers = worker.stdin, worker.stdout

    def encode(texts: Sequence[str]) -> FloatArray:
        pickle.dump(list(texts), to)
        to.flush()
        vectors: FloatArray = pickle.load(answers)
        return vectors

    return encode


def texts_by_length(data_dir: Path, count: int) -> dict[str, tuple[list[str], int]]:
    """Return distinct texts of three lengths, and how many of them are timed."""
    from siamese_text.data.loading import load_pairs

    def sentences(name: str, split: str) -> list[str]:
        pairs = load_pairs(name, split, data_dir=data_dir).pairs
        return list(dict.fromkeys(text for pair in pairs for text in pair.sides))[:count]

    with gzip.open(data_dir / "retrieval" / "scifact" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        abstracts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))[:count]
    return {
        "short (STS-B)": (sentences("stsb", "validation"), count),
        "medium (PAWS)": (sentences("paws", "validation"), count),
        "long (SciFact abstracts)": (abstracts, count // 4),
    }


def take_turns(
    name: str, texts: list[str], sides: dict[str, Encode], vectors: dict[str, FloatArray], rounds: int, peak: float
) -> None:
    """Let all sides encode the texts in turn, and print speeds, ratios and how far their vectors agree."""
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, encode in sides.items():
            began = time.perf_counter()
            encode(texts)
            seconds[side].append(time.perf_counter() - began)
    tokens = count_tokens(texts)
    compared = len(vectors[PEER])
    print(f"{name}: {len(texts):,} texts of {tokens / len(texts):.0f} tokens; vectors of {compared:,} compared")
    for side, times in seconds.items():
        ratios = [theirs / ours for theirs, ours in zip(seconds[PEER], times, strict=True)]
        middle = statistics.median(times)
        share = tokens * MFLOP_A_TOKEN / 1e3 / middle / peak
        speed = f"{len(texts) / middle:8,.0f} texts/s  x{statistics.median(ratios):6.2f}"
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        same = agreement(vectors[side], vectors[PEER])
        print(f"  {side:24} {speed} {spread}  {share:5.0%} of the peak  {same}", flush=True)


def count_tokens(texts: list[str]) -> int:
    """Count the real tokens of texts, as the model reads them."""
    encoder: Any = load_encoder(MODEL, backend="onnx")
    return sum(len(ids) for ids in encoder.tokenizer(texts).ids)


def agreement(vectors: FloatArray, reference: FloatArray) -> str:
    """Say how far unit vectors agree with the reference."""
    if vectors.shape != reference.shape:
        return "other dimensions"
    same = compare(reference, vectors)
    cosines, neighbours = same["cosine_mean"], same["neighbours"]
    return f"max |Δ| {np.abs(vectors - reference).max():.0e}, mean cosine {cosines:.4f}, neighbour {neighbours:.1%}"


if __name__ == "__main__":
    main()
