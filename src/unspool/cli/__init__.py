"""The command line: parses, calls, prints. Nothing heavy is imported until a command needs it."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from unspool.cli import autoencoders, comparisons, own_files, runs, surroundings
from unspool.errors import UserError
from unspool.interruption import Terminated, leaving_politely

USER_ERROR, USAGE_ERROR, INTERRUPTED, TERMINATED = 1, 2, 130, 143

_EXIT_CODES = """\
exit codes:
  0    done
  1    something you gave is wrong; one line on standard error says what and what to do
  2    the command line is not understood
  3    a replay did not give the bits of its run
  130  interrupted with Ctrl-C; a run is kept for `unspool resume`, and a second Ctrl-C does not wait for that
  143  the same by SIGTERM
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        with leaving_politely():
            return options.command(options) or 0
    except UserError as error:
        print(f"unspool: {error}", file=sys.stderr)
        return USER_ERROR
    except Terminated:
        print("unspool: terminated", file=sys.stderr)
        return TERMINATED
    except KeyboardInterrupt:
        print("unspool: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="unspool",
        description="Sequence models that train fast on the CPU you have and say honestly how good they are.",
        epilog="start here:\n"
        "  unspool run sentences-lstm                   needs no download, takes a minute or two\n"
        "  unspool run digits-lstm-ae                   an autoencoder, and what it draws\n"
        "  unspool run imdb-lstm --set model.units=64   a recipe with one thing changed\n"
        "  unspool compare imdb-rnn imdb-lstm           is the difference real?\n\n" + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for subject in (runs, comparisons, own_files, autoencoders, surroundings):
        subject.add_commands(commands)
    return parser


class _Version(argparse.Action):
    """Looks the version up when asked, not at every start."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        import unspool

        print(f"unspool {unspool.__version__}")
        parser.exit()
