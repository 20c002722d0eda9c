"""What the compiled loop does not support, refused by name."""

from typing import Any

import keras


def refuse(**arguments: Any) -> None:
    """Raise for each argument that was given (is not None).

    Raises:
        ValueError: names the arguments.
    """
    given = [name for name, value in arguments.items() if value is not None]
    if given:
        raise ValueError(
            f"unspool does not support {' and '.join(given)}: a pass runs over all examples of the arrays. "
            "Slice the arrays, or use the model's own method."
        )


def check_model(model: keras.Model) -> None:
    """Raise unless the model can run in a compiled loop.

    Raises:
        ValueError: it is not compiled, is to run eagerly, or is spread over devices; or Keras runs on another backend.
    """
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"unspool needs Keras's JAX backend, but Keras runs on {keras.backend.backend()}: set KERAS_BACKEND=jax, "
            "or import unspool before keras"
        )
    if not getattr(model, "compiled", False):
        raise ValueError("compile the model first: model.compile(optimizer, loss)")
    if model.run_eagerly or model.jit_compile is False:
        raise ValueError(
            "the model was compiled with run_eagerly=True or jit_compile=False, which unspool does not support: "
            "its loop is one compiled program"
        )
    if keras.distribution.distribution() is not None:
        raise ValueError("unspool does not support keras.distribution: it trains on one device")
