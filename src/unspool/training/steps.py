"""An epoch, or a pass over validation data, as a few compiled programs with control in between."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from unspool.training import processes
from unspool.training.examples import Examples
from unspool.training.programs import Logs, Loop, State

SECONDS_A_PROGRAM = 0.5
"""What a program should take: short enough for a live bar and a prompt Ctrl-C, long enough to hide Python's cost."""

BLOCK_BYTES = 1 << 24
"""Of examples that are on the device at once."""

ALIGNMENT = 64
"""Of arrays in memory, in bytes, where XLA need not copy them."""


@dataclass(frozen=True)
class Stretch:
    """Steps that one program can run one after the other.

    Attributes:
        data: nested arrays (M, ...) on the device, in the order in which they are read.
        start: the row with which the first step begins.
        steps: how many there are.
        size: rows in each.
    """

    data: Any
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

    @property
    def examples_a_step(self) -> int:
        """How many examples a step takes, but for the last."""
        return self.batch_size

    @property
    def buckets_in_words(self) -> list[str]:
        """The batches as far as they depend on the lengths of sequences, for checkpoints."""
        return []

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
        group = processes.sharing()
        agreed = group.agreed if group else int  # clocks differ
        while done < self.steps:
            stretch = stretch_after(done)
            steps = min(self._fixed or agreed(self._adapted), stretch.steps)
            before(done)
            began = time.perf_counter()
            logs, state = self._loop(
                read(),
                stretch.data,
                np.int32(stretch.start),
                np.int32(steps),
                batch_size=stretch.size,
            )
            jax.block_until_ready(state)  # type: ignore[no-untyped-call]
            del stretch  # its data goes before the next takes its place in memory
            self._adapt(steps, time.perf_counter() - began)
            done += steps
            yield done, logs, state

    def _adapt(self, steps: int, seconds: float) -> None:
        """The first program is mostly compilation, so steps grow by at most ten times at once."""
        wanted = int(SECONDS_A_PROGRAM * steps / max(seconds, 1e-6))
        self._adapted = max(1, min(wanted, 10 * steps))


class EvenPass(Pass):
    """A pass over examples of one length; the last step takes what is left.

    One block of them is on the device at a time, in the epoch's order, so that memory does not grow with the examples.
    """

    def __init__(self, loop: Loop, examples: Examples, batch_size: int, steps_a_program: int | None = None) -> None:
        count = len(examples)
        super().__init__(loop, count, batch_size, -(-count // batch_size), steps_a_program)
        self._data = examples.packed()
        self._whole = count // batch_size
        self._batches = self._batches_a_block()

    def stretches(self, order: NDArray[np.int32]) -> Callable[[int], Stretch]:
        """All whole batches, block by block, then the rest."""
        block: dict[int, Any] = {}

        def after(done: int) -> Stretch:
            if done == self._whole:
                block.clear()
                rest = order[done * self.batch_size :]
                return Stretch(on_device(self._data, rest, len(rest)), 0, 1, len(rest))
            number = done // self._batches
            first = number * self._batches
            stop = min(first + self._batches, self._whole)
            if number not in block:
                block.clear()
                rows = order[first * self.batch_size : stop * self.batch_size]
                block[number] = on_device(self._data, rows, self._batches * self.batch_size)
            return Stretch(block[number], (done - first) * self.batch_size, stop - done, self.batch_size)

        return after

    def _batches_a_block(self) -> int:
        """Such that blocks hold at most BLOCK_BYTES, or one program, and are filled about alike: all have one shape."""
        row = sum(array.nbytes // len(array) for array in _different(self._data).values())
        program = self._fixed or 1
        programs = -(-self._whole // program)
        most = max(1, BLOCK_BYTES // max(1, row * self.batch_size * program))
        blocks = max(1, -(-programs // most))
        return min(-(-programs // blocks) * program, self._whole)


def on_device(data: Any, rows: NDArray[np.integer], count: int) -> Any:
    """Some rows of nested arrays, and zeros behind up to `count`, each array once though it may be input and target."""
    placed = {key: _on_device(array, rows, count) for key, array in _different(data).items()}
    return jax.tree.map(lambda array: placed[_key(array)], data)


def _different(data: Any) -> dict[Any, NDArray[Any]]:
    return {_key(array): array for array in jax.tree.leaves(data)}


def _key(array: NDArray[Any]) -> Any:
    """Equal for two views of the same numbers."""
    return array.ctypes.data, array.shape, array.strides, array.dtype


def _on_device(array: NDArray[Any], rows: NDArray[np.integer], count: int) -> jax.Array:
    """XLA reads memory that is aligned as its own in place; what is not, it copies."""
    size = count * array[:1].nbytes
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    chosen = memory[start : start + size].view(array.dtype).reshape(count, *array.shape[1:])
    if array.flags.c_contiguous and array.flags.aligned:
        np.take(array, rows, axis=0, out=chosen[: len(rows)], mode="clip")  # with another mode it copies first
    else:  # of such an array `take` would copy the whole
        chosen[: len(rows)] = array[rows]
    chosen[len(rows) :] = 0
    placed: jax.Array = jax.device_put(chosen, may_alias=True)
    return placed


def as_numbers(logs: Logs) -> dict[str, Any]:
    """Logged values as Keras's callbacks expect them: plain numbers, and an array where a metric has several.

    Nested logs, which a model's own `train_step` may return, are flattened.

    Example:
        >>> as_numbers({"loss": 1, "parts": {"hinge": 0.5}})
        {'loss': 1.0, 'hinge': 0.5}
    """
    found: dict[str, Any] = {}
    for name, value in logs.items():
        if isinstance(value, dict):
            found |= as_numbers(value)
        else:
            array = np.asarray(value)
            found[name] = float(array) if array.ndim == 0 else array
    return found
