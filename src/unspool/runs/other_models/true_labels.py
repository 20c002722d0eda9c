"""Compares the labels in a table of answers with those of the test examples: a mismatch means it is for other ones."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from unspool.data.cell_values import is_missing
from unspool.data.labels import as_number, shown
from unspool.errors import UserError
from unspool.runs.answer_columns import SAME_NUMBER, in_one_cell
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.outputs import has_shares
from unspool.tasks import Forecasting
from unspool.tasks.other_answers import UnusableAnswer

ROUNDED_TO_ZERO = 1e-8
"""What other programs may write for 0, as a share of the largest number."""


class OtherLabel(NamedTuple):
    """A label in a table that is not that of the test example."""

    position: int
    given: Any
    true: Any


def are_true_labels(cells: Sequence[Any], examples: ExamplesOfTest) -> bool:
    """Whether n cells are the labels of the test examples."""
    try:
        return _first_other_label(cells, examples) is None
    except UnusableAnswer:
        return False


def _first_other_label(cells: Sequence[Any], examples: ExamplesOfTest) -> OtherLabel | None:
    """The first of n labels that differs from the test example's; None if all agree.

    Raises:
        UnusableAnswer: a cell is not a label that the task knows.
    """
    task = examples.task
    if isinstance(task, Forecasting):
        given = [np.nan if is_missing(cell) or (number := as_number(cell)) is None else number for cell in cells]
        true = examples.truth.tolist()
        unit = min(1.0, float(np.nanmax(np.abs(true), initial=0.0)) or 1.0)
        differ = (
            not np.isnan(one) and not np.isnan(other) and not _same_number(one, other, unit)
            for one, other in zip(given, true, strict=True)
        )
    elif has_shares(task) or task.predicts_numbers:
        given = list(task.decide(task.decided(cells, examples.truth), None)[0])
        true, same = list(task.true_labels(examples.truth)), _same
        if task.predicts_numbers:
            same = partial(_same_number, unit=min(1.0, float(np.abs(true).max(initial=0.0)) or 1.0))
        differ = (not same(one, other) for one, other in zip(given, true, strict=True))
    else:
        given, true = list(cells), [in_one_cell(task.cell(label)) for label in task.true_labels(examples.truth)]
        differ = (_words(one) != _words(other) for one, other in zip(given, true, strict=True))
    position = next((position for position, other in enumerate(differ) if other), None)
    return None if position is None else OtherLabel(position, given[position], true[position])


def refuse_other_labels(
    column: str, cells: Sequence[Any], where: Callable[[int], str], examples: ExamplesOfTest
) -> None:
    """Check, by the labels in the same table, that the answers are for the run's test examples.

    Labels that the task does not know are not compared: they have been changed.

    Raises:
        UserError: a label is not that of the test example.
    """
    try:
        found = _first_other_label(cells, examples)
    except UnusableAnswer:
        return
    if found is not None:
        named = f" ({examples.named(found.position, [*examples.rows])})" if examples.rows else ""
        raise UserError(
            f"{where(found.position)}: column {column} has {shown(found.given)!r}, but the test example of "
            f"{examples.run}{named} is labelled {shown(found.true)!r}. Give predictions for that run's test examples, "
            f"or leave out column {column} if the labels were changed."
        )


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


def _same_number(one: float, other: float, unit: float) -> bool:
    """Whether two numbers are the same, but for rounding in another program; `unit` is the size of all."""
    return bool(np.isclose(one, other, rtol=SAME_NUMBER, atol=ROUNDED_TO_ZERO * unit))


def _words(cell: Any) -> list[str]:
    """A text without what programs change when they copy it: capitals, and spaces between words."""
    return str(in_one_cell(cell) if not is_missing(cell) else "").casefold().split()
