"""Vector to sequence: a recurrent decoder, which reads one vector again and again and gives a row at every step.

Without recurrent layers, it gives all rows at once.
"""

import keras
from keras import ops

from unspool import layers
from unspool.descriptions.config import Count
from unspool.descriptions.inputs import Series
from unspool.descriptions.networks import Vec2Seq
from unspool.models.recurrent import recurrent_layers

ACTIVATIONS = {"bernoulli": "sigmoid", "gaussian": "linear"}


def vec2seq(
    config: Vec2Seq, width: Count, outputs: Series, *, mask_padding: bool = False, name: str = "vec2seq"
) -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Args:
        config: the description.
        width: of the vector that it reads.
        outputs: what it gives.
        mask_padding: the sequences have different lengths; the decoder then reads, beside the vector, which steps are
            there: (batch, length) booleans.
        name: of the model.

    Returns:
        A model from (batch, width) to (batch, length, features); with `mask_padding` from a list of both inputs.

    Example:
        >>> decoder = vec2seq(Vec2Seq(cell="lstm", units=28), 2, Series(length=28, features=28))
        >>> decoder.count_params(), decoder.output_shape
        (4396, (None, 28, 28))
    """
    vector = read = keras.Input((width,), name="vector")
    present = keras.Input((outputs.length,), dtype="bool", name="present") if mask_padding else None
    if config.input_dropout:
        vector = layers.Dropout(config.input_dropout, name="input_dropout")(vector)
    if config.layers:
        repeated = layers.RepeatVector(outputs.length, name="repeat")(vector)
        states = recurrent_layers(config, repeated, present, gives="all")
        row = keras.layers.Dense(outputs.features, activation=ACTIVATIONS[config.output])
        sequence = layers.TimeDistributed(row, name="rows")(states)
    else:
        given = recurrent_layers(config, vector, gives="last")
        numbers = outputs.length * outputs.features
        flat = keras.layers.Dense(numbers, activation=ACTIVATIONS[config.output], name="numbers")(given)
        sequence = keras.layers.Reshape((outputs.length, outputs.features), name="rows")(flat)
        if present is not None:
            sequence = ops.where(ops.expand_dims(present, -1), sequence, 0.0)
    return keras.Model(read if present is None else [read, present], sequence, name=name)
