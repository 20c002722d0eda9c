"""A learning rate that falls evenly to nothing."""

import keras


class LinearDecay(keras.callbacks.LearningRateScheduler):  # type: ignore[misc]
    """Lowers the learning rate at the beginning of each epoch, in even steps, so that it would be 0 after the last.

    Args:
        rate: of the first epoch.
        epochs: of the whole training.

    Example:
        >>> decay = LinearDecay(0.1, 4)
        >>> [round(decay.schedule(epoch, 0.0), 3) for epoch in range(4)]
        [0.1, 0.075, 0.05, 0.025]
    """

    def __init__(self, rate: float, epochs: int) -> None:
        super().__init__(self._rate_of)
        self.rate, self.epochs = rate, epochs

    def get_state(self) -> dict[str, float]:
        """Nothing: an epoch's rate follows from its number."""
        return {}

    def set_state(self, state: dict[str, float]) -> None:
        """Take back what `get_state` gave."""

    def _rate_of(self, epoch: int, before: float) -> float:
        return self.rate * max(0.0, 1 - epoch / self.epochs)
