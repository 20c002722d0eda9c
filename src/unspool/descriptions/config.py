"""How every description of a model behaves: frozen, its values checked, unknown names refused."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

if TYPE_CHECKING:
    from dataclasses import dataclass as description
else:
    from functools import partial

    from pydantic.dataclasses import dataclass

    description = partial(dataclass, config=ConfigDict(extra="forbid"))

# Scalars are strict: 64.0 is not a number of units, "yes" no boolean.
Count = Annotated[int, Field(ge=1, strict=True)]
Units = Annotated[int, Field(ge=1, le=1 << 14, strict=True)]  # weights grow with the square: a gigabyte a gate
CountOrNone = Annotated[int, Field(ge=0, strict=True)]
Buckets = Annotated[int, Field(ge=0, le=1 << 24, strict=True)]
Factor = Annotated[int, Field(ge=2, le=16, strict=True)]  # the work grows with the square
Layers = Annotated[int, Field(ge=1, le=64, strict=True)]  # each costs time to build, whatever its size
LayersOrNone = Annotated[int, Field(ge=0, le=64, strict=True)]
Rate = Annotated[float, Field(ge=0, lt=1, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Cell = Literal["rnn", "lstm", "gru"]

__all__ = ["Buckets", "Cell", "Count", "CountOrNone", "Flag", "Layers", "LayersOrNone", "Rate", "Units", "description"]
