"""The folder of a saved index, and how its files are read.

index.json       what the index is: format version, encoder, options, counts, documents left out
vectors.npy      (N, D) float32, as the encoder gave them; memory-mapped when the index is opened
passages.jsonl   N lines, one passage each, in the order of the vectors
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from siamese_text.atomic import atomic_folder, check_output
from siamese_text.errors import BadData, BadOutput, MissingInput
from siamese_text.records import ComputeDtype, Document, Passage
from siamese_text.search.stores.base import Similarity, VectorStore, check_similarity
from siamese_text.search.stores.exact import ExactStore

HEADER = "index.json"
PASSAGES = "passages.jsonl"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """How an index was made: what has to be known before the encoder for its queries can be loaded.

    Attributes:
        encoder_name: The model that encoded the passages, as it was named then.
        similarity: What ``Hit.similarity`` is: ``cosine`` or ``dot``.
        words: The length asked of a passage, in words.
        skipped: The documents that are not in the index, each with its problem.
        compute_dtype: The number format in which the encoder multiplied; queries are encoded in the same.
    """

    encoder_name: str
    similarity: Similarity
    words: int
    skipped: tuple[Document, ...]
    compute_dtype: ComputeDtype = "fp32"

    def __post_init__(self) -> None:
        check_similarity(self.similarity)


def write_index(
    folder: Path, info: IndexInfo, passages: Sequence[Passage], store: VectorStore, *, overwrite: bool
) -> None:
    """Write an index to a folder; a crash leaves the old index or the new one.

    Raises:
        BadOutput: The folder exists and ``overwrite`` is False, it is not an index, or it cannot be written.
    """
    check_output(folder, overwrite=overwrite)
    if folder.exists() and not (folder / HEADER).is_file():
        raise BadOutput(f"{folder} is not an index and will not be replaced; choose another output")
    header = {"format": FORMAT, "shape": (len(store), store.width), "info": asdict(info)}
    with atomic_folder(folder) as draft:
        store.write(draft)
        with (draft / PASSAGES).open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(passage)) + "\n" for passage in passages)
        (draft / HEADER).write_text(json.dumps(header, indent=2) + "\n", encoding="utf-8")


def open_index(folder: Path) -> tuple[IndexInfo, list[Passage], ExactStore]:
    """Open a saved index without reading its vectors into memory.

    Raises:
        MissingInput: The folder or one of its files is missing.
        BadData: A file is damaged, of a newer format or does not fit the others.
    """
    info, shape = _read_header(folder)
    with _reading(folder, ExactStore.FILE) as path:
        store = ExactStore.open(path, info.similarity)
    with _reading(folder, PASSAGES) as path, path.open(encoding="utf-8") as lines:
        passages = [Passage(**json.loads(line)) for line in lines]
    vectors = store.vectors
    whole = vectors.ndim == 2 and vectors.shape == shape and len(vectors) == len(passages)
    if not whole or vectors.dtype != "float32":
        raise BadData(
            f"{folder} is damaged: {HEADER} says float32 vectors of shape {shape}, the files hold "
            f"{vectors.dtype} {vectors.shape} and {len(passages)} passages; build the index again"
        )
    return info, passages, store


def read_info(folder: Path) -> IndexInfo:
    """Read how a saved index was made, without its passages and vectors.

    Args:
        folder: What ``PassageIndex.save`` wrote.

    Returns:
        The description; its ``encoder_name`` says which encoder queries are encoded with.

    Raises:
        MissingInput: The folder is not an index.
        BadData: ``index.json`` is damaged or of a newer format.
    """
    return _read_header(folder)[0]


def _read_header(folder: Path) -> tuple[IndexInfo, tuple[int, ...]]:
    """Return what an index is, and the shape of its vectors."""
    with _reading(folder, HEADER) as path:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["format"] > FORMAT:
            raise BadData(
                f"{folder} has index format {header['format']}, this version reads up to {FORMAT}; "
                "update siamese-text or build the index again"
            )
        info = header["info"]
        skipped = tuple(Document(**document) for document in info.pop("skipped"))
        if "precision" in info:  # as release 0.1 called it
            info["compute_dtype"] = info.pop("precision")
        return IndexInfo(**info, skipped=skipped), tuple(header["shape"])


@contextmanager
def _reading(folder: Path, name: str) -> Iterator[Path]:
    """Yield the path of a file of an index; whatever cannot be read there is an error that names it."""
    path = folder / name
    try:
        yield path
    except FileNotFoundError as error:
        raise MissingInput(f"{path} is missing, so {folder} is not an index; build the index first") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadData(f"{path} is not a file of an index or is damaged ({error}); build the index again") from error
