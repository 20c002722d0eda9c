"""What an adapter to a tracker does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Parameters = Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Beginning:
    """What a tracker gets at the beginning of a run.

    Attributes:
        out: the folder that the run is to have.
        name: of the run, with plain characters.
        parameters: the flat recipe.
        beside: the folder in which a tracker that writes to the disk has a folder of its own.
        group: the name of the search that the run is a trial of, or the winner; None for a run by itself.
    """

    out: Path
    name: str
    parameters: Parameters
    beside: Path
    group: str | None = None


@dataclass(frozen=True)
class Finished:
    """What a tracker gets at the end of a run.

    Attributes:
        scores: by name, as in "test/auc", "test/auc_low" and "test/auc_high".
        words: a verdict, or how a trial ended, by what it is.
        epochs: how many were trained.
        content: the run's folder as it lies now: report, model, figures; None for a trial, which has none of these.
    """

    scores: Mapping[str, float]
    words: Mapping[str, str]
    epochs: int
    content: Path | None = None


class Tracker(Protocol):
    """An adapter to a tracker, made as a run begins; any method may raise."""

    def __init__(self, begun: Beginning) -> None: ...

    def epoch(self, number: int, values: Mapping[str, float]) -> None:
        """Log the loss and the like of an epoch, counted from 1."""

    def finish(self, finished: Finished) -> None:
        """Log scores, report and model."""

    def close(self, failed: bool) -> None:
        """End the run."""


def files_of(content: Path, *suffixes: str) -> list[Path]:
    """The files of a run's folder with these endings, in order."""
    return sorted(path for path in content.rglob("*") if path.is_file() and path.suffix in suffixes)


def as_table(parameters: Parameters | Mapping[str, Any]) -> str:
    """Parameters as a table in Markdown.

    Example:
        >>> print(as_table({"model.units": 32}))
        | setting | value |
        |---|---|
        | model.units | 32 |
    """
    rows = [f"| {name} | {str(value).replace('|', '/')} |" for name, value in parameters.items()]
    return "\n".join(["| setting | value |", "|---|---|", *rows])
