"""A person's file to a folder with a model, its scores and a report."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import keras

from unspool.data.inspection import TextInspection
from unspool.data.inspection_text import describe
from unspool.data.series.examples import SeriesExamples
from unspool.evaluation.result import Result
from unspool.evaluation.task_result import TaskResult
from unspool.experiment import folder
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.fitting import Job, Say, Trained, adam, train
from unspool.experiment.golden import golden_of
from unspool.experiment.own.examples import Examples, Inspection, as_found, inspected, read_file
from unspool.experiment.own.judging import judge, threshold_of
from unspool.experiment.own.model import INSPECTION, OwnModel
from unspool.experiment.own.network import built, compiled
from unspool.experiment.own.preparation import (
    Prepared,
    fit_series_reader,
    prepare_series,
    prepare_texts,
    weights_of_classes,
)
from unspool.experiment.own.reading import Reader, TextReader
from unspool.experiment.own.recipe import OwnFile, OwnRecipe, for_task, recipe_for
from unspool.experiment.record import write_result
from unspool.report.page import write_report

Show = Callable[[str], None]
"""Takes a text for the person to read."""


def train_file(
    data: OwnFile,
    out: Path,
    *,
    changes: Iterable[str] = (),
    seed: int = 0,
    command: str = "",
    show: Show = lambda text: None,
    say: Say = lambda line: None,
) -> Result | TaskResult:
    """Train a model on a person's file, judge it, and write its folder: whole, or not at all.

    Args:
        data: which file, and how it is read.
        out: the folder to write; must not be there yet.
        changes: of the recipe, as in "model.units=32".
        seed: of the parts, the weights, the batches and the dropout.
        command: what a person types to do it again, for the report.
        show: gets what was seen in the file before anything is trained.
        say: gets a line as each part of the work begins.

    Returns:
        What the report shows.

    Raises:
        UserError: the folder is there already, the file cannot be used, or a change names no setting.
    """
    chronicle = Chronicle()
    with folder.written_whole(out) as partial:
        examples = read_file(data, seed)
        chronicle.note("reading the file")
        inspection = inspected(examples, data)
        chronicle.note("inspecting it")
        seen = describe(inspection)
        show(seen)
        recipe = recipe_for(as_found(data, examples), examples.counts()["training"], changes, seed)
        reader, prepared = prepared_for(recipe, examples, inspection)
        chronicle.note("preparing what is trained on")
        job = Job(partial, None, command, say, chronicle)
        for line in choices(recipe, reader):
            say(line)
        model, trained = fitted(recipe, reader, examples, prepared, job)
        say(f"stopped after epoch {trained.epochs}, kept epoch {trained.best_epoch}; evaluating, with baselines")
        model.save(partial)
        golden_of(model.answering, prepared.test.inputs).save(partial)
        (partial / INSPECTION).write_text(seen, encoding="utf-8")
        chronicle.note("picking the threshold and saving the model")
        result = judge(model, examples, inspection, prepared, job, trained)
        chronicle.note("evaluating, with baselines")
        write_result(result, partial)
        write_report(result, partial)
        chronicle.note("writing the report")
        chronicle.write_log(partial)
    return result


def prepared_for(recipe: OwnRecipe, examples: Examples, inspection: Inspection) -> tuple[Reader, Prepared]:
    """Fix how the model reads, and read all examples so."""
    if isinstance(examples, SeriesExamples):
        series_reader = fit_series_reader(examples, recipe.data.length)
        return series_reader, prepare_series(examples, series_reader)
    assert isinstance(inspection, TextInspection)
    reader = TextReader(inspection.tokenizer, recipe.data.length or inspection.length)
    return reader, prepare_texts(examples, reader)


def choices(recipe: OwnRecipe, reader: Reader) -> list[str]:
    """Say what was chosen, and why."""
    model, training = recipe.model, recipe.training
    direction = "both directions" if model.bidirectional else "one direction"
    pooled = "mean and maximum over all states" if model.pooling == "mean_max" else "the last state"
    reads = (
        f"{reader.tokenizer.size:,} different tokens, the last {reader.length:,} of a text"
        if isinstance(reader, TextReader)
        else f"{len(reader.channels)} channels, the last {reader.length:,} steps of a series, standardised"
    )
    return [
        f"model: {model.cell}, {model.units} units in {direction}, {pooled}; it reads {reads}; padding is masked",
        f"training: batches of {training.batch_size}, Adam at {training.learning_rate:g}, until the validation loss "
        f"has not fallen for {training.early_stopping_patience} epochs (--set changes any of this: see recipe.toml)",
    ]


def fitted(
    recipe: OwnRecipe, reader: Reader, examples: Examples, prepared: Prepared, job: Job
) -> tuple[OwnModel, Trained]:
    """Train the recipe's model, and pick its threshold."""
    codec = examples.codec
    job.say(f"training on {len(prepared.training):,} examples, validating on {len(prepared.validation):,}")
    keras.utils.set_random_seed(recipe.training.seed)
    network = compiled(built(for_task(recipe.model, codec), reader), codec.task, adam(recipe.training))
    training: tuple[object, ...] = (prepared.training.inputs, prepared.training.targets)
    weights = weights_of_classes(codec, prepared.training.targets)
    if weights is not None:
        training += (weights,)
    validation = (prepared.validation.inputs, prepared.validation.targets)
    trained = train(network, training, validation, recipe.training, job)
    model = OwnModel(recipe, reader, codec, 0.5, trained.model)
    return replace(model, threshold=threshold_of(model, prepared.validation)), trained
