"""A run's folder: written whole or not at all, and read back into the Result that it was written from."""

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from unspool.errors import UserError
from unspool.evaluation.result import (
    Baseline,
    BinaryScores,
    DataSummary,
    Interval,
    LayerSummary,
    ParameterCounts,
    Predictions,
    PublishedFigures,
    Result,
    Score,
    Verdict,
)

METRICS, HISTORY, ENVIRONMENT, PREDICTIONS = "metrics.json", "history.csv", "environment.json", "predictions.npz"
RECIPE, MODEL, REPORT = "recipe.toml", "model.keras", "report.html"

_SCORES = ("auc", "balanced_accuracy", "accuracy", "brier")


def is_run(folder: Path) -> bool:
    """Whether a folder holds a finished run."""
    return (folder / METRICS).is_file()


def free_folder(parent: Path, name: str) -> Path:
    """The first of `parent/name`, `parent/name-2`, `parent/name-3`, ... that is not there yet."""
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder` to write to; it takes the name `folder` at the end, or disappears on an error.

    Raises:
        UserError: the folder is there already, or cannot be made.
    """
    if folder.exists():
        raise UserError(f"{folder} is there already. Choose another folder with --out, or remove it.")
    partial = folder.with_name(folder.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}. Choose another folder with --out.") from error
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_result(result: Result, folder: Path) -> None:
    """Write metrics.json, history.csv, environment.json and predictions.npz."""
    (folder / METRICS).write_text(json.dumps(to_metrics(result), indent=2) + "\n", encoding="utf-8")
    (folder / ENVIRONMENT).write_text(json.dumps(result.environment, indent=2) + "\n", encoding="utf-8")
    with (folder / HISTORY).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *result.history])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*result.history.values(), strict=True), start=1))
    arrays: dict[str, Any] = {f"baseline/{baseline.name}": baseline.probabilities for baseline in result.baselines}
    for part, predictions in (("validation", result.validation_predictions), ("test", result.test_predictions)):
        arrays |= {f"{part}/labels": predictions.labels, f"{part}/probabilities": predictions.probabilities}
        if predictions.groups is not None:
            arrays[f"{part}/groups"] = predictions.groups
    np.savez_compressed(folder / PREDICTIONS, allow_pickle=False, **arrays)


def read_result(folder: Path) -> Result:
    """Read a run's folder.

    Raises:
        UserError: it is no run's folder, or a file in it is damaged.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    if not is_run(folder):
        raise UserError(f"{folder} is not the folder of a finished run: it holds no {METRICS}.")
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        environment = json.loads((folder / ENVIRONMENT).read_text(encoding="utf-8"))
        with np.load(folder / PREDICTIONS, allow_pickle=False) as file:
            arrays = dict(file)
        return _from_metrics(metrics, _read_history(folder / HISTORY), environment, arrays)
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError) as error:
        raise UserError(f"{folder} is damaged: {type(error).__name__}: {error}. Run the recipe again.") from error


def to_metrics(result: Result) -> dict[str, Any]:
    """The content of metrics.json: everything but arrays, curves and environment."""
    return {
        "recipe": result.recipe,
        "title": result.title,
        "description": result.description,
        "protocol": result.protocol,
        "seed": result.seed,
        "command": result.command,
        "parameters": asdict(result.parameters),
        "test": _flat_scores(result.test),
        "validation": _flat_scores(result.validation),
        "baselines": {
            b.name: {"title": b.title, "seconds": b.seconds} | _flat_scores(b.scores) for b in result.baselines
        },
        "verdict": {
            "beats_baseline": result.verdict.beats_baseline,
            "baseline": result.verdict.baseline,
            "difference": result.verdict.difference,
            "difference_ci": [result.verdict.interval.low, result.verdict.interval.high],
            "words": result.verdict.words,
        },
        "epochs": result.epochs,
        "best_epoch": result.best_epoch,
        "seconds": result.seconds,
        "published": asdict(result.published) if result.published else None,
        "data": asdict(result.data),
        "layers": [asdict(layer) for layer in result.layers],
    }


def _from_metrics(
    metrics: dict[str, Any], history: dict[str, list[float]], environment: dict[str, str], arrays: dict[str, Any]
) -> Result:
    verdict, data = metrics["verdict"], metrics["data"]
    return Result(
        **{key: metrics[key] for key in ("recipe", "title", "description", "protocol", "seed", "command")},
        **{key: metrics[key] for key in ("epochs", "best_epoch", "seconds")},
        data=DataSummary(
            **data
            | {key: tuple(data[key]) for key in ("label_names", "example_ids", "example_words")}
            | {"counts": {part: tuple(counts) for part, counts in data["counts"].items()}}
        ),
        layers=tuple(
            LayerSummary(**layer | {"output_shape": tuple(layer["output_shape"])}) for layer in metrics["layers"]
        ),
        parameters=ParameterCounts(**metrics["parameters"]),
        history=history,
        validation=_scores(metrics["validation"]),
        test=_scores(metrics["test"]),
        validation_predictions=_predictions(arrays, "validation"),
        test_predictions=_predictions(arrays, "test"),
        baselines=tuple(
            Baseline(name, flat["title"], _scores(flat), arrays[f"baseline/{name}"], flat["seconds"])
            for name, flat in metrics["baselines"].items()
        ),
        verdict=Verdict(
            baseline=verdict["baseline"],
            difference=verdict["difference"],
            interval=Interval(*verdict["difference_ci"]),
            beats_baseline=verdict["beats_baseline"],
            words=verdict["words"],
        ),
        published=PublishedFigures(**metrics["published"]) if metrics["published"] else None,
        environment=environment,
    )


def _flat_scores(scores: BinaryScores) -> dict[str, Any]:
    flat: dict[str, Any] = {"examples": scores.examples}
    for name in _SCORES:
        score: Score = getattr(scores, name)
        flat |= {name: score.value, f"{name}_ci": [score.interval.low, score.interval.high]}
    return flat | {"threshold": scores.threshold, "confusion_matrix": [list(row) for row in scores.confusion_matrix]}


def _scores(flat: dict[str, Any]) -> BinaryScores:
    (a, b), (c, d) = flat["confusion_matrix"]
    return BinaryScores(
        examples=flat["examples"],
        threshold=flat["threshold"],
        confusion_matrix=((a, b), (c, d)),
        **{name: Score(flat[name], Interval(*flat[f"{name}_ci"])) for name in _SCORES},
    )


def _predictions(arrays: dict[str, Any], part: str) -> Predictions:
    return Predictions(arrays[f"{part}/labels"], arrays[f"{part}/probabilities"], arrays.get(f"{part}/groups"))


def _read_history(path: Path) -> dict[str, list[float]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}
