"""The one way to a person's terminal: control characters in texts are shown, never obeyed.

Cells, labels, names of columns and files, and models may come from strangers. What a terminal would obey (colours, a
moved cursor, a new title, text that runs from right to left) is shown as Python writes it: `\\x1b`, `\\u202e`.
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
"""Characters of one line: a message may quote a cell of a million."""

# Control characters but tab and newline, separators of lines, marks and overrides of direction, what takes no room (but
# for joiners, which some scripts need), halves of characters.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def shown(text: str) -> str:
    r"""A text whose control characters are written out; tabs and newlines stay.

    Example:
        >>> shown("\x1b[31mred\x1b[0m, \u202eleft")
        '\\x1b[31mred\\x1b[0m, \\u202eleft'
    """
    return _OBEYED.sub(_written_out, text)


def say(line: str) -> None:
    """Print a line immediately, without buffering."""
    print(shown(line), flush=True)


def in_one_line(text: str) -> str:
    r"""The same in one line that is not too long.

    Example:
        >>> in_one_line("a label\nof two lines")
        'a label\\nof two lines'
    """
    if len(text) > MOST_SHOWN:
        text = f"{text[:MOST_SHOWN]}... ({len(text):,} characters)"
    return shown(text).replace("\n", "\\n")


def in_blocks(blocks: Iterable[Iterable[str]]) -> str:
    r"""Lines in blocks, with a blank line between two blocks; no text within a line can begin another.

    Example:
        >>> in_blocks([["labels:", "  a\nb"], ["nothing"]])
        'labels:\n  a\\nb\n\nnothing\n'
    """
    return "\n\n".join("\n".join(map(in_one_line, block)) for block in blocks) + "\n"


def markup(text: str) -> str:
    """The same for what rich reads as markup: `[red]` stays as it is."""
    from rich.markup import escape

    return escape(in_one_line(text))


def console(file: TextIO | None = None, *, stderr: bool = False) -> "Console":
    """A rich console that prints texts as they are: no markup in them, and control characters shown.

    Args:
        file: where to; None for standard output or standard error.
        stderr: which of the two.
    """
    made: Console = _console_class()(file=file, stderr=stderr, highlight=False, markup=False, emoji=False)
    return made


@cache
def _console_class() -> Any:
    """Made when first needed: rich takes as long to import as many a command takes."""
    from rich.console import Console

    class PlainConsole(Console):
        """Every text that is printed, in a table too, comes through `render_str`."""

        def render_str(self, text: str, **settings: Any) -> Any:
            return super().render_str(in_one_line(text), **settings)

    return PlainConsole


@contextmanager
def escaping() -> Iterator[None]:
    """Show control characters in all that is written to standard output and error within the block.

    What a stream's encoding lacks is written out as well.
    """
    before = sys.stdout, sys.stderr
    for stream in before:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (_Escaping(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def for_data(stream: TextIO) -> TextIO:
    """The stream for a table: a terminal is shown control characters, a program gets the texts as they are."""
    return stream._stream if isinstance(stream, _Escaping) and not stream.isatty() else stream


def discard(stream: TextIO) -> None:
    """Discard what a stream still holds and all that follows, as its reader has gone.

    Python would try to write it once more when it ends, fail, and give the exit code 120.
    """
    with suppress(OSError):  # there may be no file behind it
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def muted_output() -> Iterator[None]:
    """Send nowhere what libraries in other languages print in the block, past Python's own standard output."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class _Escaping:
    """A stream of text; rich, whose own control characters are meant, writes to the one beneath."""

    def __init__(self, stream: TextIO) -> None:
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
