"""The model of a finished run, fitted again to all of the run's examples, including those that it was tested on."""

import shutil
from dataclasses import replace
from pathlib import Path

from unspool.atomic_writes import write_json_aside
from unspool.candidates.registry import is_blend
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.runs.checking.golden_labels import refuse_changed
from unspool.runs.judging import trained_model
from unspool.runs.model_parts import INSPECTION
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import environment, folder
from unspool.runs.records.record import read_result
from unspool.runs.records.refitted import Refitted
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.records.unfinished import Begun, begin, begun_before, telling_how_to_go_on
from unspool.runs.run import checkpoints_of, datasets_of, fitted, keep_golden, prepare_again
from unspool.runs.seen_in_test import seen_in
from unspool.runs.trained import Job
from unspool.tasks import Reconstruction, task_of


def refit(
    run: Path,
    out: Path,
    *,
    data_folder: Path | None = None,
    say: Say = lambda line: None,
    go_on: bool = False,
    force: bool = False,
    verbose: int | str = "auto",
) -> None:
    """Fit a run's model to all of its examples, and write it to a folder of its own, without scores.

    The model that the run chose is fitted to training, validation and test examples; where it is a blend, its parts are
    compared again to weigh them. A network keeps the validation part to tell when to stop. A forecaster learns from
    each series up to its end.

    Args:
        run: the folder of a finished run; nothing in it is changed.
        out: the folder to write; it must not exist.
        data_folder: the user's datasets; otherwise the folder that UNSPOOL_DATA names.
        say: called with a line at each stage.
        go_on: whether to resume a refit that was interrupted, if there is one.
        force: whether to fit even if files of the run have changed or, to resume, versions or the machine.
        verbose: as of `fit`.

    Raises:
        UserError: it is not a finished run, it stopped its training by the test, its data has changed or cannot be
            read, its model is an autoencoder, or the folder to write exists or is in use.
    """
    result = read_result(run)
    if not force:
        refuse_changed(run)
    recipe = _recipe_of_refit(load_recipe(run / folder.RECIPE), result, run)
    with (
        folder.written_whole(out, go_on) as content,
        telling_how_to_go_on(out, say, begun=folder.is_unfinished(out)) as attempt,
    ):
        begun = begun_before(out, recipe, force, say)
        say(f"data: {result.data.name}")
        log = TrainingLog()
        prepared = prepare_again(recipe, run, data_folder, log)
        if prepared.digest != result.data.digest:
            raise UserError(
                f"{result.data.source} has changed since {run} was trained on it, so its scores no longer apply. Train "
                "again with `unspool train`."
            )
        if begun is None:
            note = Begun.now(recipe, "", datasets_of(recipe, data_folder), prepared.digest, prepared.seen)
            begin(content, recipe, replace(note, refits=str(run.absolute())))
        job = Job(content, "", say, log, checkpoints_of(out), verbose)
        attempt.trains = True
        more = f"the {len(prepared.test):,} test examples" if prepared.forecasts is None else "the end of each series"
        say(f"{more} will be learned from, too")
        recipe, prepared, trained = fitted(recipe, prepared.with_test_learned(), job)
        model = trained_model(recipe, prepared, trained)
        model.save(content)
        seen_in(prepared, trained).save(content)
        keep_golden(model, prepared, content)
        if (run / INSPECTION).is_file():
            shutil.copyfile(run / INSPECTION, content / INSPECTION)
        write_json_aside(content / folder.ENVIRONMENT, environment.describe(environment.has_network(recipe.model)))
        Refitted(run, _score_in_words(result)).save(content, out)


def _recipe_of_refit(recipe: Recipe, result: Result, run: Path) -> Recipe:
    """The run's recipe with the chosen model alone; a blend needs all that were compared.

    Raises:
        UserError: no model can be fitted to more examples than the run's own.
    """
    if recipe.evaluation.protocol == "chapter":
        raise UserError(
            f"{run} stopped its training by the test examples (protocol chapter), so there is no unused test to add."
        )
    if result.task == Reconstruction.name:
        raise UserError(f"{run} is an autoencoder. Only models that predict can be fitted to all examples.")
    chosen = result.chosen
    if chosen is None or is_blend(chosen.name) or not isinstance(recipe.model, ModelChoice):
        return recipe
    return replace(recipe, model=replace(recipe.model, candidates=(chosen.name,)))


def _score_in_words(result: Result) -> str:
    measure = task_of(result).measures[result.verdict.measure]
    score = result.test[result.verdict.measure]
    low, high = (measure.say(end) for end in (score.interval.low, score.interval.high))
    return f"{measure.noun} of {measure.say(score.value)} (95% interval {low} to {high})"
