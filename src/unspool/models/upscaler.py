"""An image's rows to more rows, each of more pixels: a recurrent network that draws what lies between pixels."""

import keras

from unspool.descriptions.inputs import Series
from unspool.descriptions.networks import Upscaler
from unspool.models.recurrent import recurrent_layers


def upscaler(config: Upscaler, inputs: Series, name: str = "upscaler") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Each row that is read becomes `factor` rows. The network predicts what to add to the image with its pixels
    repeated: at first, almost nothing.

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
    factor, length, features = config.factor, inputs.length, inputs.features
    read = keras.Input((length, features), name="image")
    states = recurrent_layers(config, read, gives="all")
    details = keras.layers.Dense(factor * factor * features, name="head")(states)
    pixels = keras.layers.Reshape((length, features, 1), name="pixels")(read)
    columns = keras.layers.Concatenate(name="repeated_pixels")([pixels] * factor)
    columns = keras.layers.Reshape((length, factor * features), name="columns")(columns)
    rows = keras.layers.Concatenate(name="repeated_rows")([columns] * factor)
    drawn = keras.layers.Add(name="with_details")([rows, details])
    image = keras.layers.Reshape((factor * length, factor * features), name="rows")(drawn)
    return keras.Model(read, image, name=name)
