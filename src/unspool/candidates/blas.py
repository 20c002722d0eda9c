"""How many threads NumPy's matrix products take."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """While small matrices are multiplied or decomposed: several threads would wait for each other most of the time.

    Example:
        >>> with one_thread():
        ...     pass
    """
    return _pools().limit(limits=1, user_api="blas")  # type: ignore[no-any-return]


@cache
def _pools() -> ThreadpoolController:
    """All thread pools, NumPy's among them. Found once: searching loaded libraries takes longer than a small fit."""
    return ThreadpoolController()
