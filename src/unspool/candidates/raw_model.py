"""A fitted candidate: it answers raw examples, and is saved and loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.registry import COLUMNS, Kind
from unspool.candidates.titles import title_of, with_columns

Outputs = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RawModel:
    """A fitted candidate.

    Attributes:
        kind: what it reads.
        name: of the candidate.
        task: the name of what it predicts.
        fitted: the model itself.
    """

    kind: Kind
    name: str
    task: str
    fitted: Any = field(repr=False)

    @property
    def title(self) -> str:
        """What it is, in words."""
        title = title_of(self.name, self.task)
        return with_columns(title) if self.reads_side and self.name not in COLUMNS else title

    @property
    def reads_side(self) -> bool:
        """Whether it reads columns beside the texts."""
        return self.kind == "text" and bool(self.fitted.reads_side)

    def outputs(self, examples: Sequence[Any]) -> Outputs:
        """What it says of N raw texts or series (T_i, C): (N,) or (N, K), as the task scores it."""
        found = self.fitted.outputs(list(examples))
        return as_scored(found, self.task) if self.kind == "series" else found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, by name."""
        parts = self.fitted.state() if self.kind == "text" else self.fitted.parts()  # what it is, and its arrays
        arrays: dict[str, NDArray[Any]] = parts[1]
        return arrays

    def save(self, folder: Path) -> None:
        """Write it to a folder: arrays as safetensors, the rest as JSON."""
        if self.kind == "series":
            of_series.save_model(self.fitted, folder)
        else:
            self.fitted.save(folder)


def load_raw_model(kind: Kind, name: str, task: str, folder: Path) -> RawModel:
    """Read what `RawModel.save` wrote.

    Raises:
        UserError: the folder holds none, or it is damaged.
    """
    if kind == "forecast":
        return RawModel(kind, name, task, of_forecasts.load_forecaster(folder))
    return RawModel(kind, name, task, of_texts.load(folder) if kind == "text" else of_series.load_model(folder))


def as_scored(outputs: Any, task: str) -> Outputs:
    """What a model of series says, (N, K), as the task scores it: (N,) for two labels and for numbers."""
    found = np.asarray(outputs, dtype=np.float64)
    wanted = {"binary": 2, "regression": 1}.get(task, found.shape[1])
    if found.shape[1] != wanted:
        raise ValueError(f"it gives {found.shape[1]} numbers for a series, not {wanted}")
    if task == "binary":
        return found[:, 1]
    return found[:, 0] if task == "regression" else found
