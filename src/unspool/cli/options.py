"""What commands have in common when they parse."""

import argparse
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, NoReturn

from unspool.cli.output import complain
from unspool.errors import UserError, meant

if TYPE_CHECKING:
    from collections.abc import Callable


USAGE_ERROR = 2

_RECIPES = Path(__file__).parents[1] / "recipes"


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line, and what was probably meant, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with the reason."""
        message = message.removeprefix("argument ").replace(": expected one argument", " needs a value")
        complain(f"{message}{'' if message.endswith(('.', '?')) else '.'} See {self.prog} --help.")
        self.exit(USAGE_ERROR)

    def refuse_unknown(self, arguments: Sequence[str]) -> NoReturn:
        """Exit because of arguments that the command does not take."""
        first, name = arguments[0], self.prog.removeprefix("unspool ")
        if not first.startswith("-"):
            self.error(f"{name} takes no further argument {first!r}. Put a name with spaces into quotes.")
        option = first.partition("=")[0]
        self.error(f"{name} has no option {option}.{meant(option, self._option_string_actions)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        hint = meant(str(value), known) or f" Choose from {', '.join(known)}."
        if isinstance(action, argparse._SubParsersAction):
            self.error(f"there is no command {value!r}.{hint}")
        raise argparse.ArgumentError(action, f"there is no {value!r}.{hint}")


def add_command(
    commands: Any,
    name: str,
    function: Any,
    summary: str,
    description: str,
    epilog: str,
    usage: str | None = None,
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
        usage: what stands behind the name of a command with many options; None lists all of them.
        paths: for an argument that names a file or folder, what refuses it where it is missing: before `function`, as
            that may import Keras and JAX first, which takes seconds.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        usage=usage and f"unspool {name} {usage}",
        help=summary,
        description=fill(description, 100),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=function, paths=paths, parser=parser)
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


def command_of(options: argparse.Namespace) -> str:
    """What a person typed, or gave `main`, to do this again."""
    return shlex.join(["unspool", *options.given])


def examples_at(path: Path | str) -> None:
    """A file or folder of examples."""
    from unspool.files import expanded, refuse_missing

    refuse_missing(expanded(path))


def training_examples_at(path: Path | str) -> None:
    """The same, of what a recipe names by its full path."""
    from unspool.files import expanded, refuse_missing

    if str(path) in recipe_names() and not Path(path).exists():
        raise UserError(f"{path} is not there. It is the name of a recipe: unspool run {path}")
    refuse_missing(expanded(path).absolute())


def recipe_names() -> list[str]:
    """The recipes that come with unspool, found without importing what reads them."""
    return sorted(path.stem for path in _RECIPES.glob("*.toml"))


def recipes_in_words() -> str:
    """The name and title of each recipe, read without a slow TOML import: every command builds all help texts."""
    texts = {name: (_RECIPES / f"{name}.toml").read_text("utf-8") for name in recipe_names()}
    titles = {name: text.partition('title = "')[2].partition('"\n')[0] for name, text in texts.items()}
    return "\n".join(fill(f"  {name:24}{title}", 100, subsequent_indent=" " * 26) for name, title in titles.items())


def array_at(path: Path) -> None:
    """A file of an array."""
    from unspool.files import refuse_missing_array

    refuse_missing_array(path)


def model_at(path: Path) -> None:
    """The folder of a trained model."""
    from unspool.runs.records.folder import check_model

    check_model(path)


def run_at(path: Path) -> None:
    """The folder of a finished run."""
    from unspool.runs.records.folder import check_run

    check_run(path)


def run_or_model_at(path: Path) -> None:
    """The folder of a finished run, or of a model that was saved alone."""
    from unspool.runs.records.folder import check_run, is_model_alone

    if not is_model_alone(path):
        check_run(path)


def unfinished_at(path: Path) -> None:
    """The folder that an unfinished run is to have."""
    from unspool.runs.records.folder import check_unfinished, of_partial

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
        type=_setting,
        metavar="TABLE.KEY=VALUE",
        help=f"change {what}; can be repeated",
    )


def _setting(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"expected TABLE.KEY=VALUE, as in --set model.units=64, not {text}")
    return text


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


_ENDINGS_OF_PAGES = (".html", ".htm", ".pdf", ".png", ".svg", ".txt", ".md", ".json", ".toml")
_ENDINGS_OF_DATA = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".npz", ".npy")
_ENDINGS_OF_MODELS = (".keras", ".onnx", ".unspool")


def file_to_write(text: str) -> Path:
    """The path of a file that a command writes; a shell leaves the ~ of --out=~/a.csv as it is."""
    from unspool.files import expanded

    return expanded(text)


def folder_to_write(text: str) -> Path:
    """The path of a folder that a command writes; refuses what looks like the name of a file.

    Example:
        >>> folder_to_write("runs/reviews.v2").name
        'reviews.v2'
    """
    from unspool.files import expanded

    path = expanded(text)  # a shell leaves the ~ of --out=~/runs as it is
    if path.name.lower().endswith(_ENDINGS_OF_PAGES + _ENDINGS_OF_DATA + _ENDINGS_OF_MODELS) and not path.is_dir():
        raise argparse.ArgumentTypeError(
            f"{text} looks like the name of a file, but this command writes a folder. Name a folder, such as "
            f"{path.with_suffix('')}"
        )
    return path


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def steps(text: str) -> int:
    """A whole number of time steps from 1."""
    if re.fullmatch(r"\d+ ?[A-Za-z]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} has a unit; give a number of steps, each as long as in the file")
    return positive(text)


def number(text: str) -> float:
    """A number, finite as float32 too."""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not abs(found) < 3e38:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 0 or -1.5")
    return found


def penalty(text: str) -> float:
    """A length penalty: a number from 0 to 100."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return number


def duration(text: str) -> float:
    """Seconds, from a number with a unit.

    Example:
        >>> duration("90s"), duration("5m"), duration("2h"), duration("45")
        (90.0, 300.0, 7200.0, 45.0)
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in ("s", "m", "h") else (text, "s")
    try:
        seconds = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s, 5m or 2h")
    return seconds


def seed(text: str) -> int:
    """A whole number from 0 to 2^32 - 1."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed: a whole number from 0 to 4294967295")
    return int(text)


def add_on_error(parser: argparse.ArgumentParser) -> None:
    """Add --on-error."""
    parser.add_argument(
        "--on-error",
        choices=("stop", "skip"),
        default="stop",
        help="at a row that cannot be used: stop (default), or skip it and count it",
    )
