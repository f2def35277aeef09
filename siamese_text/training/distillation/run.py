"""One distillation from plain sentences to a model folder with its figures, curves and card."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from siamese_text.atomic import atomic_file, atomic_folder
from siamese_text.encoder.cpu.layers import cpu_layers
from siamese_text.encoder.static import StaticEncoder
from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.evaluation.evaluation import Evaluation
from siamese_text.protocols import Progress
from siamese_text.records import FloatArray
from siamese_text.scoring.pair_classifier import PairClassifier
from siamese_text.scoring.siamese_text_json import write_classifier
from siamese_text.training.accelerator import make_accelerator
from siamese_text.training.checkpoints import checkpoint_folder, remove_checkpoints
from siamese_text.training.distillation.card import distilled_card
from siamese_text.training.distillation.corpus import Corpus, load_corpus
from siamese_text.training.distillation.report import DistillReport
from siamese_text.training.distillation.settings import DistillSettings, loop_settings
from siamese_text.training.distillation.student import (
    HeldOut,
    choose_layers,
    count_layers,
    imitation_task,
    make_student,
    mean_cosine,
)
from siamese_text.training.distillation.table import TableModule, TrainedTable, bare_tokenizer, token_vectors, weighted
from siamese_text.training.held_out import evaluate_held_out, score_held_out
from siamese_text.training.history import History
from siamese_text.training.loop import Observer, train_loop
from siamese_text.training.losses.imitation import ImitationLoss
from siamese_text.training.model_output import check_model_output, check_unfinished, write_account
from siamese_text.training.parameters import set_dropout
from siamese_text.training.processes import is_main_process
from siamese_text.training.siamese_module import SiameseModule


class DistillObserver(Observer, Protocol):
    """Who wants to follow a distillation."""

    def loaded(self, corpus: Corpus) -> None:
        """The sentences are read; the teacher encodes them next."""

    def teaching(self, done: int, total: int) -> None:
        """The teacher has encoded so many of them."""

    def taught(self, before: float) -> None:
        """The teacher is done; the untrained student's mean cosine with it is known, and training comes next."""


def run_distillation(
    settings: DistillSettings,
    output: str | Path,
    *,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    device: str | None = None,
    observer: DistillObserver | None = None,
) -> DistillReport:
    """Train a smaller encoder to give a teacher's vectors, and save it.

    Args:
        settings: What to distil and how.
        output: The model folder to make; it also gets ``history.jsonl``, ``curves.png``, ``report.json`` and a card.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder, or a run with this output that was stopped, may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.

    Returns:
        The report, with the figures of teacher and student.

    Raises:
        BadOutput: The output exists, holds a run that was stopped, or cannot be written.
        MissingInput: The teacher, the sentences or a data set was not found.
        NothingToDo: There are no sentences to learn from.
        UsageError: The teacher has not the layers that are asked for.
    """
    output = Path(output)
    check_model_output(output, overwrite=overwrite)
    check_unfinished(output, overwrite=overwrite, resume=resume)
    teacher = TorchEncoder.load(
        settings.teacher, device=device, max_seq_length=settings.max_seq_length, prompt=settings.prompt
    )
    layers = None if settings.static else choose_layers(settings.layers, count_layers(teacher))
    begun = None if layers is None else make_student(teacher, layers)
    corpus = load_corpus(settings, Path(data_dir) if data_dir else None)
    if observer:
        observer.loaded(corpus)
    checkpoints = checkpoint_folder(output)
    if not resume and is_main_process():
        remove_checkpoints(checkpoints)
    lesson = _teach(teacher, corpus, checkpoints, observer)
    student = _Student(teacher, begun, lesson, settings)
    before = student.cosine()
    if observer:
        observer.taught(before)
    began = time.perf_counter()
    history, best_step = student.learn(checkpoints if settings.save_steps else None, resume, observer)
    seconds = (lesson.seconds, time.perf_counter() - began)
    encoder = student.encoder
    of_student = _evaluate(encoder, corpus, "student")
    evaluations = {name: (evaluation, of_student[name]) for name, evaluation in lesson.evaluations.items()}
    after = student.cosine()
    report = DistillReport(settings, output, corpus, layers, before, after, evaluations, best_step, seconds, history)
    if is_main_process():
        _save(report, encoder)
        remove_checkpoints(checkpoints)
    return report


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Sentences with the teacher's vectors of them, how the teacher does on pairs, and how long both took."""

    corpus: Corpus
    vectors: FloatArray
    held_out: FloatArray
    evaluations: Mapping[str, Evaluation]
    seconds: float


def _teach(teacher: TorchEncoder, corpus: Corpus, checkpoints: Path, observer: DistillObserver | None) -> _Lesson:
    """Let the teacher encode every sentence, once."""
    began = time.perf_counter()
    vectors = _vectors(teacher, corpus.training, checkpoints, observer.teaching if observer else None)
    held_out = teacher.encode(corpus.held_out)
    evaluations = _evaluate(teacher, corpus, "teacher")
    return _Lesson(corpus, vectors, held_out, evaluations, time.perf_counter() - began)


class _Student:
    """A student in training, of either kind."""

    def __init__(
        self, teacher: TorchEncoder, begun: TorchEncoder | None, lesson: _Lesson, settings: DistillSettings
    ) -> None:
        self.settings = settings
        self.loop = loop_settings(settings)
        self.lesson = lesson
        self.accelerator = make_accelerator(self.loop, teacher.device)
        loss = ImitationLoss()
        if begun is None:
            self.tokenizer = bare_tokenizer(teacher)
            table = weighted(token_vectors(teacher), self.tokenizer.with_prompt(lesson.corpus.training).ids)
            self.module: Any = TableModule(TrainedTable(table, self.tokenizer, teacher), loss)
        else:
            self.tokenizer = begun.tokenizer
            # There is a vector to hit for each of very many sentences, so hardly anything to overfit.
            set_dropout(begun.transformer, 0.0)
            self.module = SiameseModule(begun, [loss])

    @property
    def encoder(self) -> TorchEncoder | StaticEncoder:
        """The student as it stands."""
        trained = self.module.encoder
        return trained.static() if isinstance(trained, TrainedTable) else trained

    def cosine(self) -> float:
        """Return the mean cosine of its vectors with the teacher's, on the held-out sentences."""
        return mean_cosine(self.encoder.encode(self.lesson.corpus.held_out), self.lesson.held_out)

    def learn(self, checkpoints: Path | None, resume: bool, observer: Observer | None) -> tuple[History, int]:
        """Train it; return the history and the step that was kept."""
        corpus, processes = self.lesson.corpus, self.accelerator.num_processes
        task = imitation_task(corpus.training, self.lesson.vectors, self.tokenizer, self.settings, processes)
        held_out = HeldOut(corpus.held_out, self.lesson.held_out)
        student = self.module.encoder
        with cpu_layers(student.transformer) if isinstance(student, TorchEncoder) else nullcontext():
            return train_loop(
                self.accelerator,
                self.module,
                [task],
                self.loop,
                held_out,
                config=self.settings.values(),
                checkpoints=checkpoints,
                resume=resume,
                observer=observer,
            )


def _vectors(teacher: TorchEncoder, sentences: Sequence[str], folder: Path, progress: Progress | None) -> FloatArray:
    """Return the teacher's vectors of sentences, kept beside the checkpoints for a run that is resumed."""
    digest = blake2b("\n".join(sentences).encode(), digest_size=8).hexdigest()
    kept = folder / f"teacher-{digest}.npy"
    if kept.is_file():
        found: FloatArray = np.load(kept)
        return found
    vectors = teacher.encode(sentences, progress=progress)
    if is_main_process():
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(kept) as draft, draft.open("wb") as file:
            np.save(file, vectors)
    return vectors


def _evaluate(encoder: TorchEncoder | StaticEncoder, corpus: Corpus, model: str) -> Mapping[str, Evaluation]:
    """Evaluate the similarity on the held-out pairs."""
    scores = score_held_out(encoder, PairClassifier(encoder.similarity_fn_name), corpus.evaluated)
    return evaluate_held_out(scores, corpus.evaluated, None, model)


def _save(report: DistillReport, encoder: TorchEncoder | StaticEncoder) -> None:
    """Write the model folder: encoder, report, history, curves and card, all or nothing."""
    with atomic_folder(report.output) as folder:
        encoder.write(folder)
        figures = report.to_json()
        trained = {name: figures[name] for name in ("settings", "layers", "cosine_with_the_teacher")}
        spearman = {name: [each.spearman for each in pair] for name, pair in report.evaluations.items()}
        trained |= {"spearman_of_teacher_and_student": spearman}
        write_classifier(PairClassifier(encoder.similarity_fn_name, trained=trained), folder)
        write_account(folder, report.history, figures, distilled_card(report))
