"""Reads a table of another model's answers: a file, or a data frame."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from unspool.data.names_in_words import first_few
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import PREDICTION, PROBABILITY
from unspool.runs.other_models.column_names import columns_meant, notes_on, renamed
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.forecasts import read_forecast_table
from unspool.runs.other_models.matching import in_order, matched, refuse_other_rows
from unspool.runs.other_models.outputs import are_complete, has_shares, scored, shares_of_labels
from unspool.runs.other_models.own_file import cells_of_own_file, settings_of_own_file
from unspool.runs.other_models.rows_of_steps import one_row_per_series, series_of_rows
from unspool.runs.other_models.true_labels import are_true_labels, refuse_other_labels
from unspool.tasks import Forecasting, Task
from unspool.tasks.other_answers import UnusableAnswer


def read_answer_table(
    source: str, columns: Sequence[str], chunks: Iterator[Chunk], examples: ExamplesOfTest
) -> OtherModel:
    """Read the answers to the test examples of a run, see `answers_of`.

    Args:
        source: names the table in messages.
        columns: of the table.
        chunks: its rows.
        examples: the test examples.

    Raises:
        UserError: an answer is missing, duplicated or unusable.
    """
    if isinstance(examples.task, Forecasting):
        return read_forecast_table(source, columns, chunks, examples)
    names = _columns_meant(columns, examples)
    given, columns = columns, tuple(names.get(name, name) for name in columns)
    naming = [name for name in examples.rows if name in columns]
    answering = (PREDICTION, PROBABILITY, *examples.task.names)
    wanted = [name for name in columns if name not in naming and name in answering]
    shares = [name for name in examples.task.names if name in wanted]
    labels = next((name for name in examples.labelled if name in columns and name not in (*naming, *wanted)), None)
    lacking = PREDICTION not in wanted and not are_complete(shares, examples.task)
    if lacking and labels is None:
        raise _without_answers(f"{source} (columns {first_few(given)})", wanted, shares, examples.task)
    wanted += [labels] if labels is not None else []
    rows, how = renamed(chunks, names), ""
    tags = PREDICTION if PREDICTION in wanted else labels
    if naming and tags is not None and examples.task.by_step and not examples.counted:
        rows, how = _whole_series(source, list(rows), naming, wanted, tags, examples)
    own = partial(_own_columns, examples)
    if naming:
        others = own([name for name in columns if name not in (*naming, *wanted)])
        kept = list(rows) if others else []
        places, cells, notes = matched(source, naming, wanted, iter(kept) if others else rows, examples)
        refuse_other_rows(source, naming, kept, places, others, examples)
    else:
        places, cells, notes = in_order(source, columns, wanted, rows, examples, own)

    def where(position: int) -> str:
        return f"{source}, {places[position]}"

    if labels is not None and lacking:
        if are_true_labels(cells[labels], examples):
            raise UserError(
                f"{source}: column {labels} is identical to the true labels. If it holds predictions, rename it to "
                f"{PREDICTION}."
            )
        cells[PREDICTION] = cells.pop(labels)
        names = {**names, labels: PREDICTION}
    elif labels is not None:
        refuse_other_labels(labels, cells.pop(labels), where, examples)
    return read_cells(source, cells, where, examples, (*notes, *([how] if how else []), *notes_on(source, names)))


def _whole_series(
    source: str,
    rows: list[Chunk],
    naming: Sequence[str],
    wanted: Sequence[str],
    tags: str,
    examples: ExamplesOfTest,
) -> tuple[Iterator[Chunk], str]:
    """A row for each series, where rows are steps; and how that was found, in a sentence."""
    series = series_of_rows(rows, naming, tags, examples.task.names)
    if series is None:
        return iter(rows), ""
    data = settings_of_own_file(examples.run)
    time, dates = (None, None) if data is None else (data.time, data.dates)
    whole, how = one_row_per_series(source, series, naming, wanted, time, dates)
    return iter([whole]), how


def _columns_meant(columns: Sequence[str], examples: ExamplesOfTest) -> dict[str, str]:
    """The columns of a table that a person has named otherwise, by the name that is meant."""
    task = examples.task
    labels = task.names if has_shares(task) else ()
    meant = columns_meant(columns, (*examples.rows, PREDICTION, PROBABILITY, *examples.labelled), labels, PREDICTION)
    known = (PREDICTION, PROBABILITY, *labels, *examples.rows, *examples.labelled)
    unknown = [name for name in columns if meant.get(name, name) not in known]
    there = {meant.get(name, name) for name in columns}
    alone = len(columns) == 1 or not there.isdisjoint(examples.rows)
    lacking = there.isdisjoint((PREDICTION, *labels, *examples.labelled))
    if alone and lacking and len(unknown) == 1 and not _own_columns(examples, unknown):
        meant[unknown[0]] = PREDICTION
    return meant


def _own_columns(examples: ExamplesOfTest, columns: Sequence[str]) -> dict[str, list[Any]]:
    """Cells of the test examples in columns of the run's data file, if that still holds these examples."""
    label = examples.labelled[0]
    found = cells_of_own_file(examples.run, examples.rows, [*columns, label]) if columns else {}
    if label not in found or not are_true_labels(found[label], examples):
        return {}
    return {name: found[name] for name in columns if name in found}


def _without_answers(source: str, wanted: Sequence[str], shares: Sequence[str], task: Task) -> UserError:
    if shares and has_shares(task):
        missing = next(name for name in task.names if name not in shares)
        return UserError(
            f"{source} has a column of probabilities for {shares[0]}, but none for {missing}. Add one for each label, "
            f"or a column {PREDICTION}."
        )
    labels = f", or a column of probabilities for each label ({first_few(task.names)})" if has_shares(task) else ""
    what = f"Its column {PROBABILITY} does not say for which label. " if PROBABILITY in wanted else ""
    return UserError(f"{source} has no column {PREDICTION}. {what}Add one{labels}.")


def read_cells(
    source: str,
    cells: dict[str, list[Any]],
    where: Callable[[int], str],
    examples: ExamplesOfTest,
    notes: tuple[str, ...],
) -> OtherModel:
    """Turn the answers to the n test examples, in their order, into outputs to score.

    Args:
        source: names the table in messages.
        cells: n labels, or n probabilities of each label, by the names of columns.
        where: names the place of an answer.
        examples: the test examples.
        notes: messages on how the answers were read.

    Raises:
        UserError: an answer is unusable.
    """
    task = examples.task
    try:
        decided = task.decided(cells[PREDICTION], examples.truth) if PREDICTION in cells else None
        named = [name for name in task.names if name in cells]
        shares = None
        if are_complete(named, task):
            shares = shares_of_labels({name: cells[name] for name in named}, task)
        elif decided is not None and PROBABILITY in cells:
            shares = task.shares(decided, cells[PROBABILITY])
    except UnusableAnswer as error:
        raise UserError(f"{where(error.position)}: {error.why}.") from error
    return scored(source, decided, shares, examples, notes)
