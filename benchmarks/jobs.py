"""From an item of a work and a peer's module to a function that does the item once."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.works import Item


def can(peer: ModuleType, item: Item) -> bool:
    """Whether a peer offers what an item asks for."""
    return hasattr(peer, item.task)


def job(peer: ModuleType, item: Item) -> Callable[[], Any]:
    """The function that does the item once; it returns the loss of an epoch, or an array."""
    make = getattr(peer, item.task)
    if item.task == "sgemm":
        return make(*np.random.default_rng(0).random((2, 2048, 2048), np.float32))
    weights = data.weights(item.spec)
    if item.task == "layer":
        return make(item.spec, weights, *_layer_data(item.spec))
    if item.task in ("train_buckets", "train_padded"):
        return make(item.spec, weights, *data.sequences(item.spec.examples, item.spec.length, item.spec.vocabulary))
    if item.task == "train":
        x, y = data.training_data(item.spec)
        return make(item.spec, weights, x, y, item.shuffle)
    ids, _ = data.training_data(item.spec)
    predict = make(item.spec, weights, item.batch_size) if item.task == "predict" else make(item.spec, weights)
    return lambda: predict(ids)


def _layer_data(spec: Any) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.standard_normal((spec.batch, spec.length, spec.width), np.float32)
    return x, random.standard_normal((spec.batch, spec.units), np.float32)
