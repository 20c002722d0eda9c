"""Data-parallel training: several processes each compute some rows of every batch, and all hold the same weights.

XLA partitions the program of one process (`jax.jit` over a mesh): weights, optimizer and metrics are replicated, a
batch is split by rows, and sums over a batch are reduced between processes by gloo. So losses, metrics, batch
normalisation and dropout are the same as in one process with the same batches.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from unspool import layers, terminal
from unspool.errors import UserError

AXIS = "processes"
SILENCE = 30
"""Seconds without a heartbeat after which a process counts as lost."""
START = 120
"""Seconds that processes wait for each other at the start."""


@dataclass(frozen=True)
class Group:
    """Processes that train together.

    Attributes:
        index: of this process, from 0; process 0 writes and prints.
        mesh: one device of each process.
    """

    index: int
    mesh: Mesh

    @property
    def count(self) -> int:
        """The number of processes."""
        return int(self.mesh.size)

    @property
    def _same_everywhere(self) -> NamedSharding:
        return NamedSharding(self.mesh, P())  # type: ignore[no-untyped-call]

    def send(self, content: bytes) -> bytes:
        """Broadcast the content of process 0 to all; that of the others is ignored."""
        with telling_of_the_lost():
            size = int(multihost_utils.broadcast_one_to_all(np.int32(len(content))))
            padded = np.zeros(size, np.uint8)
            if self.index == 0:
                padded[:] = np.frombuffer(content, np.uint8)
            return bytes(np.asarray(multihost_utils.broadcast_one_to_all(padded)))

    def agreed(self, number: int) -> int:
        """Broadcast the number of process 0 to all."""
        with telling_of_the_lost():
            return int(multihost_utils.broadcast_one_to_all(np.int32(number)))

    def check_alike(self, what: bytes, told: str) -> None:
        """Check that all processes have the same content.

        Raises:
            UserError: one differs; raised in all processes.
        """
        digest = np.frombuffer(hashlib.sha256(what).digest(), np.uint8)
        with telling_of_the_lost():
            found = multihost_utils.process_allgather(digest)
        others = [number for number, one in enumerate(found) if not np.array_equal(one, found[0])]
        if others:
            raise UserError(f"Process {others[0]} of this training {told}")

    def everywhere(self, tree: Any) -> Any:
        """Turn arrays that are equal in all processes into replicated arrays of the group."""
        sharding = self._same_everywhere

        def placed(leaf: Any) -> Any:
            if not isinstance(leaf, jax.Array):
                return leaf  # of NumPy: JAX takes it for the same everywhere
            return jax.make_array_from_single_device_arrays(leaf.shape, sharding, [leaf])

        return jax.tree.map(placed, tree)

    def share(self, rows: Any) -> Any:
        """Within a program, split arrays by rows among the processes if the rows can be divided evenly."""

        by_rows = NamedSharding(self.mesh, P(AXIS))  # type: ignore[no-untyped-call]

        def split(leaf: jax.Array) -> jax.Array:
            if leaf.shape[0] % self.count:
                return leaf
            divided: jax.Array = lax.with_sharding_constraint(leaf, by_rows)  # type: ignore[no-untyped-call]
            return divided

        return jax.tree.map(split, rows)

    def compiled(self, run: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        """Compile a program for the group that takes and returns arrays of this process."""
        program = jax.jit(run, out_shardings=self._same_everywhere, **options)

        def call(*arguments: Any, **settings: Any) -> Any:
            with telling_of_the_lost():
                found = program(*self.everywhere(arguments), **settings)
                jax.block_until_ready(found)  # type: ignore[no-untyped-call]
            return jax.tree.map(lambda leaf: leaf.addressable_data(0), found)

        return call

    def traced(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """A step whose kernels compute only the rows of each process."""

        def shared(*arguments: Any) -> Any:
            with layers.sharded_over(self.mesh):
                return step(*arguments)

        return shared


_group: Group | None = None
_bound = False
_sharing: ContextVar[bool] = ContextVar("unspool_sharing", default=False)


def join(address: str, count: int, index: int) -> Group:
    """Join the other processes; must be called before JAX computes anything.

    Args:
        address: of process 0, as host:port.
        count: the number of processes.
        index: of this process.

    Raises:
        UserError: the others do not join in time.
    """
    global _group, _bound
    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # type: ignore[no-untyped-call]
    jax.config.update("jax_enable_preemption_service", False)  # type: ignore[no-untyped-call]  # it takes SIGTERM away
    try:
        jax.distributed.initialize(
            address,
            count,
            index,
            local_device_ids=[0],
            initialization_timeout=START,
            heartbeat_timeout_seconds=SILENCE,
            shutdown_timeout_seconds=SILENCE,
        )
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"Process {index} of {count} cannot join the others at {address}. Start all {count} within {START} seconds "
            "of each other, and check that the address can be reached from each."
        ) from error
    group = Group(index, Mesh(np.array(jax.devices()), (AXIS,)))
    with telling_of_the_lost(), terminal.muted_output():  # gloo prints that it has connected
        group.agreed(0)
    _group, _bound = group, True
    return group


def leave() -> None:
    """Leave the other processes, once all are done."""
    global _bound
    if _group is not None and _bound:
        with telling_of_the_lost():
            _group.agreed(0)  # until all are done: the first may have a checkpoint to write
            jax.distributed.shutdown()  # type: ignore[no-untyped-call]
        _bound = False


def bound() -> bool:
    """Whether this process has joined others and not left; its exit would wait for them, and one may be lost."""
    return _bound


def size() -> int:
    """The number of processes that train together, 1 if this one is alone."""
    return _group.count if _group else 1


def group() -> Group | None:
    """The group that this process has joined, or None."""
    return _group


def sharing() -> Group | None:
    """The group to compile programs for: the joined one within `together`, else None."""
    return _group if _sharing.get() else None


@contextmanager
def together() -> Iterator[None]:
    """Train together with the other processes within the block, if this one has joined some."""
    token = _sharing.set(_group is not None)
    try:
        yield
    finally:
        _sharing.reset(token)


@contextmanager
def telling_of_the_lost() -> Iterator[None]:
    """Turn JAX's errors about other processes into one line.

    Raises:
        Lost: another process has ended or cannot be reached.
        MemoryError: JAX is out of memory.
    """
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" in str(error):
            raise MemoryError from error
        raise Lost(
            "Another process of this training was lost. Its own messages say why, if it had time to say so."
        ) from error


class Lost(UserError):
    """Another process has ended or cannot be reached."""


def from_environment() -> tuple[str, int, int] | None:
    """Address, count and index from the variables of a launcher: torchrun, Open MPI or Slurm; None without one.

    Raises:
        UserError: a part is missing or is not a number.

    Example:
        >>> from_environment() is None
        True
    """
    for count, index in (
        ("WORLD_SIZE", "RANK"),
        ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
        ("SLURM_NTASKS", "SLURM_PROCID"),
    ):
        if count in os.environ and index in os.environ:
            break
    else:
        return None
    try:
        numbers = int(os.environ[count]), int(os.environ[index])
        address = f"{os.environ['MASTER_ADDR']}:{int(os.environ['MASTER_PORT'])}"
    except (KeyError, ValueError) as error:
        raise UserError(
            f"{count} and {index} say that a launcher started this process. Set MASTER_ADDR, the host of process 0, "
            "and MASTER_PORT, a free port of it, to the same values for all."
        ) from error
    if not 0 <= numbers[1] < numbers[0]:
        raise UserError(f"{index}={numbers[1]} is not one of {count}={numbers[0]} processes.")
    return address, *numbers
