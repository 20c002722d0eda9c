"""One execution of a recipe: data, training, evaluation, report, folder."""

import shlex
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from unspool import files
from unspool.data.tokens import tokenize
from unspool.evaluation.baselines import fit_baselines
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.result import Baseline, LayerSummary, ParameterCounts, Predictions, Result
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.verdict import verdict
from unspool.experiment import environment, folder
from unspool.experiment.preparation import Part, Prepared, prepare, summarize
from unspool.experiment.recipe import Recipe, TrainingSettings, write_recipe
from unspool.models.seq2vec import seq2vec
from unspool.progress import spinner
from unspool.report.page import write_report
from unspool.training import fit, predict

Say = Callable[[str], None]
"""Takes a line that tells how far a run has come."""


@dataclass(frozen=True)
class Trained:
    """A model at its best epoch, and how it got there."""

    model: keras.Model
    history: dict[str, list[float]]
    epochs: int
    best_epoch: int


def run(
    recipe: Recipe, out: Path, *, data_folder: Path | None = None, command: str = "", say: Say = lambda line: None
) -> Result:
    """Execute a recipe and write its folder: whole, or, when something fails or Ctrl-C is pressed, not at all.

    Args:
        recipe: what to do.
        out: the folder to write; must not be there yet.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        command: what a person types to run it again, for the report.
        say: gets a line as each part of the work begins.

    Returns:
        What the report shows.

    Raises:
        UserError: the folder is there already, or the data cannot be had.
    """
    began = time.perf_counter()
    with folder.written_whole(out) as partial:
        say(f"data: {recipe.data.dataset}")
        prepared = prepare(recipe, data_folder)
        say(
            f"training {recipe.model.cell}, {recipe.model.units} units, on {len(prepared.training.labels):,} examples; "
            f"validating on {len(prepared.validation.labels):,}"
        )
        trained = train(recipe, prepared)
        say(f"stopped after epoch {trained.epochs}, kept epoch {trained.best_epoch}; evaluating, with baselines")
        result = evaluate(recipe, prepared, trained, began, command)
        write_recipe(recipe, partial / folder.RECIPE)
        trained.model.save(partial / folder.MODEL)
        folder.write_result(result, partial)
        write_report(result, partial)
    return result


def train(recipe: Recipe, prepared: Prepared) -> Trained:
    """Build the recipe's model and train it until the validation loss stops falling."""
    settings = recipe.training
    keras.utils.set_random_seed(settings.seed)
    model = seq2vec(recipe.model, prepared.inputs)
    model.compile(keras.optimizers.Adam(settings.learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    early_stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss",
        patience=settings.early_stopping_patience,
        min_delta=settings.min_delta,
        restore_best_weights=True,
    )
    training, validation = prepared.training, prepared.validation
    history = fit(
        model,
        training.ids,
        training.labels.astype(np.float32),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=(validation.ids, validation.labels.astype(np.float32)),
        callbacks=[_learning_rate_schedule(settings), early_stopping],
    ).history
    return Trained(model, history, len(history["loss"]), early_stopping.best_epoch + 1)


def evaluate(recipe: Recipe, prepared: Prepared, trained: Trained, began: float, command: str) -> Result:
    """Score a trained model and its baselines on the test set."""
    settings = recipe.evaluation
    validation = _predictions(trained.model, prepared.validation, recipe.training.batch_size)
    test = (
        validation
        if prepared.test is prepared.validation
        else _predictions(trained.model, prepared.test, recipe.training.batch_size)
    )
    threshold = youden_threshold(validation.labels, validation.probabilities)
    with spinner("fitting the baselines, unless they are in the cache"):
        baselines = _baselines(recipe, prepared)
    return Result(
        recipe=recipe.name,
        title=recipe.title,
        description=recipe.description,
        protocol=settings.protocol,
        seed=recipe.training.seed,
        command=command,
        data=summarize(prepared),
        layers=_layers(trained.model),
        parameters=_parameters(trained.model),
        history=trained.history,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        validation=binary_scores(validation, threshold, resamples=settings.resamples),
        test=binary_scores(test, threshold, resamples=settings.resamples),
        validation_predictions=validation,
        test_predictions=test,
        baselines=baselines,
        verdict=verdict(test, threshold, baselines, resamples=settings.resamples),
        published=recipe.published,
        environment=environment.describe(),
        seconds=time.perf_counter() - began,
    )


def command_line(recipe: str, settings: Iterable[str]) -> str:
    """What a person types to execute a recipe with these changes."""
    return shlex.join(["unspool", "run", recipe, *(word for s in settings for word in ("--set", s))])


def _learning_rate_schedule(settings: TrainingSettings) -> keras.callbacks.Callback:
    return keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss",
        factor=settings.plateau_factor,
        patience=settings.plateau_patience,
        min_delta=settings.min_delta,
    )


def _predictions(model: keras.Model, part: Part, batch_size: int) -> Predictions:
    probabilities = predict(model, part.ids, batch_size=batch_size)[:, 0].astype(np.float64)
    return Predictions(part.labels, probabilities, part.split.groups)


def _baselines(recipe: Recipe, prepared: Prepared) -> tuple[Baseline, ...]:
    training, validation, test = (part.split for part in (prepared.training, prepared.validation, prepared.test))
    seed, fraction = recipe.training.seed, recipe.evaluation.validation_fraction
    split = "all" if recipe.evaluation.protocol == "chapter" else f"validation {fraction}, seed {seed}"
    return fit_baselines(
        training.texts,
        training.labels,
        validation.texts,
        validation.labels,
        test.texts,
        test.labels,
        tokenize=tokenize,
        groups=test.groups,
        cache_folder=files.cache_folder() / "baselines",
        key=f"{prepared.dataset.digest}, {split}",
        resamples=recipe.evaluation.resamples,
    )


def _layers(model: keras.Model) -> tuple[LayerSummary, ...]:
    return tuple(
        LayerSummary(layer.name, type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
    )


def _parameters(model: keras.Model) -> ParameterCounts:
    total = model.count_params()
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return ParameterCounts(total, trainable, total - trainable)
