"""What commands have in common when they parse."""

import argparse
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def add_command(
    commands: Any,
    name: str,
    function: Any,
    summary: str,
    description: str,
    epilog: str,
    **paths: "Callable[[Path], None]",
) -> argparse.ArgumentParser:
    """Add a command whose help ends with examples.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
        name: of the command.
        function: takes the parsed options.
        summary: one line, for the list of commands.
        description: a paragraph.
        epilog: examples.
        paths: for an argument that names a file or folder, what refuses it where it is missing: before `function`, as
            that may import Keras and JAX first, which takes seconds.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=fill(description, 100),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=function, paths=paths)
    return parser


def refuse_missing_paths(options: argparse.Namespace) -> None:
    """Refuse the first path of a command at which there is not what the command needs.

    Raises:
        UserError: says which, and what to give.
    """
    for name, refuse in getattr(options, "paths", {}).items():
        path = getattr(options, name)
        if path is not None:
            refuse(path)


def examples_at(path: Path | str) -> None:
    """A file or folder of examples."""
    from unspool.files import expanded, refuse_missing

    refuse_missing(expanded(path))


def training_examples_at(path: Path | str) -> None:
    """The same, of what a recipe names by its full path."""
    from unspool.files import expanded, refuse_missing

    refuse_missing(expanded(path).absolute())


def array_at(path: Path) -> None:
    """A file of an array."""
    from unspool.files import refuse_missing_array

    refuse_missing_array(path)


def model_at(path: Path) -> None:
    """The folder of a trained model."""
    from unspool.runs.folder import check_model

    check_model(path)


def run_at(path: Path) -> None:
    """The folder of a finished run."""
    from unspool.runs.folder import check_run

    check_run(path)


def run_or_model_at(path: Path) -> None:
    """The folder of a finished run, or of a model that was saved alone."""
    from unspool.runs.folder import check_run, is_model_alone

    if not is_model_alone(path):
        check_run(path)


def unfinished_at(path: Path) -> None:
    """The folder that an unfinished run is to have."""
    from unspool.runs.folder import check_unfinished, of_partial

    check_unfinished(of_partial(path))


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_settings(parser: argparse.ArgumentParser, what: str) -> None:
    """Add --set, which collects changes in `settings`; `what` they change."""
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help=f"change {what}; can be repeated",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add --data."""
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="your folder of datasets, instead of UNSPOOL_DATA")


TRACKERS = ("tensorboard", "mlflow", "wandb", "trackio")


def add_track(parser: argparse.ArgumentParser, of_what: str = "the run") -> None:
    """Add --track."""
    parser.add_argument(
        "--track",
        choices=TRACKERS,
        help=f"log {of_what} with a tracker: settings, losses by epoch, scores with intervals, report and model (needs "
        "the extra track-NAME); if the tracker fails, training goes on",
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def duration(text: str) -> float:
    """Seconds, from a number with a unit.

    Example:
        >>> duration("90s"), duration("5m"), duration("2h"), duration("45")
        (90.0, 300.0, 7200.0, 45.0)
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in "smh" else (text, "s")
    seconds = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 90s, 5m or 2h")
    return seconds


def seed(text: str) -> int:
    """A whole number from 0 to 2^32 - 1."""
    number = int(text)
    if not 0 <= number < 2**32:
        raise argparse.ArgumentTypeError(f"{number} is not a valid seed: it must lie between 0 and 4294967295")
    return number
