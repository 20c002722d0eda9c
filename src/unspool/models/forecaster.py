"""A recurrent network that forecasts all steps at once: reads the last values, then what is known beside them."""

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
        cell: of the recurrent layer.
        units: width of its state, and of the hidden layer behind it.
        length: last values that are read.
        beside: numbers that are read beside them.
        horizon: steps that are forecast.
        dropout: share of the state's numbers set to 0 in training.
    """

    cell: Cell = "lstm"
    units: Units = 48
    length: Count
    beside: int = Field(ge=0, le=1 << 20)
    horizon: Count
    dropout: Rate = 0.1


def network_forecaster(config: NetworkForecaster, name: str = "forecaster") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Args:
        config: the description.
        name: of the model.

    Returns:
        A model from (batch, length, 1) scaled values and (batch, beside) numbers, if there are some, to
        (batch, horizon).

    Example:
        >>> network_forecaster(NetworkForecaster(length=24, beside=0, horizon=12)).output_shape
        (None, 12)
    """
    past = keras.Input((config.length, 1), name="past")
    state: Any = CELLS[config.cell](config.units, name=config.cell)(past)
    inputs = [past]
    if config.beside:
        inputs.append(keras.Input((config.beside,), name="beside"))
        state = keras.layers.Concatenate(name="together")([state, inputs[1]])
    if config.dropout:
        state = layers.Dropout(config.dropout, name="dropout")(state)
    hidden = keras.layers.Dense(config.units, activation="relu", name="hidden")(state)
    answer = keras.layers.Dense(config.horizon, kernel_initializer="zeros", name="head")(hidden)
    return keras.Model(inputs, answer, name=name)
