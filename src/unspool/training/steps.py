"""An epoch, or a pass over validation data, as a few compiled programs with control in between."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool.training.arrays import Examples
from unspool.training.programs import Logs, Loop, State

SECONDS_A_PROGRAM = 0.5
"""What a program should take: short enough for a live bar and a prompt Ctrl-C, long enough to hide Python's cost."""


@dataclass(frozen=True)
class Stretch:
    """Steps that one program can run one after the other.

    Attributes:
        data: nested arrays (M, ...) that they read.
        order: (M,) of its rows.
        start: where in the order the first step begins.
        steps: how many there are.
        size: rows in each.
    """

    data: Any
    order: jax.Array
    start: int
    steps: int
    size: int


class Pass:
    """One pass over examples, in batches, through a compiled loop; `EvenPass` and `BucketedPass` say in which.

    Args:
        loop: from `programs_of`.
        count: how many examples there are.
        batch_size: examples in a step.
        steps: of the whole pass.
        steps_a_program: a fixed number of steps, or None to aim at `SECONDS_A_PROGRAM`.
    """

    def __init__(self, loop: Loop, count: int, batch_size: int, steps: int, steps_a_program: int | None) -> None:
        self.count = count
        self.batch_size = batch_size
        self.steps = steps
        self._loop = loop
        self._fixed = steps_a_program
        self._adapted = 1

    def stretches(self, order: NDArray[np.int32]) -> Callable[[int], Stretch]:
        """Gives, for an order (N,) of the examples, what follows once so many steps are done."""
        raise NotImplementedError

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
        stretch_after = self.stretches(order)
        while done < self.steps:
            stretch = stretch_after(done)
            steps = min(self._fixed or self._adapted, stretch.steps)
            before(done)
            began = time.perf_counter()
            logs, state = self._loop(
                read(),
                stretch.data,
                stretch.order,
                np.int32(stretch.start),
                np.int32(steps),
                batch_size=stretch.size,
            )
            jax.block_until_ready(state)  # type: ignore[no-untyped-call]
            self._adapt(steps, time.perf_counter() - began)
            done += steps
            yield done, logs, state

    def _adapt(self, steps: int, seconds: float) -> None:
        """The first program is mostly compilation, so steps grow by at most ten times at once."""
        wanted = int(SECONDS_A_PROGRAM * steps / max(seconds, 1e-6))
        self._adapted = max(1, min(wanted, 10 * steps))


class EvenPass(Pass):
    """A pass over examples of one length, put on the device once; the last step takes what is left."""

    def __init__(self, loop: Loop, examples: Examples, batch_size: int, steps_a_program: int | None = None) -> None:
        count = len(examples)
        super().__init__(loop, count, batch_size, -(-count // batch_size), steps_a_program)
        self._data = on_device(examples.packed())

    def stretches(self, order: NDArray[np.int32]) -> Callable[[int], Stretch]:
        """All whole batches, then the rest."""
        device_order = jnp.asarray(order)
        whole = self.count // self.batch_size

        def after(done: int) -> Stretch:
            steps, size = (whole - done, self.batch_size) if done < whole else (1, self.count % self.batch_size)
            return Stretch(self._data, device_order, done * self.batch_size, steps, size)

        return after


def on_device(data: Any) -> Any:
    """Each array once, though it may be input and target, as in an autoencoder."""
    placed = {id(array): array for array in jax.tree.leaves(data)}
    placed = {key: jnp.asarray(array) for key, array in placed.items()}
    return jax.tree.map(lambda array: placed[id(array)], data)


def as_floats(logs: Logs) -> dict[str, Any]:
    """Logged values as plain numbers, as Keras's callbacks expect them."""
    return {name: float(np.asarray(value)) for name, value in logs.items()}
