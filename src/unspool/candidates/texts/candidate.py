"""What every model of texts has in common: the description that is fitted, and the model that it gives."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from numpy.typing import ArrayLike

from unspool.candidates import model_files
from unspool.candidates.model_files import Arrays
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.data.texts.side_encoder import SideEncoder

STEM = "text-model"
"""Of the names of a model's files, without their endings."""


@dataclass(frozen=True)
class Limits:
    """Bounds outside of which a candidate is not tried in a comparison, as it has never been the best there.

    Attributes:
        fewest: the fewest texts.
        longest: the most characters of a text, on average.
        most: the most labels, or numbers to predict.
    """

    fewest: int = 0
    longest: float = float("inf")
    most: float = float("inf")

    def exceeded(self, texts: int, characters: float, labels: int) -> str:
        """Why a candidate is not tried, or "".

        Example:
            >>> Limits(longest=150).exceeded(1_000, 230.5, 1)
            'the texts have more than 150 characters on average'
        """
        if characters > self.longest:
            return f"the texts have more than {self.longest:g} characters on average"
        if labels > self.most:
            return f"there are more than {self.most:g} labels"
        return f"there are fewer than {self.fewest} texts" if texts < self.fewest else ""


UNLIMITED = Limits()


class FittedTexts(ABC):
    """A fitted model of texts.

    Attributes:
        kind: the name of the class in its state.
        name: of the candidate.
        task: what it predicts.
        seconds: what fitting alone would have taken, without a search for the penalty but including what another model
            had already computed. 0 if unknown, or read from a file.
    """

    kind: ClassVar[str]
    name: str
    task: Task
    seconds: float = 0.0

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        return None

    @abstractmethod
    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""

    def outputs(self, texts: Iterable[str]) -> Floats:
        """(N,) or (N, K) probabilities or numbers: see `Arithmetic`."""
        return ARITHMETIC[self.task].outputs(self.scores(texts))

    @abstractmethod
    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor, to calibrate probabilities."""

    @abstractmethod
    def state(self) -> tuple[dict[str, Any], Arrays]:
        """All that `registry.from_state` needs: JSON values, and arrays by name."""

    def stored(self) -> tuple[dict[str, Any], Arrays]:
        """The same as `state`, for a file: `from_state` makes the same model of it, perhaps from smaller arrays."""
        return self.state()

    def save(self, folder: Path) -> None:
        """Write two files to a folder."""
        model_files.write(folder, STEM, *self.stored())


class TextCandidate(Protocol):
    """A description of a model of texts.

    Attributes:
        name: by which it is chosen.
        cost: of fitting it, relative to that of other candidates.
    """

    @property
    def name(self) -> str:
        """By which it is chosen."""

    @property
    def cost(self) -> float:
        """Of fitting it, relative to other candidates."""

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> FittedTexts:
        """Fit it.

        Args:
            texts: N texts, or a `Corpus`.
            target: as of `targets.columns`.
            task: what is predicted.
            seed: of everything random.
            classes: K of "multiclass", if some are not in `target`.
        """
