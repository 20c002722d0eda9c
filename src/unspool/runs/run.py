"""The pipeline: executes a recipe from its data through training and evaluation to report and folder."""

import shlex
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from unspool.candidates import RawModel
from unspool.candidates.registry import candidate_title
from unspool.data.storage import data_folder as user_datasets
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError, advising
from unspool.evaluation.result import Result
from unspool.readers import ForecastReader, reads_texts
from unspool.report.card import write_card
from unspool.report.page import write_report
from unspool.report.wording import duration
from unspool.runs.checking.golden import golden_of, positions_of
from unspool.runs.checking.golden_labels import golden_labels, golden_texts
from unspool.runs.choosing_taggers import read_raw
from unspool.runs.fitting import fit_recipe
from unspool.runs.judging import judge, trained_model
from unspool.runs.model import TrainedModel, files_to_digest
from unspool.runs.model_parts import INSPECTION
from unspool.runs.processes.shared import lead, refuse_unshareable
from unspool.runs.reading.named_datasets import prepare_dataset
from unspool.runs.reading.preparation import Prepared, Say, Show, refuse_wrong_range
from unspool.runs.reading.prepare_file import prepare_file, prepare_file_again
from unspool.runs.recipes.defaults import AUTO, Budget, recipe_for, refuse_what_suits_another
from unspool.runs.recipes.file import changed_data
from unspool.runs.recipes.in_words import network_in_words, source_of
from unspool.runs.recipes.recipe import FileSettings, Recipe, TrainingSettings
from unspool.runs.recipes.unused_settings import refuse_unused_of_model, refuse_unused_settings
from unspool.runs.records import folder
from unspool.runs.records.example_files import write_example_files
from unspool.runs.records.folder_links import refuse_links_within
from unspool.runs.records.forecasts_of_test import write_forecasts_of_test
from unspool.runs.records.record import write_history, write_result
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.records.unfinished import Begun, begin, begun_before, telling_how_to_go_on
from unspool.runs.seen_in_test import seen_in
from unspool.runs.trackers import refuse_missing, tracking
from unspool.runs.trained import Job, Trained, epochs_of
from unspool.tasks import Tagging, Task


def run(
    recipe: Recipe,
    out: Path,
    *,
    data_folder: Path | None = None,
    command: str = "",
    say: Say = lambda line: None,
    go_on: bool = False,
    force: bool = False,
    digest: str | None = None,
    chosen: Collection[str] = (),
    track: str | None = None,
    search: Path | None = None,
) -> Result:
    """Execute a recipe and write its folder, atomically.

    If it fails or is interrupted, checkpoints are kept in the folder's `.partial` folder for `resume`.

    Args:
        recipe: the recipe.
        out: the folder to write; it must not exist.
        data_folder: the folder of the user's datasets; None for that of UNSPOOL_DATA.
        command: that runs it again, for the report.
        say: called with a line at each stage.
        go_on: whether to resume an execution that was interrupted, if there is one.
        force: whether to resume even if versions or machine have changed, so that the last bits may differ.
        digest: that the data must have, see `Prepared.digest`; None for any.
        chosen: the settings that were chosen, see `recipes.file.chosen_settings`; they must have an effect.
        track: a tracker that logs the run, see `trackers.TRACKERS`.
        search: the folder of the search whose winner this is.

    Returns:
        The result, from which the report is made.

    Raises:
        UserError: a setting has no effect, the folder exists or is in use, the data is not available, or the run to
            resume was begun with another recipe, other data, or under other conditions.
    """
    refuse_unused_settings(recipe, chosen)
    refuse_unshareable(recipe)
    refuse_missing(track)
    advise = say if search is None else lambda line: None  # the search itself says how to go on
    with (
        folder.written_whole(out, go_on) as content,
        telling_how_to_go_on(out, advise, track, begun=folder.is_unfinished(out)) as attempt,
    ):
        begun = begun_before(out, recipe, force, say)
        digest = begun.digest if begun else digest
        say(f"data: {source_of(recipe)}")
        log = TrainingLog()
        if begun is None:
            prepared = prepare(recipe, data_folder, log)
        else:
            prepared = prepare_again(recipe, folder.partial_of(out), data_folder, log)
        refuse_unused_settings(recipe, chosen, prepared.task)
        refuse_unused_of_model(recipe, chosen, prepared.kind)
        if digest is not None and prepared.digest != digest:
            raise UserError(
                f"{source_of(recipe)} has changed since it was trained on: the result would belong to neither version. "
                "Put the data back, or train again."
            )
        if begun is None:
            begin(
                content,
                recipe,
                Begun.now(recipe, command, datasets_of(recipe, data_folder), prepared.digest, prepared.seen),
            )
        elif begun.seen is not None:
            prepared = replace(prepared, seen=begun.seen)
        job = Job(content, command, say, log, checkpoints_of(out))
        attempt.trains = True
        return _made(recipe, prepared, out, job, track, search)


def train(
    data: FileSettings,
    out: Path,
    *,
    changes: Iterable[str] = (),
    seed: int = 0,
    command: str = "",
    show: Show = lambda text: None,
    say: Say = lambda line: None,
    verbose: int | str = "auto",
    model: str = AUTO,
    budget: Budget = AUTO,
    track: str | None = None,
) -> Result:
    """Make a recipe for a person's file, and execute it; see `run`.

    Args:
        data: the file, and how to read it.
        out: the folder to write; it must not exist.
        changes: of the recipe, as in "model.units=32".
        seed: of the split, the weights, the batches and the dropout.
        command: that runs it again, for the report.
        show: called with the description of the file before anything is trained.
        say: called with a line at each stage.
        verbose: as of `fit`.
        model: "auto", "network" or the name of a candidate, see `defaults.recipe_for`.
        budget: seconds for the choice between candidates, or for the training of a single network, see `Budget`.
        track: a tracker that logs the run, see `trackers.TRACKERS`.

    Raises:
        UserError: the folder exists, the file cannot be used, or a change names no setting.
    """
    refuse_missing(track)
    changes, log = list(changes), TrainingLog()
    with folder.written_whole(out) as content, telling_how_to_go_on(out, say, track):
        asked, parts_seed = changed_data(data, changes, seed)

        def resolved(found: FileSettings, task: Task, examples: int) -> Recipe:
            return recipe_for(found, task, examples, changes, seed, model, budget, name=out.absolute().name)

        recipe, prepared = prepare_file(asked, parts_seed, resolved, log, show)
        refuse_wrong_range(recipe, prepared)
        begin(content, recipe, Begun.now(recipe, command, None, prepared.digest, prepared.seen))
        job = Job(content, command, say, log, checkpoints_of(out), verbose)
        return _made(recipe, prepared, out, job, track)


def prepare(recipe: Recipe, data_folder: Path | None, log: TrainingLog) -> Prepared:
    """Read and prepare a recipe's data.

    Raises:
        UserError: it is not available or cannot be used, the recipe's measure is not one of its task, or an autoencoder
            cannot reproduce the range of the numbers.
    """
    if isinstance(recipe.data, FileSettings):
        prepared = prepare_file_again(recipe, log)
    else:
        prepared = prepare_dataset(recipe, data_folder)
    refuse_what_suits_another(recipe, prepared.task)
    refuse_wrong_range(recipe, prepared)
    return prepared


def prepare_again(recipe: Recipe, content: Path, data_folder: Path | None, log: TrainingLog) -> Prepared:
    """Read and prepare the data of a run that was begun before; `content` is the folder that its recipe lies in.

    Raises:
        UserError: see `prepare`; a file that cannot be used as it is must be what it was.
    """
    if not isinstance(recipe.data, FileSettings):
        return prepare(recipe, data_folder, log)
    with advising(
        f"The run needs its data as they were, at the path in {content / folder.RECIPE}: put them back there."
    ):
        return prepare(recipe, data_folder, log)


def command_line(recipe: str, settings: Iterable[str]) -> str:
    """The command that executes a recipe with these changes."""
    return shlex.join(["unspool", "run", recipe, *(word for s in settings for word in ("--set", s))])


def datasets_of(recipe: Recipe, named: Path | None) -> Path | None:
    """The folder of the user's datasets, if a recipe reads one; None if it reads a file."""
    return None if isinstance(recipe.data, FileSettings) else user_datasets(named)


def checkpoints_of(out: Path) -> Path:
    """The folder of checkpoints; checked again for links, as reading the data may have taken long."""
    refuse_links_within(folder.partial_of(out))
    return folder.partial_of(out) / folder.CHECKPOINTS


def _made(
    recipe: Recipe, prepared: Prepared, out: Path, job: Job, track: str | None, search: Path | None = None
) -> Result:
    """Train, evaluate, and write the contents of the folder."""
    for line in _choices(recipe, prepared):
        job.say(line)
    with tracking(track, out, recipe, job.say, search) as tracked:
        job.log.watch(lambda number, logs: tracked.epochs(job.log.history_with(logs)))
        lead(recipe, prepared)
        recipe, prepared, trained = fitted(recipe, prepared, job)
        job.say("evaluating it on the test examples, with baselines")
        result = write_run(recipe, prepared, trained, job)
        tracked.finish(result, job.out)
        return result


def fitted(recipe: Recipe, prepared: Prepared, job: Job) -> tuple[Recipe, Prepared, Trained]:
    """Train a recipe's model; its recipe then names the candidates that were tried, and its data is as it reads it."""
    trained = fit_recipe(recipe, prepared, job)
    if prepared.task.by_step and isinstance(trained.model, RawModel):
        prepared = read_raw(prepared)
    job.say(_outcome(trained))
    return _settled(recipe, trained), prepared, trained


def write_run(recipe: Recipe, prepared: Prepared, trained: Trained, job: Job) -> Result:
    """Evaluate a trained model, and write the contents of its run's folder.

    Args:
        recipe: of the model.
        prepared: the data.
        trained: the model and its history.
        job: has the folder and the log of the training.
    """
    model = trained_model(recipe, prepared, trained)
    model.save(job.out)
    seen_in(prepared, trained).save(job.out)
    keep_golden(model, prepared, job.out)
    if prepared.seen:
        (job.out / INSPECTION).write_text(prepared.seen, encoding="utf-8")
    job.log.digests.write(job.out)
    job.log.note("picking the threshold and saving the model")
    result = judge(model, prepared, job, trained)
    job.log.note("evaluating, with baselines")
    write_result(result, job.out)
    if trained.both_directions is not None:
        write_history(trained.both_directions.history, job.out / folder.HISTORY_OF_BOTH_DIRECTIONS)
    if prepared.forecasts is None:
        write_example_files(prepared.rows, model.task, result.test_predictions, model.threshold, job.out)
    else:
        assert isinstance(prepared.reader, ForecastReader)
        columns = prepared.reader.columns
        write_forecasts_of_test(prepared.forecasts.places, columns, result.test_predictions, job.out)
    write_report(result, job.out)
    write_card(result, job.out)
    job.log.note("writing the report")
    job.log.write_log(job.out)
    return result


def keep_golden(model: TrainedModel, prepared: Prepared, out: Path) -> None:
    """Write the golden examples that the model's checks compare with."""
    golden = golden_of(model.checkable, prepared.test.inputs)
    golden.save(out)
    texts = golden_texts(prepared.test.inputs, prepared.test.raw) if reads_texts(prepared.reader) else []
    places = prepared.forecasts.places.of(positions_of(prepared.test.inputs)) if prepared.forecasts else []
    golden_labels(model, golden, texts, out, files_to_digest(out), places).save(out)


def _settled(recipe: Recipe, trained: Trained) -> Recipe:
    """The recipe with the candidates that were tried, so that a replay compares the same without a budget.

    A network that was chosen has a recipe of its own. One whose training the budget stopped is trained for as many
    epochs.
    """
    recipe = replace(recipe, training=_without_budget(recipe.training, trained))
    if trained.choice is None:
        return recipe
    if trained.described is not None:
        return replace(recipe, model=trained.described)
    tried = tuple(one.name for one in trained.choice.tried if one.score is not None)
    return replace(recipe, model=ModelChoice(candidates=tried, language_model=trained.choice.work))


def _without_budget(settings: TrainingSettings, trained: Trained) -> TrainingSettings:
    """The settings without a budget, but with as many epochs as there were where it ended them."""
    if trained.stopped_after is not None:
        settings = replace(settings, epochs=trained.stopped_after)
    both = trained.both_directions
    if both is not None and both.stopped:
        settings = replace(settings, bidirectional_epochs=both.epochs)
    return replace(settings, budget=None)


def _outcome(trained: Trained) -> str:
    """The outcome of the training in a line."""
    choice = trained.choice
    if choice is None:
        return epochs_of(trained)
    name, model = choice.name, choice.model
    title = model.title if isinstance(model, RawModel) else candidate_title(name, Tagging.name)
    line = f"fitted: {title}"
    if len(choice.tried) > 1:
        note = next(one.note for one in choice.tried if one.name == name)
        line = f"chosen: {name} ({title}{f': {note}' if note else ''}){f': {choice.why}' if choice.why else ''}"
    if choice.unlabelled:
        line += f"; it also learned from {choice.unlabelled:,} texts without a label"
    return "; ".join(filter(None, (line, choice.on_lack_of_time)))


def _choices(recipe: Recipe, prepared: Prepared) -> list[str]:
    """Model and training that were chosen for a file, in lines."""
    if not isinstance(recipe.data, FileSettings) or isinstance(recipe.model, ModelChoice):
        return []
    training = recipe.training
    rate = f"Adam at {training.learning_rate:g}"
    if training.warmup is not None:
        rate += f" after {training.warmup:,} steps of warm-up"
    if training.decay == "linear":
        rate += ", falling evenly to 0"
    both = training.bidirectional_epochs
    first = f"first up to {both} epoch{'s' * (both > 1)} in both directions; " if both else ""
    end = "" if training.budget is None else f", or {duration(training.budget)} are over"
    return [
        f"model: {network_in_words(recipe, prepared.kind == 'text')}; it reads {prepared.reader.described}; "
        "padding is masked",
        f"training: {first}batches of {training.batch_size}, {rate}, until the validation loss "
        f"has not fallen for {training.early_stopping_patience} epochs{end} (--set changes any of this: see "
        "recipe.toml)",
    ]
