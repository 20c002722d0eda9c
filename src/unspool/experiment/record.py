"""What a run's folder tells of it: metrics.json, history.csv, environment.json and predictions.npz, written and read.

What differs between the kinds of run stands in `classification_record`, `task_record` and `reconstruction_record`.
"""

import csv
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from unspool.data.numpy_files import read_npz
from unspool.errors import UserError
from unspool.evaluation.reconstruction_result import ReconstructionResult
from unspool.evaluation.result import Result, RunRecord
from unspool.evaluation.task_result import TaskResult
from unspool.experiment import classification_record, reconstruction_record, task_record
from unspool.experiment.certificate import read_certificate
from unspool.experiment.folder import ENVIRONMENT, HISTORY, METRICS, PREDICTIONS, check_run
from unspool.experiment.scores import Arrays, plain

AnyResult = Result | TaskResult | ReconstructionResult

CLASSIFICATION, TASK, RECONSTRUCTION = "classification", "task", "reconstruction"
_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, BadZipFile, RecursionError)
"""What reading raises where a file was cut short, altered, or made by someone else."""

_PLAIN = ("recipe", "title", "description", "protocol", "seed", "command", "epochs", "best_epoch", "seconds")


def write_result(result: AnyResult, folder: Path) -> None:
    """Write metrics.json, history.csv, environment.json and predictions.npz."""
    (folder / METRICS).write_text(json.dumps(to_metrics(result), indent=2) + "\n", encoding="utf-8")
    (folder / ENVIRONMENT).write_text(json.dumps(result.environment, indent=2) + "\n", encoding="utf-8")
    with (folder / HISTORY).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *result.history])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*result.history.values(), strict=True), start=1))
    np.savez_compressed(folder / PREDICTIONS, allow_pickle=False, **_arrays(result))


def read_result(folder: Path) -> AnyResult:
    """Read a run's folder.

    Raises:
        UserError: it is no run's folder, or a file in it is damaged.
    """
    check_run(folder)
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        arrays = read_npz(folder / PREDICTIONS)
        kept = {
            "history": _read_history(folder / HISTORY),
            "environment": json.loads((folder / ENVIRONMENT).read_text(encoding="utf-8")),
            "certificate": read_certificate(folder),
        }
        record = plain(RunRecord, metrics | kept)
        common = {field.name: getattr(record, field.name) for field in fields(RunRecord)}
        if metrics["kind"] == RECONSTRUCTION:
            return ReconstructionResult(**common, **reconstruction_record.from_metrics(metrics, arrays))
        if metrics["kind"] == TASK:
            return TaskResult(**common, **task_record.from_metrics(metrics, arrays))
        return Result(**common, **classification_record.from_metrics(metrics, arrays))
    except _DAMAGE as error:
        raise UserError(f"{folder} is damaged: {type(error).__name__}: {error}. Run the recipe again.") from error


def to_metrics(result: AnyResult) -> dict[str, Any]:
    """The content of metrics.json: everything but arrays, curves and environment."""
    if isinstance(result, ReconstructionResult):
        return {"kind": RECONSTRUCTION} | _common(result) | reconstruction_record.to_metrics(result)
    if isinstance(result, TaskResult):
        return {"kind": TASK} | _common(result) | task_record.to_metrics(result)
    return {"kind": CLASSIFICATION} | _common(result) | classification_record.to_metrics(result)


def _common(result: RunRecord) -> dict[str, Any]:
    return {name: getattr(result, name) for name in _PLAIN} | {
        "parameters": asdict(result.parameters),
        "layers": [asdict(layer) for layer in result.layers],
    }


def _arrays(result: AnyResult) -> Arrays:
    if isinstance(result, ReconstructionResult):
        return reconstruction_record.to_arrays(result)
    if isinstance(result, TaskResult):
        return task_record.to_arrays(result)
    return classification_record.to_arrays(result)


def _read_history(path: Path) -> dict[str, list[float]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}
