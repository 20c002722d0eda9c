"""Finished runs, and whether they differ."""

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from unspool.api.data import Data, PathLikeOrStr
from unspool.api.model import Model, load
from unspool.evaluation.result import Result, Verdict
from unspool.runs.compare import WrittenComparison, compare_runs
from unspool.runs.records import folder as run_folder
from unspool.runs.records.record import read_result


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        folder: the folder that holds it.
    """

    folder: Path

    @cached_property
    def result(self) -> Result:
        """Everything that the report shows."""
        return read_result(self.folder)

    @property
    def verdict(self) -> Verdict:
        """Whether the model beats the strongest baseline; `print` shows it as a sentence."""
        return self.result.verdict

    @property
    def report(self) -> Path:
        """The path of the report, to open in a browser."""
        return self.folder / run_folder.REPORT

    @cached_property
    def model(self) -> Model:
        """The trained model."""
        return load(self.folder)

    def predict(
        self,
        data: Data,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[Any]:
        """See `Model.predict`."""
        return self.model.predict(data, text=text, beam=beam, length_penalty=length_penalty)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}): {self.verdict.words}"


def compare(
    *runs: Run | PathLikeOrStr, seeds: int | None = None, out: PathLikeOrStr | None = None
) -> WrittenComparison:
    """Say whether the difference between finished runs is real.

    Args:
        *runs: two or more runs, or their folders, that were tested on the same examples.
        seeds: None compares the models as they are; a number trains each again with that many seeds.
        out: the folder for comparison.json and the page compare.html; None creates one beside the first run.

    Returns:
        The comparison: `differences`, `words`, and the page's path as `report`; `print` shows them as sentences.

    Raises:
        UserError: they cannot be compared; the message says what differs.
    """
    folders = [run.folder if isinstance(run, Run) else Path(run) for run in runs]
    names = "-".join(folder.resolve().name for folder in folders)
    place = Path(out) if out is not None else folders[0].resolve().parent / f"compare-{names}"
    command = shlex.join(["unspool", "compare", *map(str, folders)])
    return compare_runs(folders, place, seeds=range(seeds) if seeds else None, command=command)
