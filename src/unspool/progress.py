"""Progress bars and spinners, in a terminal or a notebook; nothing is shown elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from html import escape

from unspool import terminal

_SECONDS_BETWEEN_UPDATES = 0.1

_silenced = False


@contextmanager
def silenced() -> Iterator[None]:
    """Show no bars and spinners within the block, as results are printed to the same place."""
    global _silenced
    before, _silenced = _silenced, True
    try:
        yield
    finally:
        _silenced = before


def _shows() -> bool:
    return sys.stderr.isatty() and not _silenced


@contextmanager
def bar(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """Show a progress bar within the block, on standard error or in a notebook.

    Args:
        title: what is being done.
        total: the amount of work, in any unit.

    Yields:
        A function to call with the amount of work done since the last call.
    """
    if in_notebook():
        with closing(NotebookBar()) as notebook:
            done = 0.0

            def advance(amount: float) -> None:
                nonlocal done
                done += amount
                notebook.show(done, total, title)

            advance(0)
            yield advance
        return
    if not _shows():
        yield lambda amount: None
        return
    from rich.progress import Progress

    with Progress(console=terminal.console(stderr=True), transient=True) as progress:
        task = progress.add_task(terminal.markup(title), total=total)
        yield lambda amount: progress.advance(task, amount)


@contextmanager
def spinner(title: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner within the block, for work whose amount is not known.

    Yields:
        A function to call with a new title.
    """
    if in_notebook():
        with closing(NotebookBar()) as notebook:
            notebook.show(None, 1, title)
            yield lambda title: notebook.show(None, 1, title)
        return
    if not _shows():
        yield lambda title: None
        return
    with terminal.console(stderr=True).status(terminal.markup(title)) as status:
        yield lambda title: status.update(terminal.markup(title))


def in_notebook() -> bool:
    """Whether this runs in a notebook, which shows HTML."""
    if "IPython" not in sys.modules:
        return False
    return terminal.console().is_jupyter


class NotebookBar:
    """A progress bar in a notebook, as plain HTML: that of rich needs ipywidgets, and warns without them."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._page, self._shown = HTML, 0.0
        self._display = display(HTML(""), display_id=True)

    def show(self, done: float | None, total: float, text: str, lines: Sequence[str] = ()) -> None:
        """Update the bar, at most every 0.1 s.

        Args:
            done: the amount of work done; None if it is not known.
            total: the amount of work.
            text: beside the bar.
            lines: below it.
        """
        now = time.monotonic()
        if now - self._shown < _SECONDS_BETWEEN_UPDATES and done:
            return
        self._shown = now
        value = "" if done is None else f' value="{done:g}"'
        self._update(f'<progress max="{total:g}"{value}></progress> {escape(text)}', lines)

    def close(self, lines: Sequence[str] = ()) -> None:
        """Replace the bar by some lines."""
        self._update("", lines)

    def _update(self, bar: str, lines: Sequence[str]) -> None:
        below = "\n".join(map(escape, lines))
        self._display.update(self._page(bar + (f"<pre>{below}</pre>" if lines else "")))
