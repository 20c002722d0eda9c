"""Foreign calls over several processes: each computes its rows of a batch, as XLA cannot divide a foreign call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
from jax import lax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

_mesh: ContextVar[Mesh | None] = ContextVar("unspool_mesh", default=None)


@contextmanager
def sharded_over(mesh: Mesh) -> Iterator[None]:
    """Divide the rows of every batch whose kernels are traced within the block.

    Args:
        mesh: of one axis; a batch whose rows it does not divide is computed whole by each.
    """
    token = _mesh.set(mesh)
    try:
        yield
    finally:
        _mesh.reset(token)


def by_rows(call: Callable[..., Any], arguments: str, results: str) -> Callable[..., Any]:
    """A call of which each process computes some rows, where there are several; else the call itself.

    Args:
        call: of arrays, some of which may be None.
        arguments: a letter for each: "r" has rows along its first axis, "s" along its second, "." has none and is the
            same everywhere; the first "r" that is an array says how many there are.
        results: the same of what it gives; a "." is the sum over all rows, and is added up.
    """
    mesh = _mesh.get()
    if mesh is None:
        return call
    (axis,) = mesh.axis_names
    specs = {"r": P(axis), "s": P(None, axis), ".": P()}  # type: ignore[no-untyped-call]

    def within(*arrays: Any) -> Any:
        found = call(*arrays)
        return tuple(
            lax.psum(one, axis) if kind == "." and one is not None else one  # type: ignore[no-untyped-call]
            for kind, one in zip(results, found, strict=True)
        )

    def divided(*arrays: Any) -> Any:
        rows = next(len(one) for kind, one in zip(arguments, arrays, strict=True) if kind == "r" and one is not None)
        if rows % mesh.size:
            return call(*arrays)
        share = jax.shard_map(
            within,
            mesh=mesh,
            in_specs=tuple(specs[kind] for kind in arguments),
            out_specs=tuple(specs[kind] for kind in results),
            check_vma=False,
        )
        return share(*arrays)

    return divided
