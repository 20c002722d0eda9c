"""What commands print: lines of progress on standard error, results as tables or JSON on standard output.

Nothing else in the package prints, so that what reaches a terminal has come through `terminal`.
"""

import sys
from typing import TYPE_CHECKING, Any

from unspool import terminal
from unspool.strict_json import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console
    from rich.table import Table

    from unspool.evaluation.result import Score

_ANY_WIDTH = 10_000
"""Columns of text, more than any terminal has."""


def say(line: str) -> None:
    """Tell how far the work has come."""
    print(terminal.shown(line), file=sys.stderr, flush=True)


def complain(reason: str) -> None:
    """Say in one line why a command ends."""
    print(f"unspool: {terminal.in_one_line(reason)}", file=sys.stderr)


def tell(line: str) -> None:
    """Print one line of a result."""
    print(terminal.in_one_line(line))


def tell_all(lines: str) -> None:
    """Print several lines of a result, each with its end."""
    print(terminal.shown(lines), end="")


def print_json(value: Any) -> None:
    """Print a value for other programs as JSON; numbers that are not finite become null."""
    print(as_json(value, indent=2))


def console() -> "Console":
    """What prints tables."""
    return terminal.console()


def table(title: str, *columns: str) -> "Table":
    """An empty table."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_scores(title: str, measures: "Sequence[str]", rows: "Sequence[Sequence[str]]") -> None:
    """Print a row of scores for each model: the first measures, as many as there is room for and at least one."""
    for count in range(len(measures), 0, -1):
        made = table(title, "", *measures[:count])
        for row in rows:
            made.add_row(*row[: 1 + count])
        if _keep_words_whole(made) or count == 1:
            console().print(made)
            return


def print_table(table: "Table") -> None:
    """Print a table in which no word is broken where there is room for that."""
    _keep_words_whole(table)
    console().print(table)


def _keep_words_whole(table: "Table") -> bool:
    """Give each column at least the width of its longest word; the first gets less where there is no room for all.

    Not by rich's own least widths: it takes from the widest column first, and then cuts the table off.

    Returns:
        Whether there is room.
    """
    from rich.measure import Measurement

    printer, lines = console(), [[column.header, *column.cells] for column in table.columns]
    least = [max((len(word) for line in one for word in str(line).split()), default=0) for one in lines]
    most = [max(len(str(line)) for line in one) for one in lines]
    for column, width in zip(table.columns, least, strict=True):
        column.width = width
    needed = Measurement.get(printer, printer.options.update(width=_ANY_WIDTH), table).maximum
    left = printer.width - needed
    if left < 0:
        table.columns[0].width = max(1, least[0] + left)
        return False
    for column, narrow, wide in zip(table.columns, least, most, strict=True):
        if wide - narrow <= left:  # one line for each cell
            column.width, left = wide, left - (wide - narrow)
    return True


def print_prose(text: str, *, style: str | None = None) -> None:
    """Print a sentence: in a terminal its lines end between words, elsewhere it is one line."""
    printer = console()
    printer.print(text, style=style, soft_wrap=not printer.is_terminal)


def cell(score: "Score | None", say: "Callable[[float], str]" = "{:.3f}".format) -> str:
    """A score and its interval, if it has a width, each number as `say` puts it; or nothing.

    Example:
        >>> from unspool.evaluation.result import Interval, Score
        >>> cell(Score(0.75, Interval(0.7, 0.8)))
        '0.750 (0.700–0.800)'
        >>> cell(Score(0.1, Interval(-0.2, 0.4)))
        '0.100 (-0.200 to 0.400)'
    """
    if score is None:
        return ""
    value, low, high = map(say, (score.value, score.interval.low, score.interval.high))
    if low == high:  # no resample differs, which says nothing of other examples
        return value
    between = " to " if low.startswith("-") else "\u2013"
    return f"{value} ({low.removesuffix('%')}{between}{high})"
