"""Sequence to sequence: an encoder, a vector in the middle, a decoder. Trained to give back what it reads, it is an
autoencoder (Rumelhart, Hinton and Williams, 1986; of sequences: Srivastava, Mansimov and Salakhutdinov, 2015).
"""

import keras

from unspool.descriptions.inputs import Series
from unspool.descriptions.networks import Autoencoder
from unspool.models.seq2vec import seq2vec
from unspool.models.series import split_padding
from unspool.models.vec2seq import vec2seq

LOSSES = {"bernoulli": keras.losses.BinaryCrossentropy, "gaussian": keras.losses.MeanSquaredError}


def autoencoder(config: Autoencoder, inputs: Series) -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Its two halves are models of their own, which share its weights: `model.get_layer("encoder")` and
    `model.get_layer("decoder")`.

    Args:
        config: the description.
        inputs: what it reads and gives back. With `encoder.mask_padding`, a step that is NaN is padding.

    Returns:
        A model from (batch, length, features) to the same.

    Example:
        >>> from unspool.models import Seq2Vec, Vec2Seq
        >>> encoder = Seq2Vec(units=28, mask_padding=False, input_dropout=0.1, output_dropout=0.1, outputs=2)
        >>> model = autoencoder(Autoencoder(encoder=encoder, decoder=Vec2Seq(units=28)), Series(length=28, features=28))
        >>> model.count_params()
        10950
    """
    masked = config.encoder.mask_padding
    encoder = seq2vec(config.encoder, inputs, name="encoder")
    decoder = vec2seq(config.decoder, config.latent, inputs, mask_padding=masked, name="decoder")
    series = keras.Input((inputs.length, inputs.features), name="series")
    vector = encoder(series)
    return keras.Model(series, decoder([vector, split_padding(series)[1]] if masked else vector), name="autoencoder")


def reconstruction_loss(config: Autoencoder) -> keras.losses.Loss:
    """The loss that fits the sequences' numbers; with weights (see `targets_and_weights`) it counts no padding."""
    return LOSSES[config.decoder.output](reduction="mean_with_sample_weight")
