"""A person's file to a folder with a model, its scores and a report."""

from collections.abc import Iterable
from pathlib import Path

from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.evaluation.task_result import TaskResult
from unspool.experiment import folder
from unspool.experiment.chronicle import Chronicle
from unspool.experiment.fitting import Job, Say
from unspool.experiment.golden import golden_of
from unspool.experiment.own.fitting import Ready, Show, choices, ready, ready_again
from unspool.experiment.own.judging import judge
from unspool.experiment.own.model import INSPECTION
from unspool.experiment.own.recipe import OwnFile, OwnRecipe, recipe_for
from unspool.experiment.record import write_result
from unspool.experiment.unfinished import Begun, begin, check_is_the_same, read_begun, telling_how_to_go_on
from unspool.report.page import write_report


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

    When something fails, Ctrl-C is pressed or the process is killed, what was trained stays beside it, for `resume`.

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
    changes, chronicle = list(changes), Chronicle()
    with folder.written_whole(out) as content:
        asked = recipe_for(data, 0, changes, seed)  # a change may name another seed, or another way to read the file

        def resolved(found: OwnFile, examples: int) -> OwnRecipe:
            return recipe_for(found, examples, changes, seed)

        given = ready(asked.data, asked.seed_of_parts, resolved, chronicle, show)
        begin(out, given.recipe, Begun.now(command, None, given.digest))
        return _made(given, out, content, command, chronicle, say)


def train_again(
    recipe: OwnRecipe, out: Path, *, digest: str, command: str = "", say: Say = lambda line: None
) -> Result | TaskResult:
    """Train by a recipe that was made from a person's file before; where that was interrupted, go on.

    Args:
        recipe: with every setting resolved.
        out: the folder to write; must not be there yet, but may have been begun.
        digest: of the file when it was read before, see `summary.digest`.
        command: what a person types to do it again, for the report.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: the folder is there already or in use, the file is not what it was, or what was begun there has
            another recipe, or was begun under other conditions.
    """
    if folder.is_unfinished(out):
        return resume_file(out, recipe, read_begun(out)[1], say=say)
    chronicle = Chronicle()
    with folder.written_whole(out) as content:
        given = ready_again(recipe, chronicle)
        if given.digest != digest:
            raise UserError(
                f"{recipe.data.path} is not what it was when it was trained on before: what would be compared are "
                "models of other data. Put the file back, or train on it anew."
            )
        begin(out, given.recipe, Begun.now(command, None, given.digest))
        return _made(given, out, content, command, chronicle, say)


def resume_file(
    out: Path, recipe: OwnRecipe, begun: Begun, *, force: bool = False, say: Say = lambda line: None
) -> Result | TaskResult:
    """Finish what `train_file` began, as if it had not been interrupted.

    Args:
        out: the folder that it is to have.
        recipe: as it was noted when it was begun.
        begun: the same.
        force: whether to go on though versions or machine have changed, so that the last bits may differ.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: the folder is in use, the file is not what it was, or versions or machine have changed.
    """
    chronicle = Chronicle()
    with folder.written_whole(out, go_on=True) as content:
        check_is_the_same(out, recipe, force, say)
        given = ready_again(recipe, chronicle)
        if given.digest != begun.file_digest:
            raise UserError(
                f"{recipe.data.path} is not what it was when {out} was begun: going on would give a model of neither. "
                f"Put the file back, or remove {folder.partial_of(out)} and train anew."
            )
        return _made(given, out, content, begun.command, chronicle, say)


def _made(given: Ready, out: Path, content: Path, command: str, chronicle: Chronicle, say: Say) -> Result | TaskResult:
    """Train, judge, and write what the folder holds."""
    job = Job(content, None, command, say, chronicle, folder.partial_of(out) / folder.CHECKPOINTS)
    for line in choices(given.recipe, given.reader):
        say(line)
    with telling_how_to_go_on(out, say):
        model, trained = given.fitted(job)
        say(f"stopped after epoch {trained.epochs}, kept epoch {trained.best_epoch}; evaluating, with baselines")
        model.save(content)
        golden_of(model.answering, given.prepared.test.inputs).save(content)
        (content / INSPECTION).write_text(given.seen, encoding="utf-8")
        chronicle.digests.write(content)
        chronicle.note("picking the threshold and saving the model")
        result = judge(model, given.examples, given.inspection, given.prepared, job, trained)
        chronicle.note("evaluating, with baselines")
        write_result(result, content)
        write_report(result, content)
        chronicle.note("writing the report")
        chronicle.write_log(content)
    return result
