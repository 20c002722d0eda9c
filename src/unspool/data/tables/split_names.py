"""The words by which people name the parts of their data."""

from typing import Literal

Part = Literal["training", "validation", "test"]

PARTS: tuple[Part, ...] = ("training", "validation", "test")

_NAMES: dict[str, Part] = {
    "train": "training",
    "training": "training",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def part_named(name: str) -> Part | None:
    """Return what a person means by the name of a split, or None.

    Example:
        >>> part_named("Dev"), part_named("fold 3")
        ('validation', None)
    """
    return _NAMES.get(name.strip().lower())
