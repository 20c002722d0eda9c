"""What encoders and decoders have in common: layers that read a sequence step by step."""

from typing import Any, Literal

import keras

from unspool import layers
from unspool.descriptions.networks import Recurrent

Gives = Literal["all", "last", "mean_max", "flatten"]

CELLS: dict[str, Any] = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


def recurrent_layers(config: Recurrent, steps: Any, present: Any = None, *, gives: Gives, beside: Any = None) -> Any:
    """Put the recurrent layers of a description, and what follows them, upon a symbolic tensor.

    Args:
        config: the description; its `input_dropout` is the caller's to apply.
        steps: (B, T, D).
        present: (B, T), which steps are there, or None: all, unless Keras has attached a mask to `steps`.
        gives: the state after every step ("all"), after the last, mean and maximum over all ("mean_max"), or all
            states side by side ("flatten").
        beside: (B, E), already pooled, to stand beside mean and maximum; or None.

    Returns:
        (B, T, config.width), (B, config.width), (B, 2 config.width + E) or (B, T * config.width).
    """
    states = steps
    for number in range(1, config.layers + 1):
        last = number == config.layers
        name = config.cell if config.layers == 1 else f"{config.cell}_{number}"
        layer = CELLS[config.cell](config.units, return_sequences=gives != "last" or not last, name=name)
        if config.bidirectional:
            layer = layers.Bidirectional(layer, name=f"bidirectional_{name}")
        states = layer(states, mask=present)
    if gives == "mean_max":
        states = layers.MeanMaxPooling1D(name="pooling")(states, mask=present)
    elif gives == "flatten":
        states = layers.FlattenSteps(name="flatten")(states, mask=present)
    if beside is not None:
        states = keras.layers.Concatenate(name="with_bigrams")([states, beside])
    if config.batch_normalization:
        normalization = keras.layers.BatchNormalization(name="batch_normalization")
        states = normalization(states, mask=present if gives == "all" else None)
    if config.output_dropout:
        states = layers.Dropout(config.output_dropout, name="output_dropout")(states)
    return states
