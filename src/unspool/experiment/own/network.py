"""The Keras model for a task: built, trained, and its answers in the labels' own terms."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import LabelCodec
from unspool.data.task import Task
from unspool.experiment.own.reading import Inputs, Reader
from unspool.models.seq2vec import Seq2Vec, seq2vec
from unspool.training import predict

PREDICTION_BATCH = 64

LOSSES: dict[Task, str] = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "regression": "mse",
}
_METRICS: dict[Task, list[str]] = {
    "binary": ["accuracy"],
    "multiclass": ["accuracy"],
    "multilabel": [],
    "regression": ["mae"],
}


def built(config: Seq2Vec, reader: Reader) -> keras.Model:
    """Build a model, its weights drawn from Keras's global seed.

    Args:
        config: with the head that the task needs (`recipe.for_task`).
        reader: gives what it reads.
    """
    return seq2vec(config, reader.inputs)


def compiled(model: keras.Model, task: Task, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Compile a model with the loss of its task."""
    model.compile(optimizer, loss=LOSSES[task], metrics=_METRICS[task])
    return model


def answers(model: keras.Model, inputs: Inputs, codec: LabelCodec) -> NDArray[np.float64]:
    """Compute what a model says of N inputs.

    Returns:
        (N,) the probability of the second label for a binary task; (N, classes) probabilities for several classes and
        for several labels at once; (N,) numbers in the labels' own unit for regression.
    """
    outputs: NDArray[Any] = predict(model, inputs, batch_size=PREDICTION_BATCH).astype(np.float64)
    if codec.task == "regression":
        return np.array(codec.decode(outputs))
    return outputs[:, 0] if codec.task == "binary" else outputs


def decisions(found: NDArray[np.float64], codec: LabelCodec, threshold: float) -> tuple[list[Any], list[Any]]:
    """Read answers as labels.

    Args:
        found: from `answers`.
        codec: knows the labels.
        threshold: a probability at or above it is a yes, for a binary task and for each of several labels.

    Returns:
        N labels (a name, several names, or a number), and N probabilities: that of the label, or a dict with that of
        each of several labels; none for regression.

    Example:
        >>> codec = LabelCodec.fit(["neg", "pos"])
        >>> decisions(np.array([0.25, 0.75]), codec, threshold=0.5)
        (['neg', 'pos'], [0.75, 0.75])
    """
    if codec.task == "regression":
        return found.tolist(), []
    if codec.task == "binary":
        yes = found >= threshold
        return codec.decode(yes.astype(np.int64)), np.where(yes, found, 1 - found).tolist()
    if codec.task == "multiclass":
        best = found.argmax(axis=1)
        return codec.decode(best), found.max(axis=1).tolist()
    return codec.decode(found >= threshold), [dict(zip(codec.names, row, strict=True)) for row in found.tolist()]
