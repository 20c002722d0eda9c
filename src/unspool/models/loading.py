"""Models from files, which may come from a stranger: the only way by which unspool loads one."""

import math
import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import keras
import numpy as np

from unspool.errors import UserError
from unspool.files import expanded, reason_of
from unspool.keras_internals import shapes_made
from unspool.models.keras_file import KerasFile, Refused, read_keras_file

MOST_OF_EXAMPLE = 1 << 24
"""Numbers that a layer makes of one example, where a model fixes its length: a batch has some hundreds of these."""


def load_model(path: str | PathLike[str]) -> keras.Model:
    """Read a model from a .keras file that is checked first (see `keras_file`); it is not compiled.

    Returns:
        A model of Keras's and unspool's layers.

    Raises:
        UserError: there is no such file, it is damaged, or it holds something that no such model needs.

    Example:
        >>> import tempfile
        >>> from unspool.models import Seq2Vec, Tokens, seq2vec
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     seq2vec(Seq2Vec(units=4), Tokens(size=10)).save(Path(folder) / "model.keras")
        ...     load_model(Path(folder) / "model.keras").count_params()
        1765
    """
    path = expanded(path)
    file = _checked(path)
    try:
        return _with_weights(lambda: _described(file), path, file, "it")
    except Refused as error:
        raise _refusal(path, error) from error
    except Exception as error:  # a damaged file makes Keras raise whatever the damage leads to
        raise _unreadable(path, error) from error


def load_weights(build: Callable[[], keras.Model], path: Path) -> keras.Model:
    """Build a model and give it the weights of a .keras file that is checked first.

    How the file describes a model is not looked at.

    Args:
        build: makes the model, from a description that may come from a stranger too.
        path: of the file.

    Raises:
        UserError: as for `load_model`, or the weights do not fit the model.
    """
    file = _checked(path)
    try:
        return _with_weights(build, path, file, "the description beside it")
    except Refused as error:
        raise _refusal(path, error) from error
    except Exception as error:  # as above
        raise _unreadable(path, error) from error


def _checked(path: Path) -> KerasFile:
    try:
        return read_keras_file(path)
    except Refused as error:
        raise _refusal(path, error) from error
    except UserError:
        raise
    except Exception as error:  # zipfile, json and h5py have many ways to say that a file is damaged
        raise _unreadable(path, error) from error


def _with_weights(build: Callable[[], keras.Model], path: Path, file: KerasFile, what: str) -> keras.Model:
    """Build a model; in a stateless scope no weight takes memory before it is known how many there are."""
    with keras.StatelessScope():
        model = build()
        described = sum(math.prod(weight.shape) for weight in model.weights)
        refusal = f"{what} describes {described:,} weights, but it stores {file.numbers:,}"
        if described <= file.numbers:
            refusal = _too_large(model)
        if refusal:
            keras.utils.clear_session()  # else the weights would be made as the scope ends
            raise Refused(refusal)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Keras only warns where a layer would keep its random weights
            model.load_weights(path)
    except (ValueError, UserWarning) as error:
        raise Refused(f"its weights have other names or shapes than {what} describes") from error
    for weight in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight.value)).all():
            raise Refused(f"its weights {weight.path} hold NaN or infinity")
    return model


def _too_large(model: keras.Model) -> str:
    """The layer or operation whose output for one example is too large, if any: some repeat their input many times."""
    for name, shape in shapes_made(model):
        numbers = math.prod(size for size in shape[1:] if size is not None)
        if numbers > MOST_OF_EXAMPLE:
            return f"layer or operation {name[:80]!r} makes {numbers:,} numbers of an example"
    return ""


def _described(file: KerasFile) -> keras.Model:
    model = keras.saving.deserialize_keras_object({**file.config, "compile_config": None}, safe_mode=True)
    if not isinstance(model, keras.Model):
        keras.utils.clear_session()
        raise Refused("it describes no model")
    return model


def _refusal(path: Path, reason: Refused) -> UserError:
    return UserError(f"{path} is refused: {reason}. Use only models from people you trust.")


def _unreadable(path: Path, error: Exception) -> UserError:
    reason = reason_of(error)[:200]
    return UserError(f"{path} cannot be read as a model: {reason}. Train it again or get another copy.")
