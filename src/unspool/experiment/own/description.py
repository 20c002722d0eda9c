"""What a model's folder tells of it, for the terminal."""

from pathlib import Path

from unspool.data.task import TASKS
from unspool.errors import UserError
from unspool.experiment.own.fitting import network_in_words
from unspool.experiment.own.model import INSPECTION, OwnModel, load_own_model
from unspool.experiment.own.reading import TextReader
from unspool.experiment.record import AnyResult, read_result

_MOST_SHOWN = 20


def described(folder: Path) -> str:
    """Say what a model reads and answers, how good it is, how it was made, and what was seen in its file.

    Raises:
        UserError: it is no model's folder, or a file in it is damaged.
    """
    model, result = load_own_model(folder), read_result(folder)
    try:
        seen = (folder / INSPECTION).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / INSPECTION} cannot be read: {error}.") from error
    lines = [
        f"{folder}: {TASKS[model.codec.task]}{_labels(model)}",
        f"  reads     {_reads(model)}",
        f"  answers   {_answers(model)}",
        f"  model     {_network(model)}; {result.parameters.total:,} parameters, "
        f"epoch {result.best_epoch} of {result.epochs}",
        f"  verdict   {result.verdict.words}",
        f"  made by   {result.command}",
        f"  with      {_made_with(result)}",
        f"  report    {folder / 'report.html'}",
    ]
    return "\n".join(lines) + f"\n\nWhat it was trained on:\n\n{seen}"


def _network(model: OwnModel) -> str:
    return network_in_words(model.recipe.model, of_text=isinstance(model.reader, TextReader))


def _labels(model: OwnModel) -> str:
    names = model.codec.names
    more = f", and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return f" ({', '.join(names[:_MOST_SHOWN])}{more})" if names else ""


def _reads(model: OwnModel) -> str:
    reader = model.reader
    if isinstance(reader, TextReader):
        return (
            f"column {model.recipe.data.text}: the last {reader.length:,} tokens ({model.recipe.data.tokenizer}, "
            f"{reader.tokenizer.size:,} ids)"
        )
    return f"the last {reader.length:,} steps of {len(reader.channels)} channels: {', '.join(reader.channels)}"


def _answers(model: OwnModel) -> str:
    match model.codec.task:
        case "binary":
            return f"{model.codec.names[1]} where its probability is at least {model.threshold:.3f}"
        case "multiclass":
            return "the label of the highest probability"
        case "multilabel":
            return f"each label whose probability is at least {model.threshold:g}"
        case _:
            return "a number"


def _made_with(result: AnyResult) -> str:
    names = ("unspool", "keras", "jax", "kernels", "processor")
    return ", ".join(f"{name} {result.environment[name]}" for name in names if name in result.environment)
