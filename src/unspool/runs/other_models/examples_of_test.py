"""The test examples of a run, for which other models give answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.result import Result
from unspool.runs.reading.example_rows import LABEL
from unspool.runs.records.example_files import are_counted, read_rows_of_test
from unspool.runs.records.folder import TEST_PREDICTIONS
from unspool.runs.records.forecasts_of_test import AHEAD, read_steps_of_test
from unspool.tasks import Forecasting, Task, load_task, task_of
from unspool.tasks.base import FILE as LABELS


@dataclass(frozen=True, eq=False)
class ExamplesOfTest:
    """The n test examples of a run.

    Attributes:
        run: its folder.
        task: of the run.
        truth: (n, ...) targets, as they are scored; of forecasts what came at each of n steps, NaN where nothing did.
        rows: columns of the run's file that identify the examples, n cells each; empty if they are not known.
        counted: whether the last of these columns numbers them from 1.
        labelled: possible names of a column with their labels.
        blocks: of forecasts, whose examples are steps: how many blocks the steps of each are scored in.
    """

    run: Path
    task: Task
    truth: NDArray[Any] = field(repr=False)
    rows: dict[str, list[Any]] = field(repr=False)
    counted: bool = False
    labelled: tuple[str, ...] = (LABEL,)
    blocks: int = 1

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def file(self) -> Path:
        """The run's file that lists these rows."""
        return self.run / TEST_PREDICTIONS

    def named(self, position: int, columns: Sequence[str]) -> str:
        """An example, as in "row 17"."""
        return ", ".join(f"{name} {self.rows[name][position]}" for name in columns)


def examples_of_test(run: Path, result: Result) -> ExamplesOfTest:
    """The test examples of a finished run.

    Raises:
        UserError: predictions for the task do not fit into a table, or a file of the run is damaged.
    """
    task = load_task(run / LABELS) if (run / LABELS).is_file() else task_of(result)
    if task.without_others:
        raise UserError(
            f"{run}: the task is {task.title}, for which predictions of other tools cannot be compared: "
            f"{task.without_others}."
        )
    truth = result.test_predictions.targets
    labelled = (*(name for role in ("label", "target") for name in result.data.columns.get(role, ())), LABEL)
    if isinstance(task, Forecasting):
        steps = read_steps_of_test(run, truth)
        blocks = len(truth) * task.horizon // len(steps[AHEAD])
        values, known = np.moveaxis(truth.reshape(-1, blocks, task.horizon, truth.shape[-1])[..., :2], -1, 0)
        came = np.where(known.any(axis=1), values[:, 0], np.nan).ravel()
        return ExamplesOfTest(run, task, came, steps, False, labelled, blocks)
    rows = read_rows_of_test(run, task, len(truth))
    return ExamplesOfTest(run, task, truth, rows, are_counted(rows, run), labelled)
