"""Training and distillation by one call each."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from siamese_text.settings import Changeable

if TYPE_CHECKING:
    from siamese_text.training.distillation.report import DistillReport
    from siamese_text.training.distillation.run import DistillObserver
    from siamese_text.training.distillation.settings import DistillSettings
    from siamese_text.training.overrides import DistillOverrides, TrainOverrides
    from siamese_text.training.report import TrainingReport
    from siamese_text.training.run import RunObserver
    from siamese_text.training.settings import TrainSettings

Chosen = TypeVar("Chosen", bound=Changeable)


def train(
    dataset: str | Path | Any = None,
    output: str | Path | None = "model",
    *,
    settings: TrainSettings | None = None,
    recipe: str | Path | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    device: str | None = None,
    observer: RunObserver | None = None,
    **overrides: Unpack[TrainOverrides],
) -> TrainingReport:
    """Train an encoder on pairs, fit its decision on the validation pairs and save both.

    Args:
        dataset: A known name or a file; or rows in memory: a DataFrame, a ``datasets.Dataset``, a ``DatasetDict``, a
            mapping of columns, or rows such as ``("a", "b", 1)``; by default the recipe's, or the bundled sample, or
            none where ``unlabelled`` names a file of sentences.
        output: The model folder to make; None calls it after the data set and the loss.
        settings: The settings that recipe and overrides change; by default those of a run that is told nothing.
        recipe: A TOML file or the name of a bundled recipe; with ``unlabelled`` by default that of the same name, which
            keeps the encoder near its start.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens, in the first of several processes.
        overrides: Any attribute of ``TrainSettings`` or option of a loss, such as ``loss="contrastive", margin=0.4``;
            what 0.1 called them goes on working with a warning. A string is read as the type of its setting.

    Returns:
        The report, with the figures of the untrained and of the trained model.

    Raises:
        UsageError: A setting is unknown or has a value that does not exist.
        MissingInput: The data set, recipe or model was not found.
        BadData: The labels or columns do not fit the loss.
        BadOutput: The output exists or cannot be written.
    """
    from siamese_text.data.examples import ExampleSet
    from siamese_text.data.given import GivenData, as_source
    from siamese_text.data.pairs import PairSet
    from siamese_text.training.processes import is_main_process
    from siamese_text.training.run import run_training
    from siamese_text.training.settings import TrainSettings

    if isinstance(dataset, PairSet | ExampleSet):
        dataset = dataset.pairs if isinstance(dataset, PairSet) else dataset.examples
    source = None if dataset is None else as_source(dataset)
    given = {"dataset": str(source)} if source else {}
    values = {**given, **overrides}
    if settings is None:
        values = _of_unlabelled(recipe, values)
    chosen = _changed(settings or TrainSettings(), recipe, values)
    if isinstance(source, GivenData):
        chosen = replace(chosen, dataset=source)  # the name with its rows, which the settings would read as a name
    return run_training(
        chosen,
        _folder_for(chosen) if output is None else output,
        data_dir=data_dir,
        overwrite=overwrite,
        resume=resume,
        device=device,
        observer=observer if is_main_process() else None,
    )


def distill(
    output: str | Path,
    *,
    settings: DistillSettings | None = None,
    recipe: str | Path | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    device: str | None = None,
    observer: DistillObserver | None = None,
    **overrides: Unpack[DistillOverrides],
) -> DistillReport:
    """Train a smaller encoder to give a teacher's vectors, and save it.

    Args:
        output: The model folder to make.
        settings: The settings that recipe and overrides change; by default those of a run that is told nothing.
        recipe: A TOML file or the name of a bundled recipe.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens, in the first of several processes.
        overrides: Any attribute of ``DistillSettings``, such as ``layers="0,2,5"``, ``static=True`` or
            ``sentences="sentences.txt"``, read likewise. ``sentences`` may be texts in memory (a list, a Series, a
            generator, a table with one column), and ``dataset`` a ``DatasetDict`` with held-out rows.

    Returns:
        The report, with the figures of teacher and student.

    Raises:
        UsageError: A setting is unknown or has a value that does not exist.
        MissingInput: Sentences, a data set, the recipe or the teacher were not found.
        BadOutput: The output exists or cannot be written.
    """
    from siamese_text.data.given import as_source
    from siamese_text.data.sentences import GivenSentences
    from siamese_text.training.distillation.run import run_distillation
    from siamese_text.training.distillation.settings import DistillSettings
    from siamese_text.training.processes import is_main_process

    values: dict[str, Any] = {**overrides}
    given: dict[str, Any] = {}  # names with their rows, which the settings would read as names
    if not isinstance(values.get("sentences", ""), str | Path):
        given["sentences"] = GivenSentences(values.pop("sentences"))
    if not isinstance(values.get("dataset", ""), str | Path):
        given["dataset"] = as_source(values.pop("dataset"))
    return run_distillation(
        replace(_changed(settings or DistillSettings(), recipe, values), **given),
        output,
        data_dir=data_dir,
        overwrite=overwrite,
        resume=resume,
        device=device,
        observer=observer if is_main_process() else None,
    )


def _changed(settings: Chosen, recipe: str | Path | None, overrides: dict[str, Any]) -> Chosen:
    """Return settings changed by those of a recipe, and these by the ones that were given by name."""
    from siamese_text.settings import recipe_values

    return settings.changed((recipe_values(str(recipe)) if recipe else {}) | overrides)


def _of_unlabelled(recipe: str | Path | None, overrides: dict[str, Any]) -> dict[str, Any]:
    """Return overrides with what sentences without labels imply: their recipe, and that they are all the data."""
    from siamese_text.settings import recipe_values

    values = (recipe_values(str(recipe)) if recipe else {}) | overrides
    if not values.get("unlabelled"):
        return overrides
    implied = {} if recipe else recipe_values("unlabelled")
    return {"dataset": str(values["unlabelled"])} | implied | values


def _folder_for(settings: TrainSettings) -> Path:
    """Return the model folder of a run that names none, such as ``paws-bce-0.5-cosent``."""
    loss = re.sub(r"[^a-z0-9.]+", "-", settings.loss)
    return Path(f"{Path(settings.dataset).name.partition('.')[0]}-{loss}")
