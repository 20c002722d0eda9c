"""What commands print: lines of progress on standard error, results as tables or JSON on standard output.

Nothing else in the package prints, so that what reaches a terminal has come through `terminal`.
"""

import json
import sys
from typing import TYPE_CHECKING, Any

from unspool import terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.table import Table

    from unspool.evaluation.result import Score


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
    """Print a value for other programs."""
    print(json.dumps(value, indent=2))


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


def cell(score: "Score | None", say: "Callable[[float], str]" = "{:.3f}".format) -> str:
    """A score and its interval, each number as `say` puts it; or nothing.

    Example:
        >>> from unspool.evaluation.result import Interval, Score
        >>> cell(Score(0.75, Interval(0.7, 0.8)))
        '0.750 (0.700–0.800)'
    """
    if score is None:
        return ""
    value, low, high = map(say, (score.value, score.interval.low, score.interval.high))
    return f"{value} ({low}\u2013{high})"
