"""The public functions and classes that need every part of the package: load, train, score, evaluate, check, search.

Parts that only one function needs are imported by it: who scores a pair does not wait for the training loop to load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from siamese_text import text
from siamese_text.atomic import atomic_folder
from siamese_text.encoder.encoder import Encoder
from siamese_text.encoder.resolve import DEFAULT_MODEL, weights_sha256
from siamese_text.errors import MissingInput, UsageError
from siamese_text.records import Document, FloatArray, Hit, Judgements, Pair, Progress
from siamese_text.scoring.calibration import check_prior
from siamese_text.scoring.decision import Decision, choose_decision, describe_pairs
from siamese_text.scoring.evaluation import Evaluation, evaluate_binary
from siamese_text.scoring.examination import Examination, examine_scores
from siamese_text.scoring.goals import Goal
from siamese_text.scoring.judge import PairJudge
from siamese_text.search.index import PassageIndex, read_info

if TYPE_CHECKING:
    from siamese_text.plagiarism.check import CheckOptions
    from siamese_text.plagiarism.findings import Findings
    from siamese_text.scoring.explain import Explanation
    from siamese_text.training.pairs import PairSet
    from siamese_text.training.run import RunObserver, TrainingReport
    from siamese_text.vectors.stream import Embedded, Status

UNTRAINED_DECISIONS = Path(__file__).parent / "scoring" / "untrained_decisions.json"


class Scorer:
    """A model that judges pairs: an encoder with its similarity, twin head and decision.

    Args:
        encoder: Turns texts into embeddings.
        judge: Turns pairs of embeddings into judgements.
        name: What the model was loaded as.
    """

    def __init__(self, encoder: Encoder, judge: PairJudge, name: str = "model") -> None:
        self.encoder = encoder
        self.pair_judge = judge
        self.name = name

    @classmethod
    def load(cls, name_or_path: str | Path = DEFAULT_MODEL, *, device: str | None = None) -> Self:
        """Load a model by name or from a folder.

        Args:
            name_or_path: A model folder, or a name that is looked up locally first.
            device: A torch device; by default CUDA where there is one, else the CPU.

        Returns:
            The scorer. A trained folder brings its own decision; the untrained all-MiniLM-L6-v2 gets the one that is
            shipped; any other untrained encoder has none and gives similarities only.

        Raises:
            MissingInput: No place has the model.
            BadModel: The folder is incomplete or unsafe.
        """
        encoder = Encoder.load(name_or_path, device=device)
        assert encoder.resolved is not None  # load always says where it found the folder
        folder = encoder.resolved.folder
        judge = PairJudge.read(folder, similarity=encoder.similarity)
        if judge.decision is None:
            judge = replace(judge, decision=_untrained_decision(folder))
        return cls(encoder, judge, str(name_or_path))

    @property
    def decision(self) -> Decision | None:
        """The fitted threshold and calibration, None where the model has none."""
        return self.pair_judge.decision

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the (N, D) float32 embeddings of N texts."""
        return self.encoder.encode(texts)

    def judge(self, left: FloatArray, right: FloatArray, sides: Sequence[tuple[str, str]]) -> Judgements:
        """Judge N pairs of texts whose embeddings are at hand, as two (N, D) float32 arrays.

        A decision that aligns tokens reads the texts again; any other one reads the embeddings alone.
        """
        return self.score(sides) if self.pair_judge.decides_by_tokens else self.pair_judge.judge(left, right)

    def score(self, pairs: Sequence[tuple[str, str] | Pair], *, progress: Progress | None = None) -> Judgements:
        """Judge pairs of texts.

        Args:
            pairs: N pairs, as tuples of two texts or as ``Pair`` records.
            progress: Called with the number of texts encoded and to encode.

        Returns:
            For each pair its similarity and, where the model has a decision, probability and yes or no.
        """
        sides = [pair.sides if isinstance(pair, Pair) else pair for pair in pairs]
        return self.pair_judge.decide(self.pair_judge.scores_of(sides, self.encoder, progress))

    def explain(self, pair: tuple[str, str] | Pair) -> Explanation:
        """Say which words of a pair of texts raise or lower its probability, and which words align.

        Args:
            pair: Two texts.

        Returns:
            The explanation: of the probability, or of the similarity where the model gives no probability. Words are
            aligned where the tokenizer knows the places of its tokens.
        """
        from siamese_text.encoder.words import word_vectors
        from siamese_text.scoring.explain import explain_pair

        sides = pair.sides if isinstance(pair, Pair) else pair
        vectors = partial(word_vectors, self.encoder) if self.encoder.tokenizer.tokenizer.is_fast else None
        return explain_pair(sides, self.score, word_vectors=vectors)


def train(
    dataset: str | None = None,
    output: str | Path = "model",
    *,
    recipe: str | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    device: str | None = None,
    observer: RunObserver | None = None,
    **settings: Any,
) -> TrainingReport:
    """Train an encoder on pairs, fit its decision on the validation pairs and save both.

    Args:
        dataset: A known name or a file of pairs; by default the recipe's, or the bundled sample.
        output: The model folder to make.
        recipe: A TOML file or the name of a bundled recipe.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.
        settings: Any attribute of ``TrainSettings``, such as ``loss="contrastive"`` or ``epochs=4``.

    Returns:
        The report, with the figures of the untrained and of the trained model.

    Raises:
        UsageError: A setting is unknown or has a value that does not exist.
        MissingInput: The data set, recipe or model was not found.
        BadData: The labels or columns do not fit the loss.
        BadOutput: The output exists or cannot be written.
    """
    from siamese_text.training.run import run_training
    from siamese_text.training.settings import TrainSettings, read_recipe

    chosen = read_recipe(recipe) if recipe else TrainSettings()
    given = {"dataset": dataset} if dataset else {}
    return run_training(
        chosen.changed(given | settings),
        output,
        data_dir=data_dir,
        overwrite=overwrite,
        device=device,
        observer=observer,
    )


def evaluate(
    model: str | Path | Scorer,
    dataset: str | PairSet,
    split: str | None = None,
    *,
    data_dir: str | Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate a model on labelled pairs.

    Args:
        model: A name, a folder, or a loaded scorer.
        dataset: A known name, a file of pairs, or what ``load_pairs`` gave.
        split: By default ``validation``, and the whole of a single file.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        For labels 0 and 1: ranking figures, and decisions at the saved threshold; if it was fitted on these very
        pairs, they are cross-fitted. For graded labels: correlations.

    Raises:
        MissingInput: The data set or the model was not found.
        BadData: The columns or labels are not those of pairs, or there is one class only.
    """
    return examine(model, dataset, split, data_dir=data_dir, progress=progress).evaluation


def examine(
    model: str | Path | Scorer,
    dataset: str | PairSet,
    split: str | None = None,
    *,
    data_dir: str | Path | None = None,
    progress: Progress | None = None,
) -> Examination:
    """Evaluate a model on labelled pairs and keep what it said of each: for slices, comparisons and a report.

    Args:
        model: As for ``evaluate``, like all other arguments.
        dataset: See there.
        split: See there.
        data_dir: See there.
        progress: See there.

    Returns:
        The figures that ``evaluate`` gives, with the pairs, their scores and the model's decisions.

    Raises:
        MissingInput: As ``evaluate`` does.
        BadData: As ``evaluate`` does.
    """
    dataset = _pairs(dataset, split, data_dir)
    if not dataset.graded:
        dataset.check_binary()
    scorer = model if isinstance(model, Scorer) else Scorer.load(model)
    scores = scorer.pair_judge.scores_of([pair.sides for pair in dataset.pairs], scorer.encoder, progress)
    return examine_scores(
        dataset.pairs,
        scores,
        scorer.decision,
        model=scorer.name,
        data=f"{dataset.name}/{dataset.split}",
        graded=dataset.graded,
    )


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A decision that was fitted and saved, and its figures on the pairs that it was fitted on, if there are any."""

    decision: Decision
    evaluation: Evaluation | None = None


def calibrate(
    model: str | Path | Scorer,
    output: str | Path,
    dataset: str | PairSet | None = None,
    split: str | None = None,
    *,
    decide_at: str = "accuracy",
    prior: float | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Calibrated:
    """Fit a decision for a model without training it, and save both.

    Args:
        model: A name, a folder, or a loaded scorer; its heads, if it has any, are kept.
        output: The model folder to make.
        dataset: A known name, a file of pairs, or what ``load_pairs`` gave; None for a threshold by hand that comes
            with no probability.
        split: By default ``validation``, and the whole of a single file.
        decide_at: The goal of the threshold: ``accuracy``, ``f1``, ``precision=P``, ``recall=R``, ``cost=FP:FN``, or
            ``threshold=X`` of the similarity.
        prior: The share of same pairs where the model will be used; None for that of the data set.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        progress: Called with the number of texts encoded and to encode.

    Returns:
        The decision with its cross-fitted figures.

    Raises:
        UsageError: A goal or prior cannot be used, or there is nothing to fit a decision on.
        MissingInput: The data set or the model was not found.
        BadData: The pairs are not labelled 0 and 1, or no threshold reaches the goal.
        BadOutput: The output exists or cannot be written.
    """
    from siamese_text.training.run import check_model_output

    goal = Goal.read(decide_at)
    check_prior(prior)
    check_model_output(Path(output), overwrite=overwrite)
    if dataset is None and (prior is not None or not goal.by_hand):
        raise UsageError(
            f"decide-at is '{goal}', prior {prior}, and there are no pairs; give a data set to fit them on"
        )
    pairs = None if dataset is None else _pairs(dataset, split, data_dir)
    if pairs is not None:
        pairs.check_binary()
    scorer = model if isinstance(model, Scorer) else Scorer.load(model)
    if goal.value is not None and goal.by_hand and scorer.encoder.similarity == "cosine" and abs(goal.value) > 1:
        raise UsageError(f"the threshold is {goal.value:g}; a cosine lies between -1 and 1")
    if pairs is None:
        assert goal.value is not None
        calibrated = Calibrated(Decision.by_hand(goal.value))
    else:
        labels, described = describe_pairs(f"{pairs.name}/{pairs.split}", pairs.pairs)
        scores = scorer.pair_judge.scores_of([pair.sides for pair in pairs.pairs], scorer.encoder, progress)
        decision = choose_decision(labels, scores, described, decide_at, prior=prior)
        evaluation = evaluate_binary(labels, scores, decision, model=scorer.name, data=described)
        calibrated = Calibrated(decision, evaluation)
    with atomic_folder(Path(output)) as folder:
        scorer.encoder.write(folder)
        replace(scorer.pair_judge, decision=calibrated.decision).write(folder)
    return calibrated


def check_folder(
    folder: str | Path,
    *,
    against: str | Path | None = None,
    model: str | Path | Scorer = DEFAULT_MODEL,
    options: CheckOptions | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Compare all documents of a folder with each other, or with those of another folder too.

    Args:
        folder: The documents to check.
        against: Documents that they may have been taken from; these are not compared among themselves.
        model: A name, a folder, or a loaded scorer; its decision confirms passages.
        options: Thresholds of the check.
        progress: Called with the number of sentences encoded and to encode.

    Returns:
        Documents and pairs, the gravest first, with their passages; and what could not be checked.

    Raises:
        MissingInput: A folder is missing.
        NothingToDo: There are fewer than two documents to compare.
    """
    from siamese_text.plagiarism.check import CheckOptions, check_documents

    scorer = model if isinstance(model, Scorer) else Scorer.load(model)
    findings = check_documents(
        text.read_folder(Path(folder)),
        scorer,
        judge=scorer,
        against=text.read_folder(Path(against)) if against else (),
        options=options or CheckOptions(),
        progress=progress,
    )
    return replace(findings, options={"model": scorer.name, **findings.options})


class Index:
    """A searchable collection of passages on disk, with the model that reads queries.

    Args:
        passages: The passages and their vectors.
        scorer: The model; its decision re-ranks.
    """

    def __init__(self, passages: PassageIndex, scorer: Scorer) -> None:
        self.passages = PassageIndex(passages.passages, passages.vectors, _Queries(scorer.encoder), passages.info)
        self.scorer = scorer

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path] | str | Path,
        *,
        model: str | Path | Scorer = DEFAULT_MODEL,
        words: int = 120,
        progress: Progress | None = None,
    ) -> Self:
        """Read documents, cut them into passages and encode those.

        Args:
            paths: Files and folders.
            model: A name, a folder, or a loaded scorer.
            words: The length of a passage in words.
            progress: Called with the number of passages encoded and to encode.

        Returns:
            The index, in memory until it is saved.

        Raises:
            MissingInput: A path is missing.
            NothingToDo: No document holds any text.
        """
        scorer = model if isinstance(model, Scorer) else Scorer.load(model)
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        built = PassageIndex.build(
            read_documents(listed),
            _Documents(scorer.encoder),
            encoder_name=_absolute(scorer.name),
            similarity="dot" if scorer.encoder.similarity == "dot" else "cosine",
            words=words,
            progress=progress,
        )
        return cls(built, scorer)

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open a saved index with the model that it names; its vectors stay on disk.

        Raises:
            MissingInput: The folder, one of its files or its model is missing.
            BadData: The index is damaged.
        """
        scorer = Scorer.load(read_info(Path(folder)).encoder_name)
        return cls(PassageIndex.open(Path(folder), _Queries(scorer.encoder)), scorer)

    @property
    def skipped(self) -> tuple[Document, ...]:
        """The documents that are not in the index, each with its problem."""
        return self.passages.skipped

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the index to a folder, all or nothing.

        Raises:
            BadOutput: The folder exists and ``overwrite`` is False, or it cannot be written.
        """
        self.passages.save(Path(folder), overwrite=overwrite)

    def search(self, query: str, k: int = 10, *, rerank: bool = False) -> list[Hit]:
        """Find the passages nearest to a query.

        Args:
            query: A text.
            k: How many hits.
            rerank: Whether the model's pair decision orders the nearest passages anew.

        Returns:
            At most ``k`` hits, best first.
        """
        return self.passages.search(query, k, judge=self.scorer if rerank else None)


def read_documents(paths: Sequence[str | Path]) -> list[Document]:
    """Read files, and the files of folders.

    Args:
        paths: Files and folders; where there are several, the names of the documents begin with them.

    Returns:
        The documents, each with its text or the reason why it has none.

    Raises:
        MissingInput: A path is missing.
    """
    documents: list[Document] = []
    for path in map(Path, paths):
        if path.is_dir():
            prefix = f"{path.as_posix()}/" if len(paths) > 1 else ""
            documents += [replace(document, name=prefix + document.name) for document in text.read_folder(path)]
        elif path.exists():
            documents.append(text.read_file(path, name=path.as_posix() if len(paths) > 1 else path.name))
        else:
            raise MissingInput(f"{path} does not exist; give files or folders")
    return documents


@dataclass(frozen=True, slots=True)
class _Queries:
    """The query side of an encoder: some models put a prompt before queries."""

    encoder: Encoder

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return self.encoder.encode_query(texts)


@dataclass(frozen=True, slots=True)
class _Documents:
    """The document side of an encoder."""

    encoder: Encoder

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return self.encoder.encode_document(texts)


def _pairs(dataset: str | PairSet, split: str | None, data_dir: str | Path | None) -> PairSet:
    """Return labelled pairs, loaded if they are given by name."""
    if not isinstance(dataset, str):
        return dataset
    from siamese_text.training.pairs import load_pairs

    split = split or (None if Path(dataset).is_file() else "validation")
    return load_pairs(dataset, split, data_dir=Path(data_dir) if data_dir else None)


def _absolute(name: str) -> str:
    """Return a folder's full path, so that an index finds its model from anywhere; a name stays a name."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name


def _untrained_decision(folder: Path) -> Decision | None:
    """Return the decision that is shipped for an untrained encoder, known by the checksum of its weights."""
    shipped = json.loads(UNTRAINED_DECISIONS.read_text(encoding="utf-8"))
    known = shipped.get(weights_sha256(folder))
    return Decision.from_json(known) if known else None


def embed_file(
    source: str | Path,
    output: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    column: str | None = None,
    words: int = 120,
    prompt: str | None = None,
    dtype: str = "float32",
    dimensions: int | None = None,
    with_text: bool = False,
    cache: bool | str | Path = True,
    overwrite: bool = False,
    device: str | None = None,
    progress: Callable[[Status], None] | None = None,
) -> Embedded:
    """Embed a file of any size, or a folder of documents; a run that was killed goes on when it is called again.

    Args:
        source: Lines of text, a table (CSV, TSV, JSON lines, Parquet), a document, a folder of documents, or ``-``.
        output: A ``.npy`` or ``.parquet`` file; beside it, with ``.json`` added, stands what has to be known.
        model: A name or a folder.
        column: The column of a table; by default ``text``, or the only one with texts.
        words: The length of a passage of a document, in words.
        prompt: Which of the model's prompts goes before each text; by default its own default, mostly none.
        dtype: ``float32``, ``float16``, ``int8`` or ``binary``.
        dimensions: Keep the first so many, of unit length again where the model normalises.
        with_text: Whether the texts are written too.
        cache: Where vectors are kept from run to run: True for the user's cache folder, False for nowhere.
        overwrite: Whether an existing output may be replaced.
        device: A torch device; by default CUDA where there is one, else the CPU.
        progress: Called after each block of some thousand texts.

    Returns:
        What was written, and where each vector came from.

    Raises:
        MissingInput: The source or the model was not found.
        BadData: The source is damaged, or its column with texts cannot be told.
        UsageError: An option has a value that cannot be used.
        BadOutput: The output exists or cannot be written.
        NothingToDo: The source holds no text.
        Interrupted: Ctrl-C; the message says how to go on.
    """
    from siamese_text.encoder.fingerprint import fingerprint
    from siamese_text.vectors.cache import VectorCache, cache_folder
    from siamese_text.vectors.sources import open_source
    from siamese_text.vectors.stream import Model, embed
    from siamese_text.vectors.writers import check_target

    check_target(Path(output), dtype, overwrite=overwrite)
    opened = open_source(str(source), column=column, words=words)
    encoder = Encoder.load(model, device=device)
    assert encoder.resolved is not None  # load always says where it found the folder
    key = fingerprint(encoder.resolved.folder, encoder.layout, prompt=prompt)
    chosen = Model(_Prompted(encoder, prompt), str(model), key, encoder.width, encoder.layout.normalize)
    folder = cache_folder() if cache is True else Path(cache) if cache else None
    with nullcontext() if folder is None else VectorCache(folder, key) as vectors:
        return embed(
            opened,
            Path(output),
            chosen,
            dtype=dtype,
            dimensions=dimensions,
            with_text=with_text,
            cache=vectors,
            overwrite=overwrite,
            progress=progress,
        )


@dataclass(frozen=True, slots=True)
class _Prompted:
    """An encoder with one of its prompts."""

    encoder: Encoder
    prompt: str | None

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return self.encoder.encode(texts, prompt_name=self.prompt)
