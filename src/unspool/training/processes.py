"""Several processes that train one model: each computes its rows of every batch, and all hold the same weights.

XLA divides the program of one process among them (`jax.jit` over a mesh): weights, optimizer and metrics are the same
in each, a batch is split by rows, and what is summed over a batch is added up between them by gloo. So losses, metrics,
batch normalisation and dropout mean what they mean in one process with the same batches.
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
"""Seconds without a sign of life, after which a process is held to be lost."""
START = 120
"""Seconds that processes wait for each other to begin."""


@dataclass(frozen=True)
class Group:
    """Processes that train together.

    Attributes:
        index: of this one, from 0; that one writes and prints.
        mesh: a device of each.
    """

    index: int
    mesh: Mesh

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.mesh.size)

    @property
    def _same_everywhere(self) -> NamedSharding:
        return NamedSharding(self.mesh, P())  # type: ignore[no-untyped-call]

    def send(self, content: bytes) -> bytes:
        """Give all processes what the first has; the others' own content is not looked at."""
        with telling_of_the_lost():
            size = int(multihost_utils.broadcast_one_to_all(np.int32(len(content))))
            padded = np.zeros(size, np.uint8)
            if self.index == 0:
                padded[:] = np.frombuffer(content, np.uint8)
            return bytes(np.asarray(multihost_utils.broadcast_one_to_all(padded)))

    def agreed(self, number: int) -> int:
        """The first process's number."""
        with telling_of_the_lost():
            return int(multihost_utils.broadcast_one_to_all(np.int32(number)))

    def check_alike(self, what: bytes, told: str) -> None:
        """Make sure that all processes have the same.

        Args:
            what: this one's.
            told: what to say where one has not.

        Raises:
            UserError: says `told`, in all processes.
        """
        digest = np.frombuffer(hashlib.sha256(what).digest(), np.uint8)
        with telling_of_the_lost():
            found = multihost_utils.process_allgather(digest)
        others = [number for number, one in enumerate(found) if not np.array_equal(one, found[0])]
        if others:
            raise UserError(f"Process {others[0]} of this training {told}")

    def everywhere(self, tree: Any) -> Any:
        """Arrays of this process, equal to those of the others, as arrays of the whole group."""
        sharding = self._same_everywhere

        def placed(leaf: Any) -> Any:
            if not isinstance(leaf, jax.Array):
                return leaf  # of NumPy: JAX takes it for the same everywhere
            return jax.make_array_from_single_device_arrays(leaf.shape, sharding, [leaf])

        return jax.tree.map(placed, tree)

    def share(self, rows: Any) -> Any:
        """Within a program: have each process compute its part of the rows, where they can be divided."""

        by_rows = NamedSharding(self.mesh, P(AXIS))  # type: ignore[no-untyped-call]

        def split(leaf: jax.Array) -> jax.Array:
            if leaf.shape[0] % self.count:
                return leaf
            divided: jax.Array = lax.with_sharding_constraint(leaf, by_rows)  # type: ignore[no-untyped-call]
            return divided

        return jax.tree.map(split, rows)

    def compiled(self, run: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        """`jax.jit` of a program of the group, from and to arrays of this process."""
        program = jax.jit(run, out_shardings=self._same_everywhere, **options)

        def call(*arguments: Any, **settings: Any) -> Any:
            with telling_of_the_lost():
                found = program(*self.everywhere(arguments), **settings)
                jax.block_until_ready(found)  # type: ignore[no-untyped-call]
            return jax.tree.map(lambda leaf: leaf.addressable_data(0), found)

        return call

    def traced(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """A step in which the kernels compute each process's rows."""

        def shared(*arguments: Any) -> Any:
            with layers.sharded_over(self.mesh):
                return step(*arguments)

        return shared


_group: Group | None = None
_bound = False
_sharing: ContextVar[bool] = ContextVar("unspool_sharing", default=False)


def join(address: str, count: int, index: int) -> Group:
    """Join the other processes; before anything else is computed here.

    Args:
        address: of process 0, host:port.
        count: of the processes.
        index: of this one.

    Raises:
        UserError: the others do not come.
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
    """Part from the others; what is computed from now on is computed here alone."""
    global _bound
    if _group is not None and _bound:
        with telling_of_the_lost():
            _group.agreed(0)  # until all are done: the first may have a checkpoint to write
            jax.distributed.shutdown()  # type: ignore[no-untyped-call]
        _bound = False


def bound() -> bool:
    """Whether this process has joined others and not left: Python's end would wait for those, who may be lost."""
    return _bound


def size() -> int:
    """How many processes train together with this one; 1 where it is alone."""
    return _group.count if _group else 1


def group() -> Group | None:
    """The processes that this one has joined, or None."""
    return _group


def sharing() -> Group | None:
    """The group whose programs are to be compiled here, within `together`; else None."""
    return _group if _sharing.get() else None


@contextmanager
def together() -> Iterator[None]:
    """Train together with the other processes in the block, where this one has joined some."""
    token = _sharing.set(_group is not None)
    try:
        yield
    finally:
        _sharing.reset(token)


@contextmanager
def telling_of_the_lost() -> Iterator[None]:
    """Turn what JAX raises where another process is gone into one line.

    Raises:
        Lost: it is.
        MemoryError: it is memory that is missing.
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
    """Another process has ended, or cannot be reached."""


def from_environment() -> tuple[str, int, int] | None:
    """Address, count and index as a launcher gives them: torchrun's variables, those of Open MPI, or of Slurm.

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
