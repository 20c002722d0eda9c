"""Reads another model's answers from a list or an array."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.names_in_words import first_few
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.forecasts import read_forecast_array
from unspool.runs.other_models.outputs import has_shares, scored, shares_of_labels
from unspool.tasks import Forecasting, Task
from unspool.tasks.other_answers import UnusableAnswer


def read_array(name: str, answers: Any, examples: ExamplesOfTest) -> OtherModel:
    """Read answers in the order of the test examples of a run.

    Args:
        name: of the other model.
        answers: a list or an array, see `InMemory`.
        examples: the test examples.

    Raises:
        UserError: their number is not that of the test examples, or one is unusable.
    """
    task = examples.task
    if isinstance(answers, str | bytes) or not hasattr(answers, "__len__"):
        raise UserError(f"{name}: {answers!r} was given. Give a list, an array or a data frame of predictions.")
    if isinstance(task, Forecasting):
        return read_forecast_array(name, answers, examples)
    if len(answers) != len(examples):
        raise UserError(
            f"{name} has {len(answers):,} predictions, but {examples.run} has {len(examples):,} test examples. "
            "Give one for each, in their order."
        )
    array = np.asarray(answers) if not (task.by_step or _is_ragged(answers)) else np.array(0)
    one = task.chooses_among_labels or task.predicts_numbers
    if one and array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "fiub":
        array = answers = array[:, 0]  # the shape that Keras returns for one number per example
    try:
        if has_shares(task) and array.ndim == 2 and _are_shares(array, task):
            if array.shape[1] != len(task.names):
                raise UserError(
                    f"{name} has {array.shape[1]} columns of probabilities, but there are {len(task.names)} "
                    f"labels ({first_few(task.names)}). Give one for each, in this order."
                )
            columns = {label: array[:, number].tolist() for number, label in enumerate(task.names)}
            return scored(name, None, shares_of_labels(columns, task), examples)
        if has_shares(task) and array.ndim == 1 and _are_shares_of_second(array, task):
            return scored(name, None, shares_of_labels({task.names[1]: array.tolist()}, task), examples)
        labels = _label_lists(array, task) if array.ndim == 2 else list(answers)
        return scored(name, task.decided(labels, examples.truth), None, examples)
    except UnusableAnswer as error:
        raise UserError(f"{name}, entry {error.position} (counted from 0): {error.why}.") from error


def _is_ragged(answers: Sequence[Any]) -> bool:
    return len({len(one) if isinstance(one, list | tuple | np.ndarray) else -1 for one in answers}) > 1


def _are_shares(array: NDArray[Any], task: Task) -> bool:
    """Whether an array (N, K) holds probabilities; for multilabel, integers are indicators of labels."""
    return array.dtype.kind == "f" or (array.dtype.kind in "iub" and task.chooses_among_labels)


def _are_shares_of_second(array: NDArray[Any], task: Task) -> bool:
    """Whether an array (N,) holds probabilities of the second of two labels, not the labels themselves."""
    if not task.chooses_among_labels or len(task.names) != 2 or array.dtype.kind != "f":
        return False
    return any(task.flaw(f"{number:g}") is not None for number in np.unique(array))


def _label_lists(array: NDArray[Any], task: Task) -> list[Any]:
    """Multilabel indicators (N, K) as lists of labels; any other array (N, K) as a list of its rows."""
    if array.dtype.kind in "iub" and array.shape[1] == len(task.names):
        return [task.cell(tuple(task.names[index] for index in np.flatnonzero(row))) for row in array]
    return list(array.tolist())
