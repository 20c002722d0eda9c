"""The test examples that several models decide differently, in a table: disagreements.csv."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.writing import write_columns
from unspool.evaluation.agreement import decided_classes
from unspool.evaluation.contenders import SeedRun
from unspool.evaluation.result import Result
from unspool.runs.other_models.examples_of_test import examples_of_test
from unspool.runs.reading.example_rows import LABEL
from unspool.tasks import Task
from unspool.tasks.one_label import OneLabel

FILE = "disagreements.csv"
_NUMBER = "test example"  # counted from 1, where a run does not say where its test examples are


def decisions(contenders: Mapping[str, SeedRun], task: Task) -> dict[str, NDArray[np.int64]]:
    """The class that each contender decides for, (N,), by name; empty if the task is not one label for each example."""
    if not isinstance(task, OneLabel):
        return {}
    accuracy = task.measures["accuracy"]
    return {name: decided_classes(run.answers(accuracy)) for name, run in contenders.items()}


def write_disagreements(decided: Mapping[str, NDArray[np.int64]], run: Path, result: Result, out: Path) -> None:
    """Write the test examples on which not all contenders agree: where each is in the data, its label, all decisions.

    Args:
        decided: see `decisions`.
        run: the folder of a run, which says where the examples are.
        result: of that run.
        out: gets the file.

    Raises:
        UserError: a file of the run is damaged, or the table cannot be written.
    """
    examples = examples_of_test(run, result)
    classes = np.stack(list(decided.values()))
    apart = np.flatnonzero((classes != classes[0]).any(axis=0))
    rows = examples.rows or {_NUMBER: list(range(1, len(examples) + 1))}
    columns = {name: [cells[at] for at in apart.tolist()] for name, cells in rows.items()}
    columns[LABEL] = examples.task.decode(examples.truth[apart])
    for name, one in decided.items():
        columns[f"prediction of {name}" if name in columns else name] = examples.task.decode(one[apart])
    write_columns([columns], out / FILE, list(columns))
