"""A check that an embedding has a vector for each id: Keras reads others as NaN, or as another id's vector."""

from typing import Any

import keras
import numpy as np

from unspool.data.ragged import Ragged
from unspool.keras_internals import readers_of_inputs
from unspool.training.examples import Examples, is_ragged
from unspool.training.places import place_of


def check_ids(model: keras.Model, examples: Examples, name: str = "x") -> None:
    """Check that the embeddings that read a model's inputs have vectors for all ids.

    Only embeddings that read an input itself in a graph of layers are checked.

    Args:
        model: built.
        examples: the inputs.
        name: what to call the inputs in messages.

    Raises:
        ValueError: there is an id without a vector; gives the first, its position, and what to do.
    """
    for number, called, layer in readers_of_inputs(model):
        if not isinstance(layer, keras.layers.Embedding):
            continue
        if isinstance(examples.x, dict):
            ids, where = examples.x.get(called), f"{name}[{called!r}]"
        else:
            inputs = keras.tree.flatten(examples.x)
            ids = inputs[number] if number < len(inputs) else None
            where = f"{name}[{number}]" if len(inputs) > 1 else name
        if ids is not None:
            _check(ids, layer, where)


def _check(ids: Any, layer: keras.layers.Embedding, name: str) -> None:
    begun, count = 0, int(layer.input_dim)
    for piece in ids.pieces() if is_ragged(ids) else [ids]:
        values = piece.flat if isinstance(piece, Ragged) else np.asarray(piece)
        if values.size and not (values.min() >= 0 and values.max() < count and _whole(values).all()):
            within = (values >= 0) & (values < count)
            wrong = ~(within & _whole(values))
            at = tuple(map(int, np.unravel_index(int(np.argmax(wrong)), wrong.shape)))
            place = place_of(piece, begun, at, by_step=values.ndim > 1 or isinstance(piece, Ragged))
            if within[at]:
                raise ValueError(
                    f"{name} has the id {values[at]:g} in {place}, but the layer {layer.name!r} takes whole numbers: "
                    f"Keras would cut it to {int(values[at])}. An embedding reads ids of tokens. Give quantities to a "
                    "model without it, or round the ids."
                )
            raise ValueError(
                f"{name} has the id {values[at]:g} in {place}, but the layer {layer.name!r} has vectors for ids from 0 "
                f"to {count - 1:,}. Number the tokens from 0, or give the layer a larger input_dim."
            )
        begun += len(piece)


def _whole(values: Any) -> Any:
    """Which numbers are whole: of integers, at no cost, one answer for all."""
    return values == np.trunc(values) if values.dtype.kind == "f" else np.True_
