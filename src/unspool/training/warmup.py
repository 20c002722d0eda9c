"""A learning rate that rises first, and then falls slowly."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="unspool")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Rises evenly to a rate in so many steps, then falls with the inverse square root of the steps.

    Early gradients of a Transformer are large, and mislead Adam (Vaswani et al., 2017, section 5.3).

    Args:
        rate: the highest.
        steps: after which it is reached.

    Example:
        >>> schedule = WarmUp(0.1, 4)
        >>> [round(float(schedule(step)), 3) for step in (0, 1, 3, 15)]
        [0.025, 0.05, 0.1, 0.05]
    """

    def __init__(self, rate: float, steps: int) -> None:
        self.rate, self.steps = rate, steps

    def __call__(self, step: Any) -> Any:
        """The rate of a step, counted from 0."""
        now = ops.cast(step, "float32") + 1.0
        return self.rate * ops.minimum(now / self.steps, ops.sqrt(self.steps / now))

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {"rate": self.rate, "steps": self.steps}
