"""Finished runs, and whether they differ."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import terminal
from unspool.api.data import Data, PathLikeOrStr
from unspool.api.model import Model, load
from unspool.errors import UserError
from unspool.evaluation.result import Result, Verdict
from unspool.files import expanded
from unspool.runs.compare import WrittenComparison, compare_runs
from unspool.runs.contenders import contender_name, is_run
from unspool.runs.other_models.answers import InMemory
from unspool.runs.records import folder as run_folder
from unspool.runs.records.example_files import read_positions
from unspool.runs.records.record import read_result
from unspool.runs.refit import refit


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        folder: the folder that holds it; may be given as a string.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", run_folder.given_folder(self.folder))

    @cached_property
    def result(self) -> Result:
        """Everything that the report shows."""
        return read_result(self.folder)

    @property
    def verdict(self) -> Verdict:
        """Whether the model beats the simple models; `print` shows it as a sentence."""
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

    def refit(
        self, out: PathLikeOrStr | None = None, *, data_folder: PathLikeOrStr | None = None, verbose: bool = True
    ) -> Model:
        """Fit the chosen model to all examples of the run, including those that it was tested on.

        Call it once the scores are known, to get the model that you will use: it has learned from more examples and,
        if it forecasts, from the latest steps of each series. It has no scores of its own.

        Args:
            out: the folder to write; None creates one beside the run's, named after it with "-refit".
            data_folder: your folder of datasets, for a recipe that reads one; None takes that of UNSPOOL_DATA.
            verbose: whether to print a line at each stage.

        Returns:
            The model, loaded.

        Raises:
            UserError: the run's data has changed or is no longer there, it is an autoencoder, it stopped its training
                by the test (protocol "chapter"), or the folder exists.

        Example:
            >>> import tempfile, unspool
            >>> films = [f"a {'fine' if n % 2 else 'dull'} film of {n} scenes" for n in range(60)]
            >>> moods = ["good" if n % 2 else "bad" for n in range(60)]
            >>> run = unspool.train(
            ...     films, label=moods, out=tempfile.mkdtemp() + "/films", model="nb-words", verbose=False
            ... )
            >>> run.refit(verbose=False).predict(["a fine film"])
            ['good']
        """
        say = terminal.say if verbose else lambda line: None
        folder = run_folder.beside(self.folder, "refit") if out is None else expanded(out)
        datasets = None if data_folder is None else expanded(data_folder)
        refit(self.folder, folder, data_folder=datasets, say=say, verbose="auto" if verbose else 0)
        return load(folder)

    def positions(self, part: str = "test") -> NDArray[np.int64]:
        """Return the indices of the examples of a part in the data: in a list, an array or the rows of a table.

        Use them to train another model on the same examples, and to predict the same test examples, for `compare`.
        They are counted from 0; in parts.csv and test_predictions.csv, as in messages, rows are counted from 1.

        Args:
            part: "training", "validation" or "test".

        Returns:
            (n,) whole numbers; for the test, in the order of `result.test_predictions`.

        Raises:
            UserError: there is no such part; the examples are not numbered, as in a folder of texts or a table with a
                row for each step (parts.csv has their names); or the run is of an earlier version.
        """
        return read_positions(self.folder, part)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}): {self.verdict.words}"


def compare(
    *contenders: Run | PathLikeOrStr | Mapping[str, Any],
    seeds: int | None = None,
    out: PathLikeOrStr | None = None,
) -> WrittenComparison:
    """Say whether the difference between models is real, of finished runs or of other tools.

    Args:
        *contenders: two or more: runs, or their folders, that were tested on the same examples; and predictions of
            other models, or of people, for these examples, in a file (see `unspool compare --help`) or in a dictionary
            by the name of the model: labels, numbers or texts in the order of `Run.positions("test")`; forecasts in the
            order of the run's test_predictions.csv; an array (N, K) of probabilities in the order of `Model.names`, or
            (N,) of the second of two labels; or a data frame with the columns of a file. A pandas series whose index
            numbers the test examples, or holds their row numbers, is put in their order.
        seeds: None compares the models as they are; a number trains each again with that many seeds, for runs only.
        out: the folder for comparison.json and the page compare.html; None creates one beside the first run.

    Returns:
        The comparison: `differences`, `words`, and the page's path as `report`; `print` shows them as sentences.

    Raises:
        UserError: they cannot be compared; the message says what differs, or which prediction cannot be used.

    Example:
        >>> import tempfile, unspool
        >>> films = [f"a {'fine' if n % 2 else 'dull'} film of {n} scenes" for n in range(60)]
        >>> moods = ["good" if n % 2 else "bad" for n in range(60)]
        >>> run = unspool.train(
        ...     films, label=moods, out=tempfile.mkdtemp() + "/films", model="nb-words", verbose=False
        ... )
        >>> guesses = ["good" if "fine" in films[place] else "bad" for place in run.positions("test")]
        >>> unspool.compare(run, {"a rule": guesses}).recipes[1].scores["accuracy"].value
        1.0
    """
    _check_seeds(seeds)
    given: list[Path | InMemory] = []
    for one in contenders:
        if isinstance(one, Mapping):
            given += [InMemory(str(name), answers) for name, answers in one.items()]
        else:
            given.append(one.folder if isinstance(one, Run) else run_folder.given_folder(one))
    runs = [one for one in given if is_run(one)]
    beside = runs[0].resolve().parent if runs else Path("runs")
    place = expanded(out) if out is not None else beside / f"compare-{'-'.join(map(contender_name, given))}"
    command = shlex.join(["unspool", "compare", *map(str, runs)])
    return compare_runs(given, place, seeds=None if seeds is None else range(seeds), command=command)


def _check_seeds(seeds: Any) -> None:
    if seeds is not None and (isinstance(seeds, bool) or not isinstance(seeds, Integral) or seeds < 1):
        raise UserError(f"seeds is {seeds!r}. Give a whole number of at least 1, or None to train none again.")
