"""What a run's folder tells of a classifier: the fields of a `Result` as JSON and arrays, and back."""

from dataclasses import asdict
from typing import Any

from unspool.evaluation.result import (
    Baseline,
    BinaryScores,
    DataSummary,
    ExampleText,
    Predictions,
    PublishedFigures,
    Result,
)
from unspool.experiment.scores import Arrays, flat_score, flat_verdict, plain, read_score, read_verdict

_SCORES = ("auc", "balanced_accuracy", "accuracy", "brier")


def to_metrics(result: Result) -> dict[str, Any]:
    """What metrics.json holds beside what every run has."""
    return {
        "test": _flat(result.test),
        "validation": _flat(result.validation),
        "baselines": {b.name: {"title": b.title, "seconds": b.seconds} | _flat(b.scores) for b in result.baselines},
        "verdict": flat_verdict(result.verdict),
        "published": asdict(result.published) if result.published else None,
        "data": asdict(result.data),
    }


def to_arrays(result: Result) -> Arrays:
    """What predictions.npz holds."""
    arrays: Arrays = {f"baseline/{baseline.name}": baseline.probabilities for baseline in result.baselines}
    for part, predictions in (("validation", result.validation_predictions), ("test", result.test_predictions)):
        arrays |= {f"{part}/labels": predictions.labels, f"{part}/probabilities": predictions.probabilities}
        if predictions.groups is not None:
            arrays[f"{part}/groups"] = predictions.groups
    return arrays


def from_metrics(metrics: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """The fields of a `Result` that not every run has."""
    return {
        "data": read_data(metrics["data"]),
        "validation": _scores(metrics["validation"]),
        "test": _scores(metrics["test"]),
        "validation_predictions": _predictions(arrays, "validation"),
        "test_predictions": _predictions(arrays, "test"),
        "baselines": tuple(
            Baseline(
                name,
                plain(str, flat["title"]),
                _scores(flat),
                arrays[f"baseline/{name}"],
                plain(float, flat["seconds"]),
            )
            for name, flat in metrics["baselines"].items()
        ),
        "verdict": read_verdict(metrics["verdict"]),
        "published": plain(PublishedFigures, metrics["published"]) if metrics["published"] else None,
    }


def read_data(flat: dict[str, Any]) -> DataSummary:
    """The opposite of `asdict` for what is told of the data."""
    data = plain(DataSummary, flat)
    if isinstance(data.example, ExampleText) and len(data.example.ids) != len(data.example.words):
        raise ValueError("the example has not as many words as ids")
    if any(len(counts) != len(data.label_names) for counts in data.counts.values()):
        raise ValueError("a part has not as many counts as there are labels")
    return data


def _flat(scores: BinaryScores) -> dict[str, Any]:
    flat: dict[str, Any] = {"examples": scores.examples}
    for name in _SCORES:
        flat |= flat_score(name, getattr(scores, name))
    return flat | {"threshold": scores.threshold, "confusion_matrix": [list(row) for row in scores.confusion_matrix]}


def _scores(flat: dict[str, Any]) -> BinaryScores:
    return plain(BinaryScores, flat | {name: read_score(flat, name) for name in _SCORES})


def _predictions(arrays: Arrays, part: str) -> Predictions:
    return Predictions(arrays[f"{part}/labels"], arrays[f"{part}/probabilities"], arrays.get(f"{part}/groups"))
