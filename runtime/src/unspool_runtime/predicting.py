"""What most models cannot do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.errors import InputError
from unspool_runtime.stream import Stream


class PredictsOnly:
    """The errors of a model that is no autoencoder, or does not read step by step, when asked to be."""

    def encode(self, examples: list[Any]) -> NDArray[np.float32]:
        """Refused."""
        raise InputError("This model is no autoencoder: it has no latent vectors. Use predict.")

    def decode(self, vectors: Any) -> NDArray[np.float32]:
        """Refused."""
        raise InputError("This model is no autoencoder: it has no latent vectors. Use predict.")

    def stream(self, sessions: int, digest: str) -> Stream:
        """Refused."""
        raise InputError("This model cannot read a stream: it is no recurrent network over series.")
