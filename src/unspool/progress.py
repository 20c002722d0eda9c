"""What a person sees while something takes more than a moment: in a terminal, in a notebook, and nothing elsewhere."""

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
    """While the block runs, show no bar and no spinner: results are printed where they would stand."""
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
    """Show a bar while the block runs, on standard error or in the notebook; nothing where there is neither.

    Args:
        title: what is being done.
        total: how much there is to do, in any unit.

    Yields:
        A function to call with how much more has been done.
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
    """Show that something is being done, for what has no measure: where `bar` shows how much.

    Yields:
        A function to call with another title.
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
    """Whether this is a notebook, which shows HTML."""
    if "IPython" not in sys.modules:
        return False
    return terminal.console().is_jupyter


class NotebookBar:
    """A bar in a notebook, as plain HTML: rich's own needs ipywidgets, and warns where they are not installed."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._page, self._shown = HTML, 0.0
        self._display = display(HTML(""), display_id=True)

    def show(self, done: float | None, total: float, text: str, lines: Sequence[str] = ()) -> None:
        """Show how far it is, not more often than a person can see.

        Args:
            done: of `total`; None where that is not known.
            total: how much there is to do.
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
        """Take the bar away, and leave some lines in its place."""
        self._update("", lines)

    def _update(self, bar: str, lines: Sequence[str]) -> None:
        below = "\n".join(map(escape, lines))
        self._display.update(self._page(bar + (f"<pre>{below}</pre>" if lines else "")))
