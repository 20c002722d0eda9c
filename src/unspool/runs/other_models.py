"""Reads the answers of another model, or of people, to the test examples of a run, and matches them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data import frames
from unspool.data.cell_values import fingerprint
from unspool.data.labels import shown
from unspool.data.tables.formats import named_as_table
from unspool.data.tables.problems import Place
from unspool.data.tables.table import read_table
from unspool.data.tables.writing import without_apostrophe
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.evaluation.result import Result
from unspool.runs.answer_columns import PREDICTION, PROBABILITY
from unspool.runs.reading.example_rows import LABEL
from unspool.runs.records.example_files import are_counted, read_rows_of_test, without_file
from unspool.runs.records.folder import TEST_PREDICTIONS
from unspool.tasks import Task, load_task, task_of
from unspool.tasks.base import FILE as LABELS
from unspool.tasks.other_answers import UnusableAnswer, probability_of

_ROUNDING, _MOST_ROUNDING = 0.005, 0.1
"""By how much a probability of two decimals is off; those of all labels may sum to so much more or less than 1 each,
and to the second number together."""

_SAME_NUMBER = 1e-4
"""By which labels that are numbers may differ, as programs round them."""

_WHOLE = re.compile(r"(-?\d+)\.0+")  # pandas writes whole numbers like this if one in the column is missing


@dataclass(frozen=True, eq=False)
class InMemory:
    """Answers in memory, not in a file.

    Attributes:
        name: of the model.
        answers: N labels, numbers or texts; an array (N, K) of probabilities, in the order of the labels, or (N,) of
            the second of two labels; or a data frame with the columns of a file of answers.
    """

    name: str
    answers: Any = field(repr=False)


@dataclass(frozen=True, eq=False)
class ExamplesOfTest:
    """The n test examples of a run.

    Attributes:
        run: its folder.
        task: of the run.
        truth: (n, ...) targets, as they are scored.
        rows: what names the examples in the run's file, n cells by column; nothing where that is not known.
        counted: whether that is their number from 1, in the last of the columns.
        labelled: what columns with their labels may be called.
    """

    run: Path
    task: Task
    truth: NDArray[Any] = field(repr=False)
    rows: dict[str, list[Any]] = field(repr=False)
    counted: bool = False
    labelled: tuple[str, ...] = (LABEL,)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def file(self) -> Path:
        """The run's file that lists these rows."""
        return self.run / TEST_PREDICTIONS

    def named(self, position: int, columns: Sequence[str]) -> str:
        """An example, as in "row 17"."""
        return ", ".join(f"{name} {self.rows[name][position]}" for name in columns)


def is_answers(path: Path) -> bool:
    """Whether a path is a file of answers, not the folder of a run."""
    return not path.is_dir() and (named_as_table(path) or (path.is_file() and path.suffix != ".unspool"))


def examples_of_test(run: Path, result: Result) -> ExamplesOfTest:
    """The test examples of a finished run.

    Raises:
        UserError: a table cannot hold the task's predictions, or a file of the run is damaged.
    """
    task = load_task(run / LABELS) if (run / LABELS).is_file() else task_of(result)
    if task.without_others:
        raise UserError(
            f"{run}: the task is {task.title}, for which predictions of other tools cannot be compared: "
            f"{task.without_others}."
        )
    truth = result.test_predictions.targets
    rows = read_rows_of_test(run, task, len(truth))
    labelled = (*result.data.columns.get("label", ()), LABEL)
    return ExamplesOfTest(run, task, truth, rows, are_counted(rows, run), labelled)


def answers_of(given: Path | InMemory, examples: ExamplesOfTest) -> OtherModel:
    """Read the answers of another model to the test examples of a run.

    A file, or a data frame, has a row for each example. Rows are matched by the columns of the run's
    test_predictions.csv that identify examples, such as "row"; rows of other examples are ignored. Without such a
    column, there must be as many rows as test examples, in their order. The answers are in a column `prediction`, in
    a column of probabilities for each label, named after it, or in both. Beside `prediction`, a column `probability`
    is read as `predict` writes it.

    Raises:
        UserError: the file cannot be read, or an answer is missing, there twice, or unusable.
    """
    if isinstance(given, InMemory) and not frames.is_frame(given.answers):
        return _of_array(given, examples)
    if isinstance(given, InMemory):
        cells = frames.columns_of(given.answers)
        count = len(next(iter(cells.values()), []))
        chunks: Iterator[_Chunk] = iter([([Place(row) for row in range(1, count + 1)], cells)])
        return _of_table(given.name, tuple(cells), chunks, examples)
    table = read_table(given)
    return _of_table(str(given), table.columns, ((one.places, one.cells) for one in table.chunks()), examples)


_Chunk = tuple[list[Place], dict[str, list[Any]]]


def _of_table(source: str, columns: Sequence[str], chunks: Iterator[_Chunk], examples: ExamplesOfTest) -> OtherModel:
    naming = [name for name in examples.rows if name in columns]
    wanted = [
        name for name in columns if name not in naming and name in (PREDICTION, PROBABILITY, *examples.task.names)
    ]
    shares = [name for name in examples.task.names if name in wanted]
    _refuse_without_answers(source, wanted, shares, examples.task)
    labels = next((name for name in examples.labelled if name in columns and name not in (*naming, *wanted)), None)
    wanted += [labels] if labels is not None else []
    if naming:
        places, cells, notes = _matched(source, naming, wanted, chunks, examples)
    else:
        places, cells, notes = _in_order(source, columns, wanted, chunks, examples)

    def where(position: int) -> str:
        return f"{source}, {places[position]}"

    if labels is not None:
        _refuse_other_labels(labels, cells.pop(labels), where, examples)
    return _read(source, cells, where, examples, notes)


def _refuse_other_labels(column: str, cells: list[Any], where: Callable[[int], str], examples: ExamplesOfTest) -> None:
    """Labels beside the answers show whether these are about the examples of the test."""
    task = examples.task
    if not (_has_shares(task) or task.predicts_numbers):
        return
    try:
        given = task.decide(task.decided(cells, examples.truth), None)[0]
    except UnusableAnswer:
        return
    true = task.true_labels(examples.truth)
    for position, (one, other) in enumerate(zip(given, true, strict=True)):
        if not (np.isclose(one, other, rtol=_SAME_NUMBER) if task.predicts_numbers else one == other):
            named = f" ({examples.named(position, [*examples.rows])})" if examples.rows else ""
            raise UserError(
                f"{where(position)}: column {column} has {shown(one)!r}, but the test example of {examples.run}{named} "
                f"is labelled {shown(other)!r}. Give predictions for that run's test examples, or leave out column "
                f"{column} if the labels were changed."
            )


def _refuse_without_answers(source: str, wanted: Sequence[str], shares: Sequence[str], task: Task) -> None:
    if PREDICTION in wanted or _are_complete(shares, task):
        return
    if shares and _has_shares(task):
        missing = next(name for name in task.names if name not in shares)
        raise UserError(
            f"{source} has a column of probabilities for {shares[0]}, but none for {missing}. Add one for each label, "
            f"or a column {PREDICTION}."
        )
    labels = f", or a column of probabilities for each label ({_some(task.names)})" if _has_shares(task) else ""
    what = f"Its column {PROBABILITY} does not say for which label. " if PROBABILITY in wanted else ""
    raise UserError(f"{source} has no column {PREDICTION}. {what}Add one{labels}.")


def _matched(
    source: str, naming: list[str], wanted: list[str], chunks: Iterator[_Chunk], examples: ExamplesOfTest
) -> tuple[list[Place], dict[str, list[Any]], tuple[str, ...]]:
    """The answers in the order of the run's test examples, matched by the columns that identify these."""
    of_test = _prints({name: examples.rows[name] for name in naming})
    order = np.argsort(of_test, kind="stable")
    known = of_test[order]
    if len(np.unique(known)) < len(known):
        more = next(name for name in examples.rows if name not in naming)
        raise UserError(
            f"{source}: column {_and(naming)} alone does not tell the test examples apart. Add the column {more} of "
            f"{examples.file}."
        )
    places: list[Place | None] = [None] * len(examples)
    found: dict[str, list[Any]] = {name: [None] * len(examples) for name in wanted}
    others, counted = 0, examples.counted and naming[-1] == [*examples.rows][-1]
    for its_places, cells in chunks:
        prints = _prints({name: cells[name] for name in naming})
        at = np.minimum(np.searchsorted(known, prints), len(known) - 1)
        of_no_test = known[at] != prints
        others += int(of_no_test.sum())
        if counted and "0" in map(_plain, cells[naming[-1]]):
            raise UserError(
                f"{source}: column {naming[-1]} counts from 0, but that of {examples.file} from 1. Add 1 to each."
            )
        for index in np.flatnonzero(~of_no_test).tolist():
            position = int(order[at[index]])
            before, places[position] = places[position], its_places[index]
            if before is not None:
                raise UserError(
                    f"{source}: {before} and {its_places[index]} both hold a prediction for the test example "
                    f"{examples.named(position, naming)}. Keep one of them."
                )
            for name in wanted:
                found[name][position] = cells[name][index]
    missing = [position for position, place in enumerate(places) if place is None]
    if missing:
        from_one = " (counted from 1)" if counted else ""
        raise UserError(
            f"{source} has no prediction for {len(missing):,} of the {len(examples):,} test examples of {examples.run}."
            f" The first is {examples.named(missing[0], naming)}{from_one}. {examples.file} lists all test examples."
        )
    ignored = f"; rows that are not test examples were ignored: {others:,}" if others else ""
    note = f"The predictions of {source} were matched by column {_and(naming)}{ignored}."
    return [place for place in places if place is not None], found, (note,)


def _in_order(
    source: str, columns: Sequence[str], wanted: list[str], chunks: Iterator[_Chunk], examples: ExamplesOfTest
) -> tuple[list[Place], dict[str, list[Any]], tuple[str, ...]]:
    """The answers in the order of the rows, which must be that of the run's test examples."""
    places: list[Place] = []
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    for its_places, cells in chunks:
        places += its_places
        for name in wanted:
            found[name] += cells[name]
    if len(places) != len(examples):
        named = _and([*examples.rows]) if examples.rows else ""
        how = (
            f"Add the column {named} of {examples.file}"
            if named
            else f"Give the predictions in the order of the test set. {without_file(examples.run, TEST_PREDICTIONS)}"
        )
        raise UserError(
            f"{source} has {len(places):,} rows, {examples.run} has {len(examples):,} test examples, and none of the "
            f"columns {_some(columns)} tells which row is for which example. {how.rstrip('.')}."
        )
    file = f" (that of {examples.file})" if examples.rows else ""
    return places, found, (f"The predictions of {source} were read in the order of the test examples{file}.",)


def _prints(columns: dict[str, list[Any]]) -> NDArray[np.int64]:
    """(N,) fingerprints of the cells that identify N examples."""
    cells = zip(*columns.values(), strict=True)
    return np.fromiter((fingerprint("\0".join(map(_plain, row))) for row in cells), np.int64)


def _plain(cell: Any) -> str:
    """A cell that identifies an example, in the same form whichever program wrote it."""
    text = str(without_apostrophe(str(cell).strip()))
    whole = _WHOLE.fullmatch(text)
    return whole.group(1) if whole else text


def _read(
    source: str,
    cells: dict[str, list[Any]],
    where: Callable[[int], str],
    examples: ExamplesOfTest,
    notes: tuple[str, ...],
) -> OtherModel:
    """Turn the answers to the n test examples, in their order, into outputs to score."""
    task = examples.task
    try:
        decided = task.decided(cells[PREDICTION], examples.truth) if PREDICTION in cells else None
        named = [name for name in task.names if name in cells]
        shares = None
        if _are_complete(named, task):
            shares = _shares({name: cells[name] for name in named}, task)
        elif decided is not None and PROBABILITY in cells:
            shares = task.shares(decided, cells[PROBABILITY])
    except UnusableAnswer as error:
        raise UserError(f"{where(error.position)}: {error.why}.") from error
    return _answered(source, decided, shares, examples, notes)


def _answered(
    source: str,
    decided: NDArray[np.float64] | None,
    shares: NDArray[np.float64] | None,
    examples: ExamplesOfTest,
    notes: tuple[str, ...] = (),
) -> OtherModel:
    """Decide by probabilities alone if there is nothing else: at one half, or for the most probable label."""
    task = examples.task
    outputs = None if shares is None else task.from_shares(shares)
    if outputs is not None and decided is not None and _contradict(decided, outputs):
        raise UserError(
            f"{source}: column {PREDICTION} contradicts the columns of probabilities ({_some(task.names)}): labels are "
            "predicted for the rows where their probability is lower than for the others. Are the columns named after "
            f"the wrong labels? Correct their names, or leave out column {PREDICTION} or the probabilities."
        )
    if decided is None:
        assert outputs is not None
        decided = task.decided([task.cell(label) for label in task.decide(outputs, None)[0]], examples.truth)
    if not _has_shares(task) and not task.by_step:
        outputs = decided
    return OtherModel(source, decided, outputs, notes)


def _contradict(decided: NDArray[np.float64], outputs: NDArray[np.float64]) -> bool:
    """Whether labels are predicted for the rows where their probability is lower than for the others.

    The covariance of decisions and probabilities, summed over labels, is never negative where the most probable label
    is predicted, or each label above some threshold.
    """
    covariance = ((decided - decided.mean(axis=0)) * outputs).mean(axis=0).sum()
    return bool(covariance < -1e-9)


def _has_shares(task: Task) -> bool:
    """Whether a model's answer is a probability for each label."""
    return task.has_probabilities and not task.by_step


def _are_complete(named: Sequence[str], task: Task) -> bool:
    """Whether columns for these labels give all probabilities; for two labels, one column is enough."""
    if not _has_shares(task) or not named:
        return False
    return len(named) == len(task.names) or (task.chooses_among_labels and len(task.names) == 2)


def _shares(cells: dict[str, list[Any]], task: Task) -> NDArray[np.float64]:
    """(n, K) the probability of each label, from columns that `_are_complete`."""
    found = {name: _probabilities(column, f"the probability of {name}") for name, column in cells.items()}
    for name in task.names:
        if name not in found:
            (other,) = found.values()
            found[name] = 1 - other
    shares = np.column_stack([found[name] for name in task.names])
    if task.chooses_among_labels:
        totals = shares.sum(axis=1)
        strange = np.flatnonzero(
            np.abs(totals - 1) > min(max(_ROUNDING * len(task.names), 2 * _ROUNDING), _MOST_ROUNDING) + 1e-9
        )
        if len(strange):
            raise UnusableAnswer(int(strange[0]), f"the probabilities sum to {totals[strange[0]]:.4g}, not to 1")
        shares /= totals[:, np.newaxis]
    return shares


def _probabilities(column: Sequence[Any], what: str) -> NDArray[np.float64]:
    """Cells as probabilities: all at once, or one by one to find the one that is not a probability."""
    try:
        found = np.array(column).astype(np.float64)
    except (TypeError, ValueError):
        found = np.full(len(column), np.nan)
    if found.shape != (len(column),) or not ((found >= 0) & (found <= 1)).all():
        return np.array([probability_of(cell, position, what) for position, cell in enumerate(column)])
    return found


def _of_array(given: InMemory, examples: ExamplesOfTest) -> OtherModel:
    """Answers in a list or an array, in the order of the run's test."""
    task, answers = examples.task, given.answers
    if isinstance(answers, str | bytes) or not hasattr(answers, "__len__"):
        raise UserError(f"{given.name}: {answers!r} was given. Give a list, an array or a data frame of predictions.")
    if len(answers) != len(examples):
        raise UserError(
            f"{given.name} has {len(answers):,} predictions, but {examples.run} has {len(examples):,} test examples. "
            "Give one for each, in their order."
        )
    array = np.asarray(answers) if not (task.by_step or _is_ragged(answers)) else np.array(0)
    one = task.chooses_among_labels or task.predicts_numbers
    if one and array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "fiub":
        array = answers = array[:, 0]  # as Keras returns one number for each
    try:
        if _has_shares(task) and array.ndim == 2 and _are_shares(array, task):
            if array.shape[1] != len(task.names):
                raise UserError(
                    f"{given.name} has {array.shape[1]} columns of probabilities, but there are {len(task.names)} "
                    f"labels ({_some(task.names)}). Give one for each, in this order."
                )
            shares = _shares({name: array[:, number].tolist() for number, name in enumerate(task.names)}, task)
            return _answered("data in memory", None, shares, examples)
        if _has_shares(task) and array.ndim == 1 and _are_shares_of_second(array, task):
            return _answered("data in memory", None, _shares({task.names[1]: array.tolist()}, task), examples)
        labels = _label_lists(array, task) if array.ndim == 2 else list(answers)
        return _answered("data in memory", task.decided(labels, examples.truth), None, examples)
    except UnusableAnswer as error:
        raise UserError(f"{given.name}, entry {error.position} (counted from 0): {error.why}.") from error


def _is_ragged(answers: Sequence[Any]) -> bool:
    return len({len(one) if isinstance(one, list | tuple | np.ndarray) else -1 for one in answers}) > 1


def _are_shares(array: NDArray[Any], task: Task) -> bool:
    """Whether an array (N, K) holds probabilities; for multilabel, whole numbers are indicators of labels."""
    return array.dtype.kind == "f" or (array.dtype.kind in "iub" and task.chooses_among_labels)


def _are_shares_of_second(array: NDArray[Any], task: Task) -> bool:
    """Whether an array (N,) holds probabilities of the second of two labels, not the labels themselves."""
    if not task.chooses_among_labels or len(task.names) != 2 or array.dtype.kind != "f":
        return False
    return any(task.flaw(f"{number:g}") is not None for number in np.unique(array))


def _label_lists(array: NDArray[Any], task: Task) -> list[Any]:
    """Multilabel indicators (N, K) as lists of labels; any other array (N, K) as it is."""
    if array.dtype.kind in "iub" and array.shape[1] == len(task.names):
        return [task.cell(tuple(task.names[index] for index in np.flatnonzero(row))) for row in array]
    return list(array.tolist())


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
