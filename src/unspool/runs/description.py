"""What a model's folder tells of it, for the terminal."""

from pathlib import Path

from unspool import terminal
from unspool.candidates import RawModel
from unspool.descriptions.inputs import Tokens
from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.readers import ForecastReader
from unspool.runs.model_parts import INSPECTION, ModelParts, load_parts
from unspool.runs.recipes.in_words import network_in_words, source_of
from unspool.runs.recipes.recipe import column_read
from unspool.runs.records.folder import MODEL, REPORT, is_run
from unspool.runs.records.record import read_result
from unspool.runs.records.refitted import read_refitted
from unspool.tasks import task_of

_MOST_SHOWN = 20


def described(folder: Path) -> str:
    """Say what a model reads and answers, how good it is, how it was made, and what was seen in its file.

    Raises:
        UserError: it is not a model's folder, or a file in it is damaged.
    """
    model = load_parts(folder)
    if model.inputs is not None and not (folder / MODEL).is_file():
        raise UserError(f"{folder / MODEL} is not there. Run the recipe or train the model again.")
    result = read_result(folder) if is_run(folder) else None
    refitted = None if result is not None else read_refitted(folder)
    lines = [
        f"{folder}: {model.task.title}{_labels(model)}",
        f"  reads     {_reads(model)}",
        f"  answers   {model.task.answers_in_words(model.threshold)}",
        f"  model     {_model(folder, model, result)}",
    ]
    if result is not None:
        lines += [
            f"  training  {_training(result)}, seed {result.seed}",
            f"  verdict   {result.verdict.words}",
            f"  made by   {result.command}",
            f"  with      {_made_with(result)}",
            f"  report    {folder / REPORT}",
        ]
    elif refitted is not None:
        lines.append(f"  training  {refitted.in_words}")
    seen = _seen(folder)
    heading = "What it was trained on" if refitted is None else f"What {refitted.run} was trained and tested on"
    return terminal.in_blocks([lines]) + (f"\n{heading}:\n\n{seen}" if seen else "")


def _training(result: Result) -> str:
    count = sum(one.score is not None for one in result.candidates)
    how = "on validation" if task_of(result).compared_on_validation else "by cross-validation"
    best = f"the best of {count} models {how}"
    if result.epochs:
        return f"epoch {result.best_epoch} of {result.epochs}{f'; {best}' if count > 1 else ''}"
    return best if count > 1 else "fitted in one go"


def _model(folder: Path, model: ModelParts, result: Result | None) -> str:
    title, numbers = _loaded(folder) if result is None else (_chosen(result), result.parameters.total)
    if model.inputs is None:
        return f"{title}; {numbers:,} numbers were learned"
    return f"{network_in_words(model.recipe, isinstance(model.inputs, Tokens))}; {numbers:,} parameters"


def _chosen(result: Result) -> str:
    return "" if result.chosen is None else result.chosen.title


def _loaded(folder: Path) -> tuple[str, int]:
    """What a model without a record is called, and how many numbers it holds: only loading it tells."""
    from unspool.runs.model import load_trained

    network = load_trained(folder).network
    if isinstance(network, RawModel):
        return network.title, network.size
    return network.name, network.count_params()


def _seen(folder: Path) -> str:
    path = folder / INSPECTION
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}.") from error


def _labels(model: ModelParts) -> str:
    names = model.task.names
    more = f", and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return f" ({', '.join(names[:_MOST_SHOWN])}{more})" if names else ""


def _reads(model: ModelParts) -> str:
    if isinstance(model.reader, ForecastReader):
        return model.reader.described
    column = column_read(model.recipe.data)
    of = f"column {column}: " if column else f"{source_of(model.recipe)}: "
    return of + (model.reader.described if model.reader is not None else "as an earlier version prepared it")


def _made_with(result: Result) -> str:
    names = ("unspool", "keras", "jax", "kernels", "processor")
    return ", ".join(f"{name} {result.environment[name]}" for name in names if name in result.environment)
