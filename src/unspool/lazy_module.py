"""Libraries that take seconds to import, and that most commands never use."""

from importlib import import_module
from typing import Any


class LazyModule:
    """A module that is imported when one of its attributes is first used.

    Args:
        name: of the module, with its packages.

    Example:
        >>> statistics = LazyModule("statistics")
        >>> statistics.mean([1, 2, 6])
        3
    """

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
