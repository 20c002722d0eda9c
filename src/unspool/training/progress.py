"""What a person sees while a model trains."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichBar

from unspool import terminal
from unspool.progress import NotebookBar, bar

LINES_IN_A_NOTEBOOK = 10

FIGURES_SHOWN = 10
"""Of a metric with a number for each class, say."""


class Progress:
    """Says nothing; the others override what they show."""

    def resumed(self, epoch: int, steps: int, over: bool) -> None:
        """Training resumes in an epoch, counted from 0, after so many of its steps; or it had finished."""

    def begin_epoch(self, epoch: int, steps_done: int = 0) -> None:
        """An epoch, counted from 0, begins, or resumes after some steps."""

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """A program has ended."""

    def validating(self) -> None:
        """Training of the epoch is over, validation begins."""

    def end_epoch(self, epoch: int, logs: dict[str, Any]) -> None:
        """An epoch is over; `logs` holds its figures."""


class EpochLines(Progress):
    """One line an epoch: its figures, its time, its speed."""

    def __init__(self, console: Console, epochs: int, examples: int, batch_size: int) -> None:
        self._console = console
        self._epochs = epochs
        self._examples = examples
        self._batch_size = batch_size
        self._began = self._trained = 0.0
        self._done_before = 0

    def resumed(self, epoch: int, steps: int, over: bool) -> None:
        """Print where."""
        if over:
            place = "this training has ended: its end is read from the checkpoint"
        else:
            place = f"continuing from the checkpoint: epoch {epoch + 1}/{self._epochs}"
            place += f", after {steps} steps" if steps else ""
        self._say(place)

    def begin_epoch(self, epoch: int, steps_done: int = 0) -> None:
        """Start the clock."""
        self._began = self._trained = time.perf_counter()
        self._done_before = self._examples_in(steps_done)

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """Note when training was last at work, so that validation does not count as training speed."""
        self._trained = time.perf_counter()

    def end_epoch(self, epoch: int, logs: dict[str, Any]) -> None:
        """Print the line."""
        speed = self._speed(self._examples, self._trained)
        seconds = time.perf_counter() - self._began
        figures = _figures(logs)
        self._say(f"epoch {epoch + 1}/{self._epochs}  {seconds:.1f} s  {speed:,.0f} examples/s{figures}")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True)

    def _examples_in(self, steps: int) -> int:
        return min(steps * self._batch_size, self._examples)

    def _speed(self, done: int, now: float) -> float:
        """Examples a second, of those that this process has trained on."""
        return (done - self._done_before) / max(now - self._began, 1e-9)


class LiveBar(EpochLines):
    """A bar that moves between programs, and a line for each finished epoch."""

    def __init__(self, console: Console, epochs: int, examples: int, batch_size: int) -> None:
        super().__init__(console, epochs, examples, batch_size)
        self._bar = RichBar(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=examples, epoch="", figures="compiling")

    def begin_epoch(self, epoch: int, steps_done: int = 0) -> None:
        """Empty the bar."""
        super().begin_epoch(epoch, steps_done)
        self._bar.start()
        self._bar.reset(self._task, total=self._examples, epoch=f"{epoch + 1}/{self._epochs}", figures="compiling")

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """Move the bar."""
        super().update(steps_done, logs)
        done = self._examples_in(steps_done)
        speed = self._speed(done, time.perf_counter())
        loss = f"  loss {logs['loss']:.4f}" if "loss" in logs else ""
        self._bar.update(self._task, completed=done, figures=f"{speed:,.0f} examples/s{loss}")

    def validating(self) -> None:
        """Say so."""
        self._bar.update(self._task, figures="validating")

    def close(self) -> None:
        """Take the bar from the screen."""
        self._bar.stop()


class LiveNotebook(EpochLines):
    """The same in a notebook: one display with a bar and the lines of the last epochs, which stay."""

    def __init__(self, console: Console, epochs: int, examples: int, batch_size: int) -> None:
        super().__init__(console, epochs, examples, batch_size)
        self._bar, self._place = NotebookBar(), ""
        self._lines: deque[str] = deque(maxlen=LINES_IN_A_NOTEBOOK)

    def begin_epoch(self, epoch: int, steps_done: int = 0) -> None:
        """Empty the bar."""
        super().begin_epoch(epoch, steps_done)
        self._place = f"epoch {epoch + 1}/{self._epochs}"
        self._bar.show(0, self._examples, f"{self._place}  compiling", self._lines)

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """Move the bar."""
        super().update(steps_done, logs)
        done = self._examples_in(steps_done)
        speed = self._speed(done, time.perf_counter())
        self._bar.show(done, self._examples, f"{self._place}  {speed:,.0f} examples/s", self._lines)

    def close(self) -> None:
        """Take the bar away; the lines stay."""
        self._bar.close(self._lines)

    def _say(self, line: str) -> None:
        self._lines.append(line)


@contextmanager
def progress_for(verbose: int | str, epochs: int, examples: int, batch_size: int) -> Iterator[Progress]:
    """The display that `verbose` asks for, taken down at the end, also when training is interrupted.

    Raises:
        ValueError: `verbose` is none of 0, 1, 2, "auto".
    """
    console = terminal.console(sys.stderr)
    verbose = _as_number(verbose, console)
    if verbose == 0:
        yield Progress()
    elif verbose == 2:
        yield EpochLines(console, epochs, examples, batch_size)
    else:
        bar = (LiveNotebook if console.is_jupyter else LiveBar)(console, epochs, examples, batch_size)
        try:
            yield bar
        finally:
            bar.close()


class PassLine(Progress):
    """One line at the end of a pass, and a bar meanwhile where there is one."""

    def __init__(self, advance: Callable[[float], None], examples: int) -> None:
        self._advance, self._examples = advance, examples
        self._done = 0
        self._logs: dict[str, Any] = {}
        self._began = time.perf_counter()

    def update(self, steps_done: int, logs: dict[str, Any]) -> None:
        """Move the bar."""
        done = min(steps_done, self._examples)
        self._advance(done - self._done)
        self._done, self._logs = done, logs

    def line(self, title: str) -> str:
        """Say how long it took, how fast it was, and the figures."""
        seconds = time.perf_counter() - self._began
        speed = self._examples / max(seconds, 1e-9)
        return f"{title}  {self._examples:,} examples  {seconds:.1f} s  {speed:,.0f} examples/s{_figures(self._logs)}"


@contextmanager
def pass_progress(verbose: int | str, title: str, examples: int) -> Iterator[Progress]:
    """The same for a pass of `evaluate` or `predict`; it counts examples, not steps.

    Raises:
        ValueError: `verbose` is none of 0, 1, 2, "auto".
    """
    console = terminal.console(sys.stderr)
    verbose = _as_number(verbose, console)
    if verbose == 0:
        yield Progress()
        return
    with bar(title, examples) if verbose == 1 else nullcontext(lambda amount: None) as advance:
        shown = PassLine(advance, examples)
        yield shown
    console.print(shown.line(title), highlight=False, soft_wrap=True)


def _figures(logs: dict[str, Any]) -> str:
    """Each figure with its name; of a metric with more than `FIGURES_SHOWN` the first and the last three.

    Example:
        >>> _figures({"loss": 0.25, "f1_score": np.array([0.5, 1.0])})
        '  loss 0.25  f1_score [0.5 1]'
    """
    return "".join(f"  {name} {_figure(value)}" for name, value in logs.items())


def _figure(value: Any) -> str:
    four_digits = "{:.4g}".format
    if np.asarray(value).dtype.kind not in "fiub":
        return str(value)  # a callback may log anything
    if np.ndim(value) == 0:
        return four_digits(value)
    return np.array2string(
        np.ravel(value), max_line_width=sys.maxsize, threshold=FIGURES_SHOWN, formatter={"all": four_digits}
    )


def _as_number(verbose: int | str, console: Console) -> int:
    if verbose not in (0, 1, 2, "auto"):
        raise ValueError(f"verbose is 0, 1, 2 or 'auto', not {verbose!r}")
    if verbose == "auto":
        moves = console.is_terminal and not console.is_dumb_terminal
        return 1 if moves or console.is_jupyter else 2
    return int(verbose)
