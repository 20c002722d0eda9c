"""The columns of a model's answers in a table, as `predict` writes and `compare` reads them."""

from typing import Any

from unspool.tasks import Task

PREDICTION, PROBABILITY = "prediction", "probability"

STEP = "step"
"""The column of steps to forecast from a file without times."""
FORECAST = ("forecast", "low", "high")
"""The columns of a forecast, the ends of its 80% interval among them."""

SAME_NUMBER = 1e-4
"""The relative difference that is allowed between numeric labels, as programs round them."""

Row = dict[str, Any]


def answer_columns(task: Task) -> list[str]:
    """The columns of the answers to a task."""
    return [PREDICTION, PROBABILITY] if task.has_probabilities else [PREDICTION]


def answer_cells(task: Task, label: Any, probability: Any) -> Row:
    """A label and its probability as cells, by column."""
    if not task.has_probabilities:
        return {PREDICTION: label}
    return dict(zip(answer_columns(task), task.cells(label, probability), strict=True))


def in_one_cell(cell: Any) -> Any:
    """Tags as one text; anything else as it is."""
    return " ".join(map(str, cell)) if isinstance(cell, list) else cell
