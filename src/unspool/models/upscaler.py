"""An image's rows to more rows, each of more pixels: a recurrent network that draws what lies between pixels."""

import keras
from keras import ops

from unspool.descriptions.inputs import Series
from unspool.descriptions.networks import Upscaler
from unspool.models.recurrent import recurrent_layers


def upscaler(config: Upscaler, inputs: Series, name: str = "upscaler") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Each row that is read becomes `factor` rows. The network gives what is to be added to the image whose pixels are
    repeated: at first almost nothing.

    Args:
        config: the description.
        inputs: the image that it reads, a row a time step.
        name: of the model.

    Returns:
        A model from (batch, length, features) to (batch, factor length, factor features).

    Example:
        >>> upscaler(Upscaler(units=8, factor=2), Series(length=4, features=5)).output_shape
        (None, 8, 10)
    """
    factor, width = config.factor, config.factor * inputs.features
    read = keras.Input((inputs.length, inputs.features), name="image")
    states = recurrent_layers(config, read, gives="all")
    drawn = keras.layers.Dense(factor * width, name="head")(states)
    drawn = keras.layers.Reshape((factor * inputs.length, width), name="rows")(drawn)
    repeated = ops.repeat(ops.repeat(read, factor, axis=1), factor, axis=2)
    return keras.Model(read, keras.layers.Add(name="image_and_details")([drawn, repeated]), name=name)
