"""The data sets known by name, and where the rows of a data set lie: here, in the hub's cache, or on the hub.

The near place wins: a path, then ``DIR/<name>/<split>`` under ``--data-dir`` or ``SIAMESE_TEXT_DATA``, then the
files bundled with the package, then the hub's cache, then the hub. A place is taken as a whole: where it has
training rows but no validation split, validation is a tenth of those rows and not the split of a farther place,
which may hold the very same rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from siamese_text.bundled import bundled
from siamese_text.data.given import GivenData
from siamese_text.data.hub import HubCopy, cached
from siamese_text.data.labels import BINARY, INFERENCE, LabelScale
from siamese_text.data.tables import SUFFIXES
from siamese_text.errors import MissingInput, UsageError
from siamese_text.records import DataKind

DATA_VARIABLE = "SIAMESE_TEXT_DATA"


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """A data set known by name: what it is, whose terms hold, and how it is obtained.

    Attributes:
        name: What ``--dataset`` takes.
        description: One sentence.
        licence: The terms, as its makers state them.
        homepage: Where it comes from.
        labels: The scale its labels are on, before they are turned into [0, 1]; None where its rows are no
            labelled pairs.
        splits: The labelled splits as published, with their approximate number of rows.
        hub: The copy on the hub, or None where there is none.
        files: The bundled folder that holds its splits, as arguments of ``bundled``.
        kind: What its rows are, as training sees them.
    """

    name: str
    description: str
    licence: str
    homepage: str
    labels: LabelScale | None
    splits: Mapping[str, int]
    hub: HubCopy | None = None
    files: tuple[str, ...] = ()
    kind: DataKind = "pairs"


CATALOGUE: Mapping[str, DatasetSpec] = {
    spec.name: spec
    for spec in (
        DatasetSpec(
            name="sample",
            description="Sentences written for this project: rewordings, and look-alikes that say something else",
            licence="CC0 1.0",
            homepage="data/README.md of siamese-text",
            labels=BINARY,
            splits={"train": 1_194, "validation": 258, "test": 258},
            files=("data", "pairs"),
        ),
        DatasetSpec(
            name="paws",
            description="PAWS-Wiki: Wikipedia sentences with nearly the same words, 44 % of them paraphrases",
            licence="free for any purpose, acknowledgement of Google LLC appreciated",
            homepage="https://github.com/google-research-datasets/paws",
            labels=BINARY,
            splits={"train": 49_401, "validation": 8_000, "test": 8_000},
            hub=HubCopy("google-research-datasets/paws", "labeled_final"),
        ),
        DatasetSpec(
            name="paws_qqp",
            description="PAWS-QQP: Quora questions with nearly the same words; built with the authors' script",
            licence="Quora's terms, not to be redistributed",
            homepage="https://github.com/google-research-datasets/paws",
            labels=BINARY,
            splits={"train": 11_988},
        ),
        DatasetSpec(
            name="qqp",
            description="Quora question pairs, duplicate or not, with the splits of GLUE; its test has no labels",
            licence="Quora's terms, non-commercial",
            homepage="https://huggingface.co/datasets/nyu-mll/glue",
            labels=BINARY,
            splits={"train": 363_846, "validation": 40_430},
            hub=HubCopy("nyu-mll/glue", "qqp", {"question1": "sentence1", "question2": "sentence2"}),
        ),
        DatasetSpec(
            name="mrpc",
            description="Microsoft Research Paraphrase Corpus: sentences of news stories, 67 % of them paraphrases",
            licence="Microsoft Research Shared Source License",
            homepage="https://huggingface.co/datasets/nyu-mll/glue",
            labels=BINARY,
            splits={"train": 3_668, "validation": 408, "test": 1_725},
            hub=HubCopy("nyu-mll/glue", "mrpc"),
        ),
        DatasetSpec(
            name="stsb",
            description="STS benchmark: news, captions and forums, with the splits of GLUE; its test has no labels",
            licence="differs by source, see the homepage",
            homepage="http://ixa2.si.ehu.eus/stswiki",
            labels=LabelScale("graded", 0, 5),
            splits={"train": 5_749, "validation": 1_500},
            hub=HubCopy("nyu-mll/glue", "stsb"),
            kind="graded",
        ),
        DatasetSpec(
            name="sick",
            description="SICK: image and video captions with a grade of relatedness, not of sameness",
            licence="CC BY-NC-SA 3.0",
            homepage="https://zenodo.org/record/2787612",
            labels=LabelScale("graded", 1, 5),
            splits={"train": 4_439, "validation": 495, "test": 4_906},
            hub=HubCopy(
                "RobZamp/sick",
                "default",
                {"sentence_A": "sentence1", "sentence_B": "sentence2", "relatedness_score": "label"},
                revision="refs/convert/parquet",  # its main branch is a loading script, which nothing runs any more
            ),
            kind="graded",
        ),
        DatasetSpec(
            name="snli",
            description="Stanford NLI: captions that follow from, contradict or leave open one another",
            licence="CC BY-SA 4.0",
            homepage="https://huggingface.co/datasets/stanfordnlp/snli",
            labels=INFERENCE,
            splits={"train": 550_152, "validation": 10_000, "test": 10_000},
            hub=HubCopy("stanfordnlp/snli", "plain_text", {"premise": "sentence1", "hypothesis": "sentence2"}),
        ),
        DatasetSpec(
            name="twitter_url",
            description="Twitter URL corpus: tweets that share a link, paraphrase or not; the labels are noisy",
            licence="on request from its authors",
            homepage="https://aclanthology.org/D17-1126",
            labels=BINARY,
            splits={"train": 42_200, "test": 9_324},
        ),
        DatasetSpec(
            name="parade",
            description="PARADE: definitions of terms of computer science; sameness asks for knowledge, not for words",
            licence="none stated",
            homepage="https://github.com/heyunh2015/PARADE_dataset",
            labels=BINARY,
            splits={"train": 7_550, "validation": 1_275, "test": 1_357},
        ),
        DatasetSpec(
            name="mt_metrics_pan",
            description="Sentence pairs aligned in the PAN corpus of plagiarised passages, half of them paraphrases",
            licence="none stated",
            homepage="https://aclanthology.org/N12-1019",
            labels=BINARY,
            splits={"train": 10_000, "test": 3_000},
        ),
        DatasetSpec(
            name="parasci",
            description="ParaSCI-ACL: sentences of papers that say nearly the same; positives only, and loose ones",
            licence="none stated",
            homepage="https://github.com/dqxiu/ParaSCI",
            labels=BINARY,
            splits={"train": 28_883, "validation": 2_753, "test": 2_345},
            kind="positives",
        ),
        DatasetSpec(
            name="snli_triplets",
            description="Captions of SNLI's validation split, each with one that follows and one that contradicts it",
            licence="CC BY-SA 4.0",
            homepage="https://huggingface.co/datasets/stanfordnlp/snli",
            labels=None,
            splits={"train": 2_954},
            kind="triplets",
        ),
        DatasetSpec(
            name="banking77",
            description="BANKING77: questions of a bank's customers, by 77 intents",
            licence="CC BY 4.0",
            homepage="https://github.com/PolyAI-LDN/task-specific-datasets",
            labels=None,
            splits={"train": 10_003, "test": 3_080},
            kind="classes",
        ),
        DatasetSpec(
            name="clinc150",
            description="CLINC150: requests to an assistant, by 150 intents; those out of scope are left out",
            licence="CC BY 3.0",
            homepage="https://github.com/clinc/oos-eval",
            labels=None,
            splits={"train": 15_000, "validation": 3_000, "test": 4_500},
            kind="classes",
        ),
        DatasetSpec(
            name="trec",
            description="TREC questions, by the 50 kinds of answer that they ask for",
            licence="none stated",
            homepage="https://cogcomp.seas.upenn.edu/Data/QA/QC",
            labels=None,
            splits={"train": 5_452, "test": 500},
            kind="classes",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Location:
    """Where the rows of a split are to be read.

    Attributes:
        place: The file, the copy on the hub, which the hub's cache may hold, or data in memory.
        stored: The split that holds the rows; ``train`` also where validation is to be cut off it.
        derived: Whether the place has no validation split, so that training and validation share ``stored``.
    """

    place: Path | HubCopy | GivenData
    stored: str
    derived: bool = False


def locate(source: str | Path, split: str | None = None, data_dir: str | Path | None = None) -> Location:
    """Find the nearest place that holds a split of a data set, without a network.

    Args:
        source: A file, a folder with one file a split, or a name.
        split: The split. A single file counts as a ``train`` split without a ``validation`` split; ``None`` or
            ``"all"`` takes every row of it.
        data_dir: The folder of ``--data-dir``; without it, that of the environment variable SIAMESE_TEXT_DATA.

    Returns:
        The place. One on the hub is known from the catalogue and may still be out of reach.

    Raises:
        MissingInput: No place has it; the message names each one that was tried.
        UsageError: Every row of what is not a single file was asked for, or ``data_dir`` is no folder.
    """
    seen: list[str] = []
    whole = split is None or split == "all"
    if whole and isinstance(source, GivenData) and len(source.tables) == 1:
        return Location(source, next(iter(source.tables)))
    if whole and Path(source).is_file():
        return Location(Path(source), "all")
    for files in _places(source, data_dir):
        derived = split in ("train", "validation") and "train" in files and "validation" not in files
        stored = "train" if derived else str(split)
        if stored in files:
            return Location(files[stored], stored, derived)
        seen.extend(files)
    source = source if isinstance(source, GivenData) else str(source)
    if whole and seen:
        raise UsageError(f"{source} is not a single file; name one of its splits: {', '.join(dict.fromkeys(seen))}")
    raise _missing(source, split or "all", data_dir, seen)


def where(spec: DatasetSpec, split: str, data_dir: str | Path | None = None) -> str:
    """Say where a split of a known data set would be read from on this machine, without a network.

    Args:
        spec: The data set.
        split: The split.
        data_dir: The folder of ``--data-dir``.

    Returns:
        A path, ``hub cache``, ``hub (download)``, or ``not available: `` and what would help.
    """
    try:
        location = locate(spec.name, split, data_dir)
    except MissingInput:
        return f"not available: needs --data-dir DIR with DIR/{spec.name}/{split}.jsonl"
    if isinstance(location.place, Path):
        place = str(location.place)
    else:
        assert isinstance(location.place, HubCopy)  # the data set is known by name
        place = "hub cache" if cached(location.place, location.stored) else "hub (download)"
    return f"{place}, a tenth of it" if location.derived and split == "validation" else place


def tried(source: str, split: str, data_dir: str | Path | None = None) -> str:
    """List the local places that ``locate`` looks into.

    Args:
        source: What the user asked for.
        split: The split that was asked for.
        data_dir: The folder of ``--data-dir``.

    Returns:
        The places in their order, in words for the message of a miss.
    """
    folder = _data_folder(data_dir)
    places = [
        f"the path {source}",
        f"{folder / source / split}.*" if folder else f"--data-dir and {DATA_VARIABLE} (not given)",
    ]
    spec = CATALOGUE.get(source)
    if spec is not None and spec.files:
        places.append(f"{bundled(*spec.files, split)}.*")
    elif spec is not None and spec.hub is None:
        places.append("the hub (it has no copy)")
    return ", ".join(places)


def _missing(source: str, split: str, data_dir: str | Path | None, seen: list[str]) -> MissingInput:
    if isinstance(source, GivenData):
        return MissingInput(f"{source} has no split {split}; it has {', '.join(source.tables)}")
    places = tried(source, split, data_dir)
    if seen:
        found = ", ".join(dict.fromkeys(seen))
        return MissingInput(f"data set {source} has no split {split}, it has {found}; tried {places}")
    if source in CATALOGUE:
        return MissingInput(
            f"data set {source}, split {split} was not found: tried {places}; get it from "
            f"{CATALOGUE[source].homepage}, save it as DIR/{source}/{split}.jsonl and add --data-dir DIR"
        )
    near = get_close_matches(source, CATALOGUE, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known names: {', '.join(CATALOGUE)}"
    return MissingInput(f"{source!r} is no file, no folder of splits and no known data set: tried {places}; {hint}")


def _places(source: str | Path, data_dir: str | Path | None) -> Iterator[Mapping[str, Path | HubCopy | GivenData]]:
    """Yield what each place holds, split by split, the nearest place first."""
    if isinstance(source, GivenData):
        yield dict.fromkeys(source.tables, source)
        return
    path = Path(source)
    if path.is_file():
        yield {"train": path}
        return
    yield _split_files(path)
    folder = _data_folder(data_dir)
    if folder is not None:
        yield _split_files(folder / source)
    spec = CATALOGUE.get(str(source))
    if spec is not None and spec.files:
        yield _split_files(bundled(*spec.files))
    if spec is not None and spec.hub is not None:
        yield dict.fromkeys(spec.splits, spec.hub)


def _split_files(folder: Path) -> dict[str, Path]:
    """Map each split to its file; of one split in two formats the first of ``SUFFIXES`` counts."""
    files: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(folder.glob(f"*{suffix}")):
            files.setdefault(path.name.removesuffix(suffix), path)
    return files


def _data_folder(data_dir: str | Path | None) -> Path | None:
    given = data_dir or os.environ.get(DATA_VARIABLE)
    if not given:
        return None
    folder = Path(given)
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; --data-dir or {DATA_VARIABLE} takes one with a folder a data set")
    return folder
