"""Matches the rows of a table of answers to the test examples of a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint
from unspool.data.columns import numbers_rows
from unspool.data.labels import shown
from unspool.data.names_in_words import first_few
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.problems import Place
from unspool.data.tables.table import Chunk
from unspool.data.tables.writing import without_apostrophe
from unspool.data.tables.written_numbers import without_decimals
from unspool.errors import UserError
from unspool.evaluation.wording import capitalized
from unspool.runs.answer_columns import PREDICTION
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.own_file import SharedColumn
from unspool.runs.records.example_files import without_file
from unspool.runs.records.folder import TEST_PREDICTIONS

Own: TypeAlias = Callable[[Sequence[str]], Mapping[str, list[Any]]]

_SHARED, _ALMOST = 0.5, 0.95
"""A column with fewer of the test examples' cells than the first share is another one, whatever its name. Of columns
that say the same, at least the second share of the cells agree, as programs may write some of them otherwise."""


def matched(
    source: str,
    naming: list[str],
    wanted: list[str],
    chunks: Iterator[Chunk],
    examples: ExamplesOfTest,
    forms: Mapping[str, Callable[[Any], str]] = MappingProxyType({}),
) -> tuple[list[Place], dict[str, list[Any]], tuple[str, ...]]:
    """The answers in the order of the run's test examples, matched by the columns that identify them.

    `forms` give the cells of some of these columns in the form in which they are compared.
    """
    of_test = _prints({name: examples.rows[name] for name in naming}, forms)
    order = np.argsort(of_test, kind="stable")
    known = of_test[order]
    if len(np.unique(known)) < len(known):
        raise _not_told_apart(source, naming, examples)
    places: list[Place | None] = [None] * len(examples)
    found: dict[str, list[Any]] = {name: [None] * len(examples) for name in wanted}
    others, first, counted = 0, "", examples.counted and naming[-1] == [*examples.rows][-1]
    shifted = [_prints(_moved(examples, naming, by), forms) if counted else of_test for by in (-1, 1)]
    found_shifted = np.zeros(2, np.int64)
    for chunk in chunks:
        cells = chunk.cells
        first = first or ", ".join(f"{name} {shown(cells[name][0])}" for name in naming if cells[name])
        prints = _prints({name: cells[name] for name in naming}, forms)
        at = np.minimum(np.searchsorted(known, prints), len(known) - 1)
        of_no_test = known[at] != prints
        others += int(of_no_test.sum())
        found_shifted += [int(np.isin(moved, prints).sum()) for moved in shifted]
        if counted and "0" in map(_plain, cells[naming[-1]]):
            raise UserError(
                f"{source}: column {naming[-1]} counts from 0, but that of {examples.file} from 1. Add 1 to each."
            )
        for index in np.flatnonzero(~of_no_test).tolist():
            position = int(order[at[index]])
            before, places[position] = places[position], chunk.places[index]
            if before is not None:
                raise UserError(
                    f"{source}: {before} and {chunk.places[index]} both hold a prediction for the test example "
                    f"{examples.named(position, naming)}. Keep one of them."
                )
            for name in wanted:
                found[name][position] = cells[name][index]
    missing = [position for position, place in enumerate(places) if place is None]
    if missing:
        raise _missing(source, naming, examples, missing, found_shifted if counted else None, first)
    ignored = f"; rows that are not test examples were ignored: {others:,}" if others else ""
    note = f"The predictions of {source} were matched by {shown_columns(naming)}{ignored}."
    return [place for place in places if place is not None], found, (note,)


def _not_told_apart(source: str, naming: list[str], examples: ExamplesOfTest) -> UserError:
    more = next((name for name in examples.rows if name not in naming), None)
    how = (
        f"Add the column {more} of {examples.file}"
        if more is not None
        else f"Leave it out, and give the predictions in the order of {examples.file}"
    )
    alone = f"{shown_columns(naming)} alone {'do' if len(naming) > 1 else 'does'}"
    return UserError(f"{source}: {alone} not tell the test examples apart. {how}.")


def _missing(
    source: str,
    naming: list[str],
    examples: ExamplesOfTest,
    missing: list[int],
    shifted: NDArray[np.int64] | None,
    first: str,
) -> UserError:
    """What is wrong if test examples have no prediction.

    Args:
        source: the table of answers.
        naming: the columns that identify examples, the last one perhaps by the numbers of rows.
        examples: of the test.
        missing: the places of those without a prediction.
        shifted: how many would have one if the rows of the source were counted from 0, and from 2; None if the last
            column does not count rows.
        first: what identifies the first row of the source.
    """
    if shifted is not None and len(examples) in shifted:
        from_zero = shifted[0] == len(examples)
        start, change = ("from 0", "Add 1 to") if from_zero else ("the header as row 1", "Subtract 1 from")
        return UserError(
            f"{source}: column {naming[-1]} seems to count {start}, but that of {examples.file} counts from 1, without "
            f"the header. {change} each."
        )
    from_one = "" if shifted is None else " (counted from 1, without the header)"
    from_one += f"; the first row of the table is {first}" if first and len(missing) == len(examples) else ""
    return UserError(
        f"{source} has no prediction for {len(missing):,} of the {len(examples):,} test examples of {examples.run}."
        f" The first is {examples.named(missing[0], naming)}{from_one}. {examples.file} lists all test examples."
    )


def refuse_other_rows(
    source: str,
    naming: list[str],
    chunks: Sequence[Chunk],
    places: Sequence[Place],
    own: Mapping[str, list[Any]],
    examples: ExamplesOfTest,
) -> None:
    """Check that the rows matched by the columns that identify examples have the examples' texts, ids and the like.

    Only columns of which most cells are distinct are compared: an equal name alone may be a coincidence. An index
    that pandas or R writes is not compared: it numbers the rows of whatever table it is in.

    Args:
        source: names the table in messages.
        naming: the columns that rows were matched by.
        chunks: all rows of the table; none if there is no such column.
        places: of the row of each test example in the table.
        own: the cells of the test examples in columns that the run's data file and the table share.
        examples: of the test.

    Raises:
        UserError: the table has most of these cells, but in other rows.
    """
    at = {place.row: index for index, place in enumerate(place for chunk in chunks for place in chunk.places)}
    matched_rows = [at[place.row] for place in places] if chunks else []
    given = {name: [cell for chunk in chunks for cell in chunk.cells[name]] for name in own}
    shared = [SharedColumn(name, given[name], own[name]) for name in own if not numbers_rows(name, given[name])]
    shared = [one for one in shared if min(one.found, one.distinct) >= _SHARED]
    other = next((one for one in shared if _disagrees(one, matched_rows)), None)
    if other is None:
        return
    first, name = other.first_moved(matched_rows), other.name
    same = [one.name for one in shared if not _disagrees(one, matched_rows)]
    matching = f" {capitalized(shown_columns(same))} match{'' if len(same) > 1 else 'es'}." if same else ""
    counted = ", which counts from 1 without the header" if examples.counted else ""
    raise UserError(
        f"{source}, {places[first]}: column {name} has {shown(given[name][matched_rows[first]])!r}, but that of the "
        f"test example {examples.named(first, naming)} is {shown(own[name][first])!r}, which is in another row."
        f"{matching} Correct {shown_columns(naming)}{counted}, or leave out column {name} if it is not that of the "
        "run's data file."
    )


def in_order(
    source: str, columns: Sequence[str], wanted: list[str], chunks: Iterator[Chunk], examples: ExamplesOfTest, own: Own
) -> tuple[list[Place], dict[str, list[Any]], tuple[str, ...]]:
    """The answers by another column that identifies the test examples, otherwise in the order of the rows.

    Args:
        source: names the table in messages.
        columns: of the table; none of them is one of those that identify the examples.
        wanted: those with answers and labels.
        chunks: the rows.
        examples: of the test.
        own: gives the cells of the test examples in columns of the run's own file, such as a text.

    Raises:
        UserError: there are more or fewer rows than test examples, or the rows are in another order.
    """
    places: list[Place] = []
    others = [name for name in columns if name not in wanted]
    found: dict[str, list[Any]] = {name: [] for name in (*wanted, *others)}
    for chunk in chunks:
        places += chunk.places
        for name in found:
            found[name] += chunk.cells[name]
    rest = {name: found.pop(name) for name in others}
    ordered = _by_own_columns(source, rest, found, examples, own(others))
    if ordered is None and len(places) != len(examples):
        raise _other_number(source, columns, len(places), examples)
    if ordered is None and columns[0] in rest:
        ordered = order_by_numbers(rest[columns[0]], examples)
    if ordered is not None:
        order, meaning = ordered
        return (
            [places[row] for row in order],
            {name: [cells[row] for row in order] for name, cells in found.items()},
            (f"The predictions of {source} were matched by {meaning}.",),
        )
    file = f" (that of {examples.file})" if examples.rows else ""
    unused = f"; not used: {shown_columns(others)}" if others else ""
    return places, found, (f"The predictions of {source} were read in the order of the test examples{file}{unused}.",)


def _by_own_columns(
    source: str,
    rest: Mapping[str, list[Any]],
    answers: Mapping[str, list[Any]],
    examples: ExamplesOfTest,
    own: Mapping[str, list[Any]],
) -> tuple[list[int], str] | None:
    """The place of each test example's row by a column of the run's data file, such as a text or an id, and which.

    None if no such column tells all test examples apart, and all that are shared are in their order. An index that
    pandas or R writes counts only where no other column tells them apart, and contradicts none that does.

    Raises:
        UserError: shared columns contradict each other or the order of the rows, or some test examples are not in a
            column that identifies them.
    """
    cells = list(zip(*answers.values(), strict=True))
    shared = [SharedColumn(name, rest[name], of_test) for name, of_test in own.items()]
    shared = [one for one in shared if one.found >= _SHARED]
    indexes = [one for one in shared if numbers_rows(one.name, rest[one.name])]
    shared = [one for one in shared if one not in indexes]
    orders = ((one, one.places(cells)) for one in (*shared, *indexes) if one.found == 1)
    by, order = next(((one, order) for one, order in orders if order is not None), (None, None))
    if order is None and len(cells) != len(examples):
        for one in shared:
            if one.identifies:
                raise _lacking(source, one, examples)
        return None
    places = range(len(cells)) if order is None else order
    for one in shared:
        if _disagrees(one, places):
            raise _contradiction(source, one, by, examples)
    return None if by is None or order is None else (order, f"column {by.name} of the run's data file")


def _disagrees(one: SharedColumn, places: Sequence[int]) -> bool:
    return one.agreeing(places) < _ALMOST * one.found


def _lacking(source: str, one: SharedColumn, examples: ExamplesOfTest) -> UserError:
    missing = round((1 - one.found) * len(examples))
    return UserError(
        f"{source} has no prediction for {missing:,} of the {len(examples):,} test examples of {examples.run}, by "
        f"column {one.name} of the run's data file. The first is {shown(one.first_lacking)}. {examples.file} lists all "
        "test examples."
    )


def _contradiction(source: str, one: SharedColumn, by: SharedColumn | None, examples: ExamplesOfTest) -> UserError:
    add = f"Add the column {' and '.join(examples.rows)} of {examples.file}"
    if by is not None:
        return UserError(f"{source}: columns {by.name} and {one.name} are those of different test examples. {add}.")
    why = "which has duplicates with different predictions"
    if one.first_lacking is not None:
        why = f"which lacks some of them, the first being {shown(one.first_lacking)!r}"
    return UserError(
        f"{source} has the test examples of {examples.run} in another order, by column {one.name}, {why}. {add}, or "
        f"leave out column {one.name} if it is not that of the run's data file."
    )


def _other_number(source: str, columns: Sequence[str], rows: int, examples: ExamplesOfTest) -> UserError:
    named = " and ".join(examples.rows)
    how = (
        f"Add the column {named} of {examples.file}."
        if named
        else f"Give the predictions in the order of the test set. {without_file(examples.run, TEST_PREDICTIONS)}"
    )
    if len(columns) == 1 and rows + 1 == len(examples) and examples.task.flaw(columns[0]) is None:
        how = f"If the first line, {shown(columns[0])}, is a prediction, write a line above it: {PREDICTION}."
    none = (
        f", and none of the columns {first_few(columns)} identifies the examples" if [*columns] != [PREDICTION] else ""
    )
    return UserError(f"{source} has {rows:,} rows, {examples.run} has {len(examples):,} test examples{none}. {how}")


def order_by_numbers(cells: list[Any], examples: ExamplesOfTest) -> tuple[list[int], str] | None:
    """The place of each test example's row by the first column, which has another name, and what that column says.

    None if it does not identify the test examples. It does if it holds the same values as the column that does, or the
    same numbers counted from 0, like the index of a data frame; or if it numbers the test examples from 0 or 1.
    """
    at = {_plain(cell): place for place, cell in enumerate(cells)}
    meanings = []
    if len(examples.rows) == 1:
        ((name, rows),) = examples.rows.items()
        moved = [_moved(examples, [name], -1)[name]] if examples.counted else []
        column = f"the first column, which corresponds to column {name} of {examples.file}"
        meanings = [([_plain(row) for row in one], column) for one in (rows, *moved)]
    for start in (0, 1):
        numbers = range(start, start + len(examples))
        meanings.append((list(map(str, numbers)), f"the first column, which numbers the test examples from {start}"))
    found = (([at[name] for name in names], meaning) for names, meaning in meanings if at.keys() == {*names})
    return next(found, None)


def _moved(examples: ExamplesOfTest, naming: list[str], by: int) -> dict[str, list[Any]]:
    """The columns that identify the test examples, with `by` added to the numbers in the last one."""
    last = naming[-1]
    return {name: examples.rows[name] for name in naming} | {
        last: [str(int(_plain(row)) + by) for row in examples.rows[last]]
    }


def _prints(columns: dict[str, list[Any]], forms: Mapping[str, Callable[[Any], str]]) -> NDArray[np.int64]:
    """(N,) fingerprints of the cells that identify N examples."""
    rows = zip(*(map(forms.get(name, _plain), cells) for name, cells in columns.items()), strict=True)
    return np.fromiter((fingerprint("\0".join(row)) for row in rows), np.int64)


def _plain(cell: Any) -> str:
    """A cell that identifies an example, in the same form, whatever program wrote it."""
    return str(without_decimals(without_apostrophe(str(cell).strip())))
