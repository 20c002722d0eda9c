"""Which backend Keras runs on: it reads that once, when it is first imported, and unspool needs JAX."""

import logging
import os
import sys
from importlib.util import find_spec

_NEEDED = {"tensorflow": "tensorflow", "torch": "torch", "openvino": "openvino"}
_log = logging.getLogger("unspool")


def choose_jax() -> None:
    """Have Keras run on JAX, unless it has been imported or told otherwise; say in one line what is wrong then.

    Raises:
        ImportError: KERAS_BACKEND names a framework that is not installed, so that Keras cannot be imported.
    """
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "backend"):
        backend = keras.backend.backend()
        if backend != "jax":
            _log.warning(
                "Keras was imported before unspool and runs on %s, but unspool needs JAX: start Python again, and "
                "import unspool before keras or set KERAS_BACKEND=jax",
                backend,
            )
        return
    backend = os.environ.setdefault("KERAS_BACKEND", "jax")
    if backend in _NEEDED and find_spec(_NEEDED[backend]) is None:
        raise ImportError(
            f"KERAS_BACKEND={backend}, but {_NEEDED[backend]} is not installed, and unspool needs JAX: set "
            "KERAS_BACKEND=jax, or remove the variable"
        )
