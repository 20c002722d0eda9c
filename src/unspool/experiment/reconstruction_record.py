"""What a run's folder tells of an autoencoder: the fields of a `ReconstructionResult` as JSON and arrays, and back."""

from dataclasses import asdict, fields
from typing import Any

import numpy as np

from unspool.evaluation.reconstruction_result import (
    LatentScores,
    LatentWalk,
    Pictures,
    Projection,
    ReconstructionBaseline,
    ReconstructionResult,
    ReconstructionScores,
    SeriesSummary,
)
from unspool.experiment.scores import Arrays, flat_score, flat_verdict, plain, read_score, read_verdict

_SCORES = ("cross_entropy", "excess", "mse", "psnr")
# Those that are arrays; the others are taken apart.
_PICTURES = tuple(
    field.name for field in fields(Pictures) if field.name not in ("projection", "walk", "interpolation_labels")
)


def to_metrics(result: ReconstructionResult) -> dict[str, Any]:
    """What metrics.json holds beside what every run has."""
    pictures = result.pictures
    return {
        "test": _flat(result.test),
        "validation": _flat(result.validation),
        "latent": _flat_latent(result.latent),
        "baselines": {
            b.name: {"title": b.title, "seconds": b.seconds, "latent": _flat_latent(b.latent)} | _flat(b.scores)
            for b in result.baselines
        },
        "verdict": flat_verdict(result.verdict),
        "data": asdict(result.data),
        "pictures": {
            "interpolation_labels": list(pictures.interpolation_labels),
            "projection": pictures.projection.title if pictures.projection else None,
            "walk": {"low": pictures.walk.low, "high": pictures.walk.high} if pictures.walk else None,
        },
    }


def to_arrays(result: ReconstructionResult) -> Arrays:
    """What predictions.npz holds."""
    arrays: Arrays = {f"pictures/{name}": getattr(result.pictures, name) for name in _PICTURES}
    arrays["test/losses"] = result.test_losses
    arrays |= {f"baseline/{baseline.name}": baseline.losses for baseline in result.baselines}
    if result.pictures.projection:
        arrays["pictures/projection"] = result.pictures.projection.vectors
    if result.pictures.walk:
        arrays["pictures/walk"] = result.pictures.walk.tiles
    return arrays


def from_metrics(metrics: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """The fields of a `ReconstructionResult` that not every run has."""
    return {
        "data": plain(SeriesSummary, metrics["data"]),
        "validation": _scores(metrics["validation"]),
        "test": _scores(metrics["test"]),
        "test_losses": arrays["test/losses"],
        "latent": _latent(metrics["latent"]),
        "baselines": tuple(
            ReconstructionBaseline(
                name,
                plain(str, flat["title"]),
                _scores(flat),
                _latent(flat["latent"]),
                arrays[f"baseline/{name}"],
                plain(float, flat["seconds"]),
            )
            for name, flat in metrics["baselines"].items()
        ),
        "verdict": read_verdict(metrics["verdict"]),
        "pictures": _pictures(metrics["pictures"], arrays),
    }


def _pictures(told: dict[str, Any], arrays: Arrays) -> Pictures:
    projection, walk = told["projection"], told["walk"]
    return Pictures(
        **{name: np.asarray(arrays[f"pictures/{name}"]) for name in _PICTURES},
        interpolation_labels=plain(tuple[int, int], told["interpolation_labels"]),
        projection=Projection(arrays["pictures/projection"], plain(str, projection)) if projection else None,
        walk=(LatentWalk(arrays["pictures/walk"], _corner(walk["low"]), _corner(walk["high"])) if walk else None),
    )


def _corner(ends: Any) -> tuple[float, float]:
    return plain(tuple[float, float], ends)


def _flat(scores: ReconstructionScores) -> dict[str, Any]:
    flat: dict[str, Any] = {"examples": scores.examples}
    for name in _SCORES:
        flat |= flat_score(name, getattr(scores, name))
    return flat


def _scores(flat: dict[str, Any]) -> ReconstructionScores:
    return plain(ReconstructionScores, flat | {name: read_score(flat, name) for name in _SCORES})


def _flat_latent(latent: LatentScores | None) -> dict[str, Any] | None:
    if latent is None:
        return None
    plain = ("dimensions", "trustworthiness", "trustworthiness_examples")
    return {name: getattr(latent, name) for name in plain} | flat_score(
        "neighbours_accuracy", latent.neighbours_accuracy
    )


def _latent(flat: dict[str, Any] | None) -> LatentScores | None:
    if flat is None:
        return None
    return plain(LatentScores, flat | {"neighbours_accuracy": read_score(flat, "neighbours_accuracy")})
