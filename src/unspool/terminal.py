"""Output to the terminal, with control characters escaped.

Cells, labels, names of columns and files, and models may come from strangers. What a terminal would interpret (colours,
a moved cursor, a new title, text that runs from right to left) is shown as Python writes it: `\\x1b`, `\\u202e`.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

MOST_SHOWN = 2_000
"""The most characters of a line, as a message may quote a cell of a million."""


class OutputError(Exception):
    """Standard output could not be written.

    It is not an OSError: argparse ignores those, and other code takes them for errors of files.

    Attributes:
        reason: the error of the system.
    """

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


# Control characters but tab and newline, separators of lines, marks and overrides of direction, what takes no room (but
# for joiners, which some scripts need), halves of characters.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def shown(text: str) -> str:
    r"""Escape the control characters of a text except tabs and newlines.

    Example:
        >>> shown("\x1b[31mred\x1b[0m, \u202eleft")
        '\\x1b[31mred\\x1b[0m, \\u202eleft'
    """
    return _OBEYED.sub(_written_out, text)


def say(line: str) -> None:
    """Print a line immediately, without buffering."""
    print(shown(line), flush=True)


def in_one_line(text: str) -> str:
    r"""Escape a text including newlines, and shorten it to `MOST_SHOWN` characters.

    Example:
        >>> in_one_line("a label\nof two lines")
        'a label\\nof two lines'
    """
    if len(text) > MOST_SHOWN:
        text = f"{text[:MOST_SHOWN]}... ({len(text):,} characters)"
    return shown(text).replace("\n", "\\n")


def in_blocks(blocks: Iterable[Iterable[str]]) -> str:
    r"""Join blocks of lines, with a blank line between two blocks; newlines within a line are escaped.

    Example:
        >>> in_blocks([["labels:", "  a\nb"], ["nothing"]])
        'labels:\n  a\\nb\n\nnothing\n'
    """
    return "\n\n".join("\n".join(map(in_one_line, block)) for block in blocks) + "\n"


def markup(text: str) -> str:
    """Escape a text for rich's markup too, so that `[red]` is printed as it is."""
    from rich.markup import escape

    return escape(in_one_line(text))


def console(file: TextIO | None = None, *, stderr: bool = False) -> "Console":
    """A rich console that escapes control characters and does not interpret markup.

    Args:
        file: to print to; None for standard output or standard error.
        stderr: whether it is standard error.
    """
    made: Console = _console_class()(file=file, stderr=stderr, highlight=False, markup=False, emoji=False)
    return made


@cache
def _console_class() -> Any:
    """The class of consoles, made when first needed, as rich takes long to import."""
    from rich.console import Console

    class PlainConsole(Console):
        """Escapes all texts, including those in tables, in `render_str`."""

        def render_str(self, text: str, **settings: Any) -> Any:
            return super().render_str(in_one_line(text), **settings)

    return PlainConsole


@contextmanager
def escaping() -> Iterator[None]:
    """Show control characters in all that is written to standard output and error within the block.

    Characters that a stream's encoding lacks are escaped as well. A closed stream discards everything. If standard
    output cannot be written, `OutputError` is raised; if standard error cannot, what follows is discarded.
    """
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w") as nowhere:
        out, err = (nowhere if stream is None else stream for stream in before)
        for stream in out, err:
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        sys.stdout, sys.stderr = _Escaping(_Output(out)), _Escaping(_Log(err))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def for_data(stream: TextIO) -> TextIO:
    """The stream to print a table to: escaped on a terminal, unchanged for other programs."""
    return stream._stream if isinstance(stream, _Escaping) and not stream.isatty() else stream


def discard(stream: TextIO) -> None:
    """Discard what a stream still holds and all that follows, as its reader has gone.

    Otherwise Python would try to write it at exit, fail, and exit with code 120.
    """
    with suppress(OSError, AttributeError):  # there may be no file behind it
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def muted_output() -> Iterator[None]:
    """Discard what compiled libraries write to file descriptor 1 within the block."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class _Output:
    """A stream that tells its own errors from those of files."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._checked():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._checked():
            if hasattr(self._stream, "flush"):  # `print` asks for `write` alone
                self._stream.flush()

    @contextmanager
    def _checked(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        raise OutputError(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Log(_Output):
    """A stream whose errors do not end the work, as when its reader has gone."""

    def _failed(self, error: OSError) -> None:
        discard(self._stream)


class _Escaping:
    """A stream that escapes control characters; rich writes its own to the stream beneath."""

    def __init__(self, stream: Any) -> None:
        self._stream = self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        self._stream.write(shown(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _written_out(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
