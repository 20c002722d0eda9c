"""The command line: parses, calls, prints. Nothing heavy is imported until a command needs it."""

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from unspool import terminal
from unspool.cli import (
    autoencoders,
    comparisons,
    exports,
    hubs,
    predicting,
    runs,
    searching,
    serving,
    surroundings,
    training,
)
from unspool.cli.options import Parser, refuse_missing_paths
from unspool.cli.output import complain, tell
from unspool.errors import UserError
from unspool.interruption import Terminated, leaving_politely

USER_ERROR, INTERRUPTED, TERMINATED = 1, 130, 143

_OF_LOADING = ("failed to map segment from shared object", "Cannot allocate memory")
"""What the system's loader says when there is no memory for a library."""
_NO_TEMPORARY = "No usable temporary directory found"
"""What Python's `tempfile` says in a container whose disk is read-only."""

_EXIT_CODES = """\
exit codes:
  0    done
  1    something in your input is wrong; one line on standard error says what, and what to do
  2    the command line cannot be parsed
  3    `unspool replay` found different bits
  130  interrupted with Ctrl-C; a run is kept for `unspool resume`, and a second Ctrl-C does not wait for that
  143  the same by SIGTERM
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    with terminal.escaping():
        code = _code_of(lambda: _run(arguments))
        code = _code_of(sys.stdout.flush) or code  # else Python would do so at exit, with a traceback and code 120
    processes = sys.modules.get("unspool.training.processes")
    if processes is not None and processes.bound():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # Python's end would wait for processes that are lost
    return code


def _run(arguments: Sequence[str] | None) -> int | None:
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        getattr(options, "parser", parser).refuse_unknown(unknown)
    options.given = sys.argv[1:] if arguments is None else list(arguments)
    refuse_missing_paths(options)
    with leaving_politely():
        code: int | None = options.command(options)
        return code


def _code_of(act: Callable[[], int | None]) -> int:
    """Do something, report its error if there is one, and return the exit code."""
    try:
        return act() or 0
    except SystemExit as left:  # by argparse
        return int(left.code or 0)
    except UserError as error:
        complain(str(error))
        return USER_ERROR
    except terminal.OutputError as error:
        terminal.discard(sys.stdout)
        if error.reason.errno == errno.EPIPE:  # its reader has had enough and is gone, as `head` is
            return 0
        why = error.reason.strerror
        complain(f"standard output: {why}. The output is incomplete. Try again once that is put right.")
        return USER_ERROR
    except OSError as error:
        from unspool.files import OF_THE_SYSTEM

        if (error.strerror or "").startswith(_NO_TEMPORARY):
            complain("there is no writable folder for temporary files. Set the environment variable TMPDIR to one.")
            return USER_ERROR
        if error.errno not in OF_THE_SYSTEM and not (error.strerror and error.filename):
            raise
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror}. Nothing half-written was left. Try again once that is put right.")
        return USER_ERROR
    except Terminated:
        complain("terminated")
        return TERMINATED
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except Exception as error:
        if not _is_of_memory(error):
            raise
        complain("there is not enough memory for this. Close other programs, or give smaller files.")
        return USER_ERROR


def _is_of_memory(error: Exception) -> bool:
    """Whether memory ran out: in Python, in JAX, while loading a library or while starting a thread."""
    kinds, said = {kind.__name__ for kind in type(error).__mro__}, str(error)
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, ImportError) and said.endswith(_OF_LOADING))
        or ("JaxRuntimeError" in kinds and "RESOURCE_EXHAUSTED" in said)
        or (isinstance(error, RuntimeError) and said == "can't start new thread")
    )


def _parser() -> Parser:
    parser = Parser(
        prog="unspool",
        description="Models for texts and time series that train fast on an ordinary CPU and tell you honestly "
        "how good they are.",
        epilog="start here:\n"
        "  unspool train reviews.csv                    train a model on your file\n"
        "  unspool predict runs/reviews new.csv         print its predictions\n"
        "  unspool run sentences-lstm                   a recipe that needs no download\n"
        "  unspool run digits-lstm-ae                   an autoencoder and its pictures\n"
        "  unspool run imdb-lstm --set model.units=64   a recipe with one setting changed\n"
        "  unspool compare imdb-rnn imdb-lstm           is the difference real?\n"
        "  unspool search imdb-lstm --over model.units=16..256:log    which settings are best?\n"
        "  unspool export runs/reviews --out reviews.unspool    one file that runs without Keras and JAX\n"
        "  unspool serve runs/reviews                   answer over HTTP\n\n" + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    parser.set_defaults(command=lambda options: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for subject in (
        training,
        predicting,
        runs,
        comparisons,
        searching,
        autoencoders,
        exports,
        hubs,
        serving,
        surroundings,
    ):
        subject.add_commands(commands)
    return parser


class _Version(argparse.Action):
    """Looks the version up when asked, not at every start."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        import unspool

        tell(f"unspool {unspool.__version__}")
        parser.exit()
