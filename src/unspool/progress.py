"""What a person sees while something takes more than a moment."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error while the block runs; nothing where that is no terminal.

    Args:
        title: what is being done.
        total: how much there is to do, in any unit.

    Yields:
        A function to call with how much more has been done.
    """
    if not sys.stderr.isatty():
        yield lambda amount: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda amount: progress.advance(task, amount)


@contextmanager
def spinner(title: str) -> Iterator[None]:
    """Show that something is being done, for what has no measure; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(title):
        yield
