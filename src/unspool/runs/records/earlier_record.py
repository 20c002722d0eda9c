"""The record of a run by an earlier version, in the form of today."""

from typing import Any

import numpy as np

from unspool.runs.records.flat_scores import Arrays

_STOPPED = "training of the network was stopped after"
"""In the notes of candidates, which alone said so until 2 December 2026."""


def as_written_today(metrics: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    """Bring metrics.json and predictions.npz of any version into the form that `record` writes.

    Up to 0.1 there were three kinds of run: classifiers of named datasets, other tasks, and autoencoders.

    Raises:
        KeyError, TypeError, ValueError: they are damaged.
    """
    stopped = any(_STOPPED in one.get("note", "") for one in metrics.get("candidates", ()))
    metrics = {"by_time": False, "network_stopped": stopped} | metrics  # what 0.1 added
    for example in (metrics.get("translated") or {}).get("examples", ()):
        if "chrf" in example:  # by which all were ranked until 26 November 2026
            example["score"] = example.pop("chrf")
    kind = metrics.get("kind")
    if kind is None:
        return metrics, arrays
    metrics = {"candidates": [], "tagged": None, "published": None, "pictures": None, "training_seconds": 0.0} | metrics
    if kind == "classification":
        arrays = arrays | {"test/targets": arrays["test/labels"], "test/outputs": arrays["test/probabilities"]}
        return metrics | {"task": "binary"}, arrays
    return _of_autoencoder(metrics, arrays) if kind == "reconstruction" else (metrics, arrays)


def _of_autoencoder(metrics: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    data = metrics["data"]
    data = {key: value for key, value in data.items() if key not in ("length", "features", "counts")} | {
        "examples": data["counts"],
        "steps": [data["length"], data["features"]],
    }
    latent = {"latent": metrics["latent"]}
    bernoulli = metrics["test"]["cross_entropy"] is not None

    def scores(flat: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
        known = {key: value for key, value in flat.items() if value is not None}
        return {"threshold": None} | known | more

    baselines = {name: scores(flat, {"latent": flat.get("latent")}) for name, flat in metrics["baselines"].items()}
    columns = {"test/outputs": _columns(arrays["test/losses"], bernoulli)}
    columns |= {f"baseline/{name}": _columns(arrays[f"baseline/{name}"], bernoulli) for name in baselines}
    labels = arrays["pictures/latent_labels"]
    return metrics | {
        "task": "reconstruction",
        "data": data,
        "test": scores(metrics["test"], latent),
        "validation": scores(metrics["validation"], {}),
        "baselines": baselines,
    }, arrays | columns | {"test/targets": labels}


def _columns(losses: Any, bernoulli: bool) -> Any:
    """(N, 1) or (N, 3) errors, of which earlier versions kept the loss alone; the others are 0."""
    losses = np.asarray(losses, dtype=np.float64)
    return np.stack([np.zeros_like(losses), losses, np.zeros_like(losses)], axis=1) if bernoulli else losses[:, None]
