"""A result in, a model card out: `README.md`, which says in a model's folder or on a hub what the model is good for."""

import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from unspool.atomic_writes import write_aside
from unspool.errors import UserError
from unspool.evaluation.result import ExampleText, Result
from unspool.files import make_folder, read_bounded, unwritable
from unspool.report import content
from unspool.report.rendering import rendered_markdown
from unspool.tasks import task_of

CARD = "README.md"
MARK = "<!-- Written by unspool. Remove this line to keep changes of your own. -->"
"""A card without it is a person's, and stays as it is."""

MOST_LABELS = 20
"""Labels that the table of the data has a row for."""
_MADE_WITH = ("unspool", "keras", "jax", "kernels", "instruction_set")


def write_card(result: Result, folder: Path) -> Path:
    """Write a run's model card, unless a person has edited the one that is there.

    The same result gives the same bytes: no time, no path and nothing random is in it. Facts are at the top as YAML, as
    model hubs read them: library, task, and each score on the test set with its interval.

    Args:
        result: of a finished run.
        folder: gets `README.md`; created where it is missing.

    Returns:
        Its path.

    Raises:
        UserError: the folder cannot be written.
    """
    path = folder / CARD
    try:
        make_folder(folder)
        if not path.is_file() or MARK.encode() in read_bounded(path):
            write_aside(path, _card(result).encode())
    except OSError as error:
        raise unwritable(path, error) from error
    except ValueError as error:
        raise UserError(f"{path} cannot be read: {error}. Move it elsewhere.") from error
    return path


def _card(result: Result) -> str:
    return rendered_markdown(
        "card.md.j2",
        result=result,
        data=result.data,
        front_matter=Markup("\n".join(f"{name}: {_yaml(value)}" for name, value in _facts(result).items())),
        content=content,
        made_with={name: result.environment[name] for name in _MADE_WITH if name in result.environment},
        MARK=Markup(MARK),
        MOST_LABELS=MOST_LABELS,
    )


def _facts(result: Result) -> dict[str, Any]:
    """What a hub reads, by the names that it has for it."""
    task, data = task_of(result), result.data
    of_texts = isinstance(data.example, ExampleText)
    tags = ["unspool", task.name, *(["text"] if of_texts else [])]
    facts: dict[str, Any] = {"library_name": "unspool", "tags": tags}
    if pipeline := task.pipeline_of_texts if of_texts else task.pipeline_of_series:
        facts["pipeline_tag"] = pipeline
    scores = [
        {
            "type": name,
            "name": task.measures[name].title,
            "value": score.value,
            "args": {"interval": [score.interval.low, score.interval.high], "level": 0.95},
        }
        for name, score in result.test.figures.items()
    ]
    evaluated = {
        "task": {"type": pipeline or task.name, "name": task.title},
        "dataset": {"type": data.name, "name": data.title, "split": "test", "revision": data.digest},
        "metrics": scores,
    }
    return facts | {"model-index": [{"name": result.recipe, "results": [evaluated]}]}


def _yaml(value: Any) -> str:
    r"""A value as YAML in one line: JSON, with what cannot be printed as numbers of characters.

    Example:
        >>> print(_yaml(["a 'b'", 0.5, "caf\u00e9", "\u2028"]))
        ["a 'b'", 0.5, "café", "\U00002028"]
    """
    plain = json.dumps(value, ensure_ascii=False)
    return "".join(mark if mark.isprintable() else f"\\U{ord(mark):08X}" for mark in plain)
