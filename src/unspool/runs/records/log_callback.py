"""A run's log as Keras calls it; apart from the log, which models need too that are no networks and import no Keras."""

from typing import Any

import keras

from unspool.runs.records.training_log import TrainingLog


class LogCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Has a log take its notes after each epoch, and keeps them in checkpoints."""

    def __init__(self, log: TrainingLog) -> None:
        super().__init__()
        self.log = log

    def set_model(self, model: keras.Model) -> None:
        """Tell the log, too, what is trained."""
        super().set_model(model)
        self.log.set_model(model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch."""
        self.log.on_epoch_end(epoch, logs)

    def get_state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return self.log.get_state()

    def set_state(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        self.log.set_state(state)


LogCallback.__name__ = "TrainingLog"  # checkpoints name it so, those of earlier versions among them
