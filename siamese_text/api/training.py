"""Training and distillation by one call each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siamese_text.training.distillation.report import DistillReport
    from siamese_text.training.distillation.run import DistillObserver
    from siamese_text.training.run import RunObserver, TrainingReport


def train(
    dataset: str | None = None,
    output: str | Path = "model",
    *,
    recipe: str | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
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
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
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
        resume=resume,
        device=device,
        observer=observer,
    )


def distill(
    output: str | Path,
    *,
    recipe: str | None = None,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    device: str | None = None,
    observer: DistillObserver | None = None,
    **settings: Any,
) -> DistillReport:
    """Train a smaller encoder to give a teacher's vectors, and save it.

    Args:
        output: The model folder to make.
        recipe: A TOML file or the name of a bundled recipe.
        data_dir: A folder with data sets by name; by default the environment variable SIAMESE_TEXT_DATA.
        overwrite: Whether an existing model folder may be replaced.
        resume: Go on with a run with this output that was stopped or killed, bit for bit as if it had not been.
        device: A torch device; by default CUDA where there is one, else the CPU.
        observer: Is told of what happens.
        settings: Any attribute of ``DistillSettings``, such as ``layers="0,2,5"``, ``static=True`` or
            ``sentences="sentences.txt"``.

    Returns:
        The report, with the figures of teacher and student.

    Raises:
        SiameseTextError: As ``run_distillation`` does.
    """
    from siamese_text.settings import recipe_values
    from siamese_text.training.distillation.run import run_distillation
    from siamese_text.training.distillation.settings import DistillSettings

    chosen = DistillSettings().changed((recipe_values(recipe) if recipe else {}) | settings)
    return run_distillation(
        chosen, output, data_dir=data_dir, overwrite=overwrite, resume=resume, device=device, observer=observer
    )
