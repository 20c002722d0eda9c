"""A recurrent encoder and decoder that forecast: one reads the last values, one what is known of each next step."""

from typing import Any

import keras
from pydantic import Field

from unspool import layers
from unspool.descriptions.config import Cell, Count, Rate, Units, description
from unspool.models.recurrent import CELLS


@description(frozen=True, kw_only=True)
class NetworkForecaster:
    """What is built.

    Attributes:
        cell: of both recurrent layers.
        units: width of their states, and of the hidden layer behind them.
        length: last values that are read.
        beside: numbers that are read beside them.
        ahead: numbers that are known of each step that is forecast.
        horizon: steps that are forecast.
        dropout: share of the decoder's numbers set to 0 in training.
    """

    cell: Cell = "lstm"
    units: Units = 48
    length: Count
    beside: int = Field(ge=1, le=1 << 20)
    ahead: int = Field(ge=1, le=1 << 20)
    horizon: Count
    dropout: Rate = 0.1


def network_forecaster(config: NetworkForecaster) -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    The decoder begins with the state in which the encoder ended, and never reads its own forecasts: all steps are
    forecast at once.

    Returns:
        A model from (batch, length, 1) scaled values, (batch, beside) and (batch, horizon, ahead) numbers to
        (batch, horizon).

    Example:
        >>> network_forecaster(NetworkForecaster(length=24, beside=3, ahead=4, horizon=12)).output_shape
        (None, 12)
    """
    past = keras.Input((config.length, 1), name="past")
    beside = keras.Input((config.beside,), name="beside")
    ahead = keras.Input((config.horizon, config.ahead), name="ahead")
    count = 2 if config.cell == "lstm" else 1
    cell: Any = CELLS[config.cell]
    _, *ends = cell(config.units, return_state=True, name="encoder")(past)
    together = keras.layers.Concatenate(name="together")([*ends[:1], beside])
    first = [keras.layers.Dense(config.units, "tanh", name=f"first_{number}")(together) for number in range(count)]
    states = cell(config.units, return_sequences=True, name="decoder")(ahead, initial_state=first)
    if config.dropout:
        states = layers.Dropout(config.dropout, name="dropout")(states)
    hidden = keras.layers.Dense(config.units, "relu", name="hidden")(states)
    # What is linear in the known numbers goes past the network.
    read = keras.layers.Concatenate(name="read")([hidden, ahead])
    answer = keras.layers.Dense(1, kernel_initializer="zeros", name="head")(read)
    return keras.Model([past, beside, ahead], keras.layers.Flatten(name="steps")(answer), name="forecaster")
