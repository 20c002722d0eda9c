"""Models to files, for use rather than for further training."""

from pathlib import Path

import keras

from unspool import keras_internals
from unspool.models.encoding_decoding import SequenceToSequence


def save_model(model: keras.Model, path: Path) -> None:
    """Write a .keras file with the model and its weights, without the optimizer's state and the compilation.

    Adam's state alone is twice as large as the weights. Nothing is copied, and the model itself stays compiled.

    Args:
        model: built. A model of a class that is not unspool's is saved as Keras does it, with everything.
        path: of the file, ending in .keras.

    Example:
        >>> import tempfile
        >>> from unspool.models import Seq2Vec, Tokens, seq2vec
        >>> from unspool.models.loading import load_model
        >>> model = seq2vec(Seq2Vec(units=4), Tokens(size=10))
        >>> model.compile("adam", "binary_crossentropy")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(model, Path(folder) / "model.keras")
        ...     load_model(Path(folder) / "model.keras").compiled
        False
    """
    if model.compiled and keras_internals.is_functional(model):
        model = keras.Model(model.input, model.output, name=model.name)  # the same layers, not compiled
    elif model.compiled and isinstance(model, SequenceToSequence):
        plain = type(model).from_config(model.get_config())
        plain.build()
        plain.set_weights(model.get_weights())
        model = plain
    model.save(path)
