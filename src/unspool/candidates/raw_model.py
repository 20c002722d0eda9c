"""A fitted candidate: it answers raw examples, and is saved and loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.outcome import Outputs
from unspool.candidates.registry import COLUMNS, Kind
from unspool.candidates.series.base import as_scored
from unspool.candidates.titles import title_of, with_columns
from unspool.candidates.transformation import Transformation
from unspool.data.texts.side_encoder import SideEncoder


@dataclass(frozen=True, eq=False)
class RawModel:
    """A fitted candidate.

    Attributes:
        kind: what it reads.
        name: of the candidate.
        task: the name of what it predicts.
        fitted: the model itself.
        transformation: of what the model learned, to turn its outputs back into numbers; None if it learned the
            targets themselves.
    """

    kind: Kind
    name: str
    task: str
    fitted: Any = field(repr=False)
    transformation: Transformation | None = None

    @property
    def title(self) -> str:
        """What it is, in words."""
        title = title_of(self.name, self.task)
        return with_columns(title) if self.side is not None and self.name not in COLUMNS else title

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        side: SideEncoder | None = self.fitted.side if self.kind == "text" else None
        return side

    def outputs(self, examples: Sequence[Any]) -> Outputs:
        """Outputs for N raw texts or series (T_i, C): (N,) or (N, K), as the task scores them; of tags (N, T, K)."""
        found = self.fitted.outputs(list(examples))
        found = as_scored(found, self.task) if self.kind == "series" else found
        return found if self.transformation is None else self.transformation.numbers(found)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, by name."""
        arrays: dict[str, NDArray[Any]] = self.fitted.state()[1]
        return arrays

    def __reduce__(self) -> Any:
        """Pickle the state: unlike a fitted model, it does not refer to native memory."""
        return _of_state, (self.kind, self.name, self.task, self.transformation, *self.fitted.state())

    @property
    def size(self) -> int:
        """How many numbers were learned."""
        return sum(array.size for array in self.arrays().values())

    @property
    def described(self) -> dict[str, Any]:
        """What `load_raw_model` needs besides the files that `save` writes, as JSON has it."""
        found = {"kind": self.kind, "name": self.name, "task": self.task}
        return found | ({} if self.transformation is None else {"transformation": self.transformation.state()})

    def save(self, folder: Path) -> None:
        """Write what was learned to a folder: arrays as safetensors, the rest as JSON."""
        if self.kind == "series":
            of_series.save_model(self.fitted, folder)
        else:
            self.fitted.save(folder)


def _of_state(
    kind: Kind,
    name: str,
    task: str,
    transformation: Transformation | None,
    description: dict[str, Any],
    arrays: dict[str, Any],
) -> RawModel:
    made: dict[Kind, Callable[[dict[str, Any], dict[str, Any]], Any]] = {
        "text": of_texts.from_state,
        "series": of_series.model_of,
        "forecast": of_forecasts.forecaster_of,
    }
    return RawModel(kind, name, task, made[kind](description, arrays), transformation)


def load_raw_model(
    kind: Kind, name: str, task: str, folder: Path, transformation: Transformation | None = None
) -> RawModel:
    """Read what `RawModel.save` wrote.

    Raises:
        UserError: the folder holds none, or it is damaged.
    """
    if kind == "forecast":
        return RawModel(kind, name, task, of_forecasts.load_forecaster(folder))
    fitted = of_texts.load(folder) if kind == "text" else of_series.load_model(folder)
    return RawModel(kind, name, task, fitted, transformation)
