"""What a run's folder tells of it: metrics.json, history.csv, environment.json, predictions.npz, written and read."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from unspool.data.numpy_files import read_npz
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.forecasted import Forecasted
from unspool.evaluation.pictures import LatentWalk, Pictures, Projection
from unspool.evaluation.result import (
    Baseline,
    BothDirections,
    Candidate,
    DataSummary,
    ExampleText,
    LayerSummary,
    ParameterCounts,
    Predictions,
    Result,
    Scores,
)
from unspool.evaluation.tagged import TaggedExamples
from unspool.evaluation.translated import Translated
from unspool.files import DAMAGE, read_bounded, reason_of
from unspool.runs.checking.certificate_file import read_certificate
from unspool.runs.records.earlier_record import as_written_today
from unspool.runs.records.flat_scores import Arrays, flat_score, flat_verdict, plain, read_score, read_verdict
from unspool.runs.records.folder import CERTIFICATE, ENVIRONMENT, HISTORY, METRICS, PREDICTIONS, check_run
from unspool.strict_json import as_lossless_json
from unspool.tasks import task_named
from unspool.tasks.tagging import NO_STEP

MOST = 1e150
"""Of a number in a record: its square is finite."""
MOST_LISTED = 1000
"""Candidates, layers and baselines of a run: each has a row in the report."""

_PLAIN: dict[str, Any] = {
    "task": str,
    "recipe": str,
    "title": str,
    "description": str,
    "protocol": str,
    "seed": int,
    "command": str,
    "epochs": int,
    "best_epoch": int,
    "both_directions": BothDirections | None,
    "seconds": float,
    "training_seconds": float,
    "parameters": ParameterCounts,
    "layers": tuple[LayerSummary, ...],
    "candidates": tuple[Candidate, ...],
    "compared_by": str | None,
    "by_time": bool,
    "network_stopped": bool,
    "transformed": str,
    "tagged": TaggedExamples | None,
    "translated": Translated | None,
    "forecasted": Forecasted | None,
    "published": PublishedFigures | None,
}
"""The fields of a result that JSON holds as they are, with their types."""

_LATER = ("both_directions", "compared_by", "transformed", "translated", "forecasted")
"""Of these, what folders from before have not."""


@dataclass(frozen=True)
class _Latent:
    """What `latent_details` gives."""

    dimensions: int
    trustworthiness: float
    neighbours_accuracy: float | None
    neighbours_accuracy_ci: tuple[float, float] | None
    trustworthiness_examples: int | None = None


@dataclass(frozen=True)
class _Words:
    """What `measures.translation.details_of` gives."""

    quantiles: tuple[float, ...]
    references: tuple[float, ...]
    translations: tuple[float, ...]
    ratio: float
    shorter: float
    longer: float


_DETAILS: dict[str, Any] = {
    "confusion_matrix": tuple[tuple[int, int], tuple[int, int]],
    "latent": _Latent | None,
    "signatures": dict[str, str],
    "words": _Words,
    "constant": int,
}
"""What a report shows of `Scores.details`, with its types: JSON holds it as it is."""

# Those that are arrays; the others are taken apart.
_PICTURES = tuple(
    field.name for field in fields(Pictures) if field.name not in ("projection", "walk", "interpolation_labels")
)


def write_result(result: Result, folder: Path) -> None:
    """Write metrics.json, history.csv, environment.json and predictions.npz."""
    (folder / METRICS).write_text(as_lossless_json(to_metrics(result), indent=2) + "\n", encoding="utf-8")
    (folder / ENVIRONMENT).write_text(json.dumps(result.environment, indent=2) + "\n", encoding="utf-8")
    write_history(result.history, folder / HISTORY)
    np.savez_compressed(folder / PREDICTIONS, allow_pickle=False, **_arrays(result))


def write_history(history: dict[str, list[float]], path: Path) -> None:
    """Write a row for each epoch."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *history])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*history.values(), strict=True), start=1))


def read_result(folder: Path) -> Result:
    """Read a run's folder, of this version or an earlier one.

    Raises:
        UserError: it is not a run's folder, or a file in it is damaged, which is named.
    """
    check_run(folder)
    with _naming(folder / METRICS):
        metrics = json.loads(read_bounded(folder / METRICS), parse_float=_number, parse_int=_whole)
    with _naming(folder / PREDICTIONS):
        arrays = _bounded(read_npz(folder / PREDICTIONS))
    with _naming(folder / METRICS):
        metrics, arrays = as_written_today(metrics, arrays)
        recorded = _read_metrics(metrics)
    with _naming(folder / PREDICTIONS):
        _check_predictions(arrays, recorded["test"].examples, len(recorded["data"].label_names))
        predictions = Predictions(arrays["test/targets"], arrays["test/outputs"], arrays.get("test/groups"))
    with _naming(folder / METRICS):
        baselines = tuple(_read_baseline(name, flat, arrays) for name, flat in metrics["baselines"].items())
        pictures = _read_pictures(metrics["pictures"], arrays) if metrics["pictures"] else None
    with _naming(folder / HISTORY):
        history = _read_history(folder / HISTORY, recorded["epochs"])
    with _naming(folder / ENVIRONMENT):
        environment = plain(dict[str, str], json.loads(read_bounded(folder / ENVIRONMENT)))
    with _naming(folder / CERTIFICATE):
        certificate = read_certificate(folder)
    return Result(
        **recorded,
        history=history,
        environment=environment,
        certificate=certificate,
        test_predictions=predictions,
        baselines=baselines,
        pictures=pictures,
    )


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name a file in errors of its content.

    Raises:
        UserError: an error of damage was raised in the block.
    """
    try:
        yield
    except (*DAMAGE, UserError) as error:
        raise UserError(
            f"{path} is damaged: {type(error).__name__}: {reason_of(error)}. Run the recipe again."
        ) from error


def _read_metrics(metrics: dict[str, Any]) -> dict[str, Any]:
    """The fields of a result that metrics.json holds without arrays.

    Raises:
        ValueError, LookupError, TypeError, UserError: it is damaged.
    """
    known = task_named(metrics["task"]).known_measures()
    for name in ("candidates", "layers", "baselines"):
        if len(metrics[name]) > MOST_LISTED:
            raise ValueError(f"there are {len(metrics[name]):,} {name}")
    verdict, test = read_verdict(metrics["verdict"]), _read_scores(metrics["test"])
    if verdict.measure not in known or verdict.measure not in test.figures:
        raise ValueError(f"its verdict rests on {verdict.measure[:80]!r}, which it was not scored by")
    return {
        name: plain(kind, metrics[name]) for name, kind in _PLAIN.items() if name in metrics or name not in _LATER
    } | {
        "data": _read_data(metrics["data"]),
        "validation": _read_scores(metrics["validation"]),
        "test": test,
        "verdict": verdict,
    }


def to_metrics(result: Result) -> dict[str, Any]:
    """The content of metrics.json: everything but arrays, curves and environment."""
    baselines = {one.name: {"title": one.title, "seconds": one.seconds} | _flat(one.scores) for one in result.baselines}
    return {name: _as_plain(getattr(result, name)) for name in _PLAIN} | {
        "test": _flat(result.test),
        "validation": _flat(result.validation),
        "baselines": baselines,
        "verdict": flat_verdict(result.verdict),
        "data": asdict(result.data),
        "pictures": _flat_pictures(result.pictures) if result.pictures else None,
    }


def _as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(one) for one in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _flat(scores: Scores) -> dict[str, Any]:
    flat: dict[str, Any] = {"examples": scores.examples, "threshold": scores.threshold}
    for name, one in scores.figures.items():
        flat |= flat_score(name, one)
    return flat | scores.details


def _read_scores(flat: dict[str, Any]) -> Scores:
    named = [key.removesuffix("_ci") for key in flat if key.endswith("_ci")]
    figures = {name: one for name in named if (one := read_score(flat, name)) is not None}
    known = {"examples", "threshold", *named, *(f"{name}_ci" for name in named)}
    details = {key: value for key, value in flat.items() if key not in known}
    for name, kind in _DETAILS.items():
        if name in details:
            plain(kind, details[name])
    return Scores(plain(int, flat["examples"]), figures, plain(float | None, flat["threshold"]), details)  # type: ignore[arg-type]


def _read_baseline(name: str, flat: dict[str, Any], arrays: Arrays) -> Baseline:
    scores = _read_scores({key: value for key, value in flat.items() if key not in ("title", "seconds")})
    return Baseline(name, plain(str, flat["title"]), scores, arrays[f"baseline/{name}"], plain(float, flat["seconds"]))


def _read_data(flat: dict[str, Any]) -> DataSummary:
    data = plain(DataSummary, flat)
    if isinstance(data.example, ExampleText) and len(data.example.ids) != len(data.example.words):
        raise ValueError("the example has not as many words as ids")
    if any(len(counts) != len(data.label_names) for counts in data.counts.values()):
        raise ValueError("a part has not as many counts as there are labels")
    return data


def _arrays(result: Result) -> Arrays:
    arrays: Arrays = {f"baseline/{baseline.name}": baseline.outputs for baseline in result.baselines}
    arrays |= {"test/targets": result.test_predictions.targets, "test/outputs": result.test_predictions.outputs}
    if result.test_predictions.groups is not None:
        arrays["test/groups"] = result.test_predictions.groups
    if result.pictures is not None:
        arrays |= {f"pictures/{name}": getattr(result.pictures, name) for name in _PICTURES}
        if result.pictures.projection:
            arrays["pictures/projection"] = result.pictures.projection.vectors
        if result.pictures.walk:
            arrays["pictures/walk"] = result.pictures.walk.tiles
    return arrays


def _flat_pictures(pictures: Pictures) -> dict[str, Any]:
    return {
        "interpolation_labels": list(pictures.interpolation_labels),
        "projection": pictures.projection.title if pictures.projection else None,
        "walk": {"low": pictures.walk.low, "high": pictures.walk.high} if pictures.walk else None,
    }


def _read_pictures(told: dict[str, Any], arrays: Arrays) -> Pictures:
    projection, walk = told["projection"], told["walk"]
    return Pictures(
        **{name: np.asarray(arrays[f"pictures/{name}"]) for name in _PICTURES},
        interpolation_labels=plain(tuple[int, int], told["interpolation_labels"]),
        projection=Projection(arrays["pictures/projection"], plain(str, projection)) if projection else None,
        walk=(LatentWalk(arrays["pictures/walk"], _corner(walk["low"]), _corner(walk["high"])) if walk else None),
    )


def _corner(ends: Any) -> tuple[float, float]:
    corner = plain(tuple[float, float], ends)
    if not np.isfinite(corner).all():
        raise ValueError("a corner of the latent space is not finite")
    return corner


def _number(text: str) -> float:
    """A number that can be drawn and told; sums and spans of larger ones are infinite."""
    number = float(text)
    if not -MOST <= number <= MOST:
        raise ValueError(f"{text[:40]} is larger than any number in a record")
    return number


def _whole(text: str) -> int:
    _number(text)
    return int(text)


def _bounded(arrays: Arrays) -> Arrays:
    for name, array in arrays.items():
        if array.dtype == np.float64 and (np.abs(array[np.isfinite(array)]) > MOST).any():
            raise ValueError(f"array {name[:80]!r} holds a number larger than any in a record")
    return arrays


def _check_predictions(arrays: Arrays, examples: int, labels: int) -> None:
    """Make sure that the predictions, which someone may have altered, are numbers, a row for each test example."""
    targets = arrays["test/targets"]
    if targets.dtype.kind == "i" and not ((targets >= NO_STEP) & (targets < max(labels, 2))).all():
        raise ValueError(f"a target is not one of {labels:,} labels")
    for name, array in arrays.items():
        if not name.startswith(("test/", "baseline/")):
            continue
        if array.dtype.kind not in "biuf" or array.ndim == 0 or len(array) != examples:
            raise ValueError(
                f"array {name[:80]!r} is of {array.dtype} and the shape {array.shape}, not {examples:,} rows of numbers"
            )
        if name != "test/targets" and not np.isfinite(array).all():
            raise ValueError(f"array {name[:80]!r} holds NaN or infinity")


def _read_history(path: Path, epochs: int) -> dict[str, list[float]]:
    rows = list(csv.DictReader(io.StringIO(read_bounded(path).decode(), newline="")))
    if len(rows) != epochs:
        raise ValueError(f"{path.name} has {len(rows)} epochs, not {epochs}")
    names = [name for name in rows[0] if name != "epoch"] if rows else []
    return {name: [float(row[name]) for row in rows] for name in names}
