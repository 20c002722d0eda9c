"""An epoch, or a pass over validation data, as a few compiled programs with control in between."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool.training.arrays import Examples
from unspool.training.programs import Logs, Loop, State

SECONDS_A_PROGRAM = 0.5
"""What a program should take: short enough for a live bar and a prompt Ctrl-C, long enough to hide Python's cost."""


class Pass:
    """One pass over examples, in batches, through a compiled loop.

    Args:
        loop: from `programs_of`.
        examples: N of them; put on the device once.
        batch_size: examples in a step; the last step takes what is left.
        steps_a_program: a fixed number of steps, or None to aim at `SECONDS_A_PROGRAM`.
    """

    def __init__(self, loop: Loop, examples: Examples, batch_size: int, steps_a_program: int | None = None) -> None:
        self.count = len(examples)
        self.batch_size = batch_size
        self.steps = -(-self.count // batch_size)
        self._loop = loop
        self._data = _on_device(examples.packed())
        self._fixed = steps_a_program
        self._adapted = 1

    def programs(
        self,
        order: NDArray[np.int32],
        read: Callable[[], State],
        before: Callable[[int], None] = lambda first: None,
        done: int = 0,
    ) -> Iterator[tuple[int, Logs, State]]:
        """Run the pass program by program.

        Args:
            order: (N,) the order of the examples.
            read: gives the state to begin each program with, so that what a callback changed in between counts.
            before: called with the number of the first step, before each program.
            done: the number of steps that have been run before.

        Yields:
            The number of steps done, the logs of the last, and the state after it; the numbers are computed.
        """
        device_order = jnp.asarray(order)
        while done < self.steps:
            steps, size = self._next(done)
            before(done)
            began = time.perf_counter()
            logs, state = self._loop(
                read(), self._data, device_order, jnp.int32(done * self.batch_size), jnp.int32(steps), batch_size=size
            )
            jax.block_until_ready(state)  # type: ignore[no-untyped-call]
            self._adapt(steps, time.perf_counter() - began)
            done += steps
            yield done, logs, state

    def _next(self, done: int) -> tuple[int, int]:
        full = self.count // self.batch_size
        if done >= full:
            return 1, self.count - full * self.batch_size
        return min(self._fixed or self._adapted, full - done), self.batch_size

    def _adapt(self, steps: int, seconds: float) -> None:
        """The first program is mostly compilation, so steps grow by at most ten times at once."""
        wanted = int(SECONDS_A_PROGRAM * steps / max(seconds, 1e-6))
        self._adapted = max(1, min(wanted, 10 * steps))


def _on_device(data: Any) -> Any:
    """Each array once, though it may be input and target, as in an autoencoder."""
    placed = {id(array): array for array in jax.tree.leaves(data)}
    placed = {key: jnp.asarray(array) for key, array in placed.items()}
    return jax.tree.map(lambda array: placed[id(array)], data)


def as_floats(logs: Logs) -> dict[str, Any]:
    """Logged values as plain numbers, as Keras's callbacks expect them."""
    return {name: float(np.asarray(value)) for name, value in logs.items()}
