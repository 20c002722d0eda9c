"""What a model's folder tells of it, for the terminal."""

from pathlib import Path

from unspool import terminal
from unspool.candidates import RawModel
from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.readers import ForecastReader
from unspool.runs.folder import is_run
from unspool.runs.model import INSPECTION, TrainedModel, load_trained
from unspool.runs.recipe import FileSettings
from unspool.runs.record import read_result
from unspool.runs.run import network_in_words, source_of
from unspool.tasks import Translation

_MOST_SHOWN = 20


def described(folder: Path) -> str:
    """Say what a model reads and answers, how good it is, how it was made, and what was seen in its file.

    Raises:
        UserError: it is not a model's folder, or a file in it is damaged.
    """
    model = load_trained(folder)
    lines = [
        f"{folder}: {model.task.title}{_labels(model)}",
        f"  reads     {_reads(model)}",
        f"  answers   {model.task.answers_in_words(model.threshold)}",
        f"  model     {_model(model)}",
    ]
    if is_run(folder):
        result = read_result(folder)
        lines += [
            f"  training  {_training(result)}, seed {result.seed}",
            f"  verdict   {result.verdict.words}",
            f"  made by   {result.command}",
            f"  with      {_made_with(result)}",
            f"  report    {folder / 'report.html'}",
        ]
    seen = _seen(folder)
    return terminal.in_blocks([lines]) + (f"\nWhat it was trained on:\n\n{seen}" if seen else "")


def _training(result: Result) -> str:
    if result.candidates:
        count = len(result.candidates)
        return f"the best of {count} models by cross-validation" if count > 1 else "fitted in one go"
    return f"epoch {result.best_epoch} of {result.epochs}"


def _model(model: TrainedModel) -> str:
    network = model.network
    if isinstance(network, RawModel):
        numbers = sum(array.size for array in network.arrays().values())
        return f"{network.title}; {numbers:,} numbers were learned"
    of_text = isinstance(model.task, Translation) or str(network.inputs[0].dtype) == "int32"
    return f"{network_in_words(model.recipe, of_text)}; {network.count_params():,} parameters"


def _seen(folder: Path) -> str:
    path = folder / INSPECTION
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}.") from error


def _labels(model: TrainedModel) -> str:
    names = model.task.names
    more = f", and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return f" ({', '.join(names[:_MOST_SHOWN])}{more})" if names else ""


def _reads(model: TrainedModel) -> str:
    data = model.recipe.data
    if isinstance(model.reader, ForecastReader):
        return model.reader.described
    column = (data.text or data.source) if isinstance(data, FileSettings) else None
    of = f"column {column}: " if column else f"{source_of(model.recipe)}: "
    return of + (model.reader.described if model.reader is not None else "as an earlier version prepared it")


def _made_with(result: Result) -> str:
    names = ("unspool", "keras", "jax", "kernels", "processor")
    return ", ".join(f"{name} {result.environment[name]}" for name in names if name in result.environment)
