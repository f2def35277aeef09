"""sentence-transformers in int8 by ONNX Runtime, as its documentation shows, for ``encode.py``, in another environment.

    PYTHON -m pip install "sentence-transformers[onnx]"

Its ONNX backend needs an older transformers than ours, so ``encode.py --onnx-peer PYTHON`` runs this file by that
interpreter. It reads pickled lists of texts from standard input and answers each with a pickled (N, D) array.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

QUANTISED = {"avx512_vnni": "avx512_vnni", "avx512f": "avx512", "avx2": "avx2"}  # what a processor has, best first


def main(folder: str, work: str, batch: int) -> None:
    """Export, quantise, and answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the libraries print is not an answer
    from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model

    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    kind = next(kind for flag, kind in QUANTISED.items() if flag in flags)
    exact = SentenceTransformer(folder, backend="onnx", device="cpu")
    exact.save_pretrained(work)
    export_dynamic_quantized_onnx_model(exact, kind, work)
    quantised = {"file_name": f"onnx/model_qint8_{kind}.onnx"}
    model = SentenceTransformer(work, backend="onnx", device="cpu", model_kwargs=quantised)
    while True:
        try:
            texts = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(model.encode(texts, batch_size=batch, show_progress_bar=False), answers)
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
