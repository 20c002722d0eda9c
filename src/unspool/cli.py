"""The command line: parses, calls, prints. Nothing heavy is imported until a command needs it."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from unspool.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table

    from unspool.evaluation.comparison import Comparison
    from unspool.evaluation.result import Result, Score

_TITLES = {"auc": "AUC", "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "brier": "Brier score"}
USER_ERROR, USAGE_ERROR, INTERRUPTED = 1, 2, 130

_EXIT_CODES = """\
exit codes:
  0    done
  1    something you gave is wrong; one line on standard error says what and what to do
  2    the command line is not understood
  130  interrupted with Ctrl-C; no half-written run is left
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        options.command(options)
    except UserError as error:
        print(f"unspool: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("unspool: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="unspool",
        description="Sequence models that train fast on the CPU you have and say honestly how good they are.",
        epilog="start here:\n"
        "  unspool run sentences-lstm                   needs no download, takes a minute or two\n"
        "  unspool run imdb-lstm --set model.units=64   a recipe with one thing changed\n"
        "  unspool compare imdb-rnn imdb-lstm           is the difference real?\n\n" + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_compare(commands)
    _add_report(commands)
    _add_datasets(commands)
    _add_doctor(commands)
    return parser


class _Version(argparse.Action):
    """Looks the version up when asked, not at every start."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        import unspool

        print(f"unspool {unspool.__version__}")
        parser.exit()


def _add_run(commands: Any) -> None:
    parser = _command(
        commands,
        "run",
        _run,
        "train and judge one recipe",
        "Trains the model of a recipe, judges it on the test set beside simple baselines, and writes a folder with the "
        "model, its scores and a report.",
        "recipes that come with unspool:\n  " + "\n  ".join(_recipe_names()) + "\n\n"
        "examples:\n"
        "  unspool run imdb-lstm\n"
        "  unspool run imdb-lstm --protocol chapter --seed 7 --out runs/as-in-the-chapter\n"
        "  unspool run my-recipe.toml --set training.epochs=5 --set model.cell=gru",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="the name of a recipe, or the path of a TOML file")
    parser.add_argument("--seed", type=int, metavar="N", help="the same as --set training.seed=N")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the folder to write (default: runs/RECIPE)")
    _add_recipe_options(parser)


def _add_compare(commands: Any) -> None:
    parser = _command(
        commands,
        "compare",
        _compare,
        "is the difference between recipes real?",
        "Runs each recipe with the seeds 0 to N-1 and says which differences are more than chance. Each finished run "
        "is kept: called again after Ctrl-C, the comparison goes on where it stopped.",
        "example:\n  unspool compare imdb-rnn imdb-lstm --seeds 5",
    )
    parser.add_argument("recipes", nargs="+", metavar="RECIPE", help="two or more names or paths of recipes")
    parser.add_argument("--seeds", type=_positive, default=3, metavar="N", help="seeds for each recipe (default: 3)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: runs/compare-RECIPE-RECIPE")
    _add_recipe_options(parser)


def _add_report(commands: Any) -> None:
    parser = _command(
        commands,
        "report",
        _report,
        "build the report of a finished run again",
        "Writes report.html and figures/ anew from what a run's folder holds; nothing is trained or scored.",
        "example:\n  unspool report runs/imdb-lstm",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of a finished run")
    _add_json(parser)


def _add_datasets(commands: Any) -> None:
    parser = _command(
        commands,
        "datasets",
        _datasets,
        "what data there is, where it lies, what it takes to get it",
        "Lists the named datasets. Files are looked for in the folder that the environment variable UNSPOOL_DATA "
        "names, and downloaded to the cache folder (UNSPOOL_CACHE) where they are not there.",
        "example:\n  UNSPOOL_DATA=~/datasets unspool datasets",
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="your folder of datasets, instead of UNSPOOL_DATA")
    _add_json(parser)


def _add_doctor(commands: Any) -> None:
    parser = _command(
        commands,
        "doctor",
        _doctor,
        "what unspool runs on here, and how fast",
        "Prints versions, whether the native kernels are used and if not why, the instruction set, threads, folders, "
        "and the speed of an LSTM beside Keras's and beside a large matrix product. Takes some ten seconds.",
        "example:\n  unspool doctor\n  UNSPOOL_KERNELS=reference unspool doctor",
    )
    _add_json(parser)


def _command(
    commands: Any, name: str, function: Any, summary: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=fill(description, 100),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=function)
    return parser


def _add_recipe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--protocol",
        choices=("honest", "chapter"),
        help="honest (default): validation data from the training set; chapter: the test set steers, as in the chapter",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change one setting of the recipe; can be given many times",
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="your folder of datasets, instead of UNSPOOL_DATA")
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON, for other programs")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _recipe_names() -> list[str]:
    return sorted(path.stem for path in (Path(__file__).parent / "recipes").glob("*.toml"))


def _settings(options: argparse.Namespace) -> list[str]:
    """The changes to a recipe, in the order of rising precedence."""
    settings = list(options.settings)
    if options.protocol:
        settings.append(f'evaluation.protocol="{options.protocol}"')
    if getattr(options, "seed", None) is not None:
        settings.append(f"training.seed={options.seed}")
    return settings


def _run(options: argparse.Namespace) -> None:
    from unspool.experiment.recipe import load_recipe

    settings = _settings(options)
    recipe = load_recipe(options.recipe, settings)  # before Keras is imported: a typing error is told at once
    from unspool.experiment import folder
    from unspool.experiment.run import command_line, run

    out = options.out or folder.free_folder(Path("runs"), recipe.name)
    result = run(recipe, out, data_folder=options.data, command=command_line(options.recipe, settings), say=_say)
    if options.json:
        _print_json(folder.to_metrics(result) | {"folder": str(out)})
    else:
        _print_result(result, out)


def _compare(options: argparse.Namespace) -> None:
    from unspool.experiment.recipe import load_recipe

    recipes = [load_recipe(name, _settings(options)) for name in options.recipes]
    from dataclasses import asdict

    from unspool.experiment.compare import compare

    out = options.out or Path("runs") / "-".join(["compare", *(recipe.name for recipe in recipes)])
    comparison = compare(recipes, range(options.seeds), out, data_folder=options.data, say=_say)
    if options.json:
        _print_json(asdict(comparison) | {"folder": str(out)})
    else:
        _print_comparison(comparison, out)


def _report(options: argparse.Namespace) -> None:
    from unspool.experiment.folder import read_result
    from unspool.report.page import write_report

    report = write_report(read_result(options.folder), options.folder)
    if options.json:
        _print_json({"report": str(report)})
    else:
        print(f"report: {report}")


def _datasets(options: argparse.Namespace) -> None:
    from unspool.data.registry import DATASETS, where

    places = {name: where(name, options.data) for name in DATASETS}
    if options.json:
        keys = ("name", "title", "size", "download_bytes", "licence", "source")
        _print_json([{k: getattr(d, k) for k in keys} | {"where": places[d.name]} for d in DATASETS.values()])
        return
    for info in DATASETS.values():
        missing = f"not here: {info.download_bytes / 1e6:.0f} MB are downloaded when it is first used"
        print(f"{info.name}\n  {info.title}\n  size     {info.size}\n  licence  {info.licence}")
        print(f"  source   {info.source}\n  where    {places[info.name] or missing}\n")


def _doctor(options: argparse.Namespace) -> None:
    from unspool.doctor import examine

    findings = examine()
    if options.json:
        _print_json(findings)
        return
    for topic, values in findings.items():
        print(topic if topic != "gflops" else "speed, in GFLOP/s")
        for name, value in values.items():
            print(f"  {name:<16} {value:.1f}" if isinstance(value, float) else f"  {name:<16} {value}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2))


def _print_result(result: "Result", out: Path) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    names = [result.recipe, *(baseline.name.replace("-", " ") for baseline in result.baselines)]
    table = _table(f"test set, {result.test.examples:,} examples", "", *names)
    all_scores = [result.test, *(baseline.scores for baseline in result.baselines)]
    for score in ("auc", "accuracy", "balanced_accuracy", "brier"):
        table.add_row(_TITLES[score], *(_cell(getattr(scores, score)) for scores in all_scores))
    console.print(table)
    console.print(result.verdict.words, soft_wrap=True)
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)


def _print_comparison(comparison: "Comparison", out: Path) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    table = _table(f"mean over {len(comparison.recipes[0].seeds)} seeds", "", "AUC", "accuracy", "balanced accuracy")
    for recipe in comparison.recipes:
        table.add_row(recipe.recipe, *(_cell(s) for s in (recipe.auc, recipe.accuracy, recipe.balanced_accuracy)))
    console.print(table)
    for difference in comparison.differences:
        console.print(difference.words, soft_wrap=True)
    console.print(comparison.words, style="dim", soft_wrap=True)
    console.print(f"runs: {out}", soft_wrap=True)


def _table(title: str, *columns: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _cell(score: "Score") -> str:
    return f"{score.value:.3f} ({score.interval.low:.3f}\u2013{score.interval.high:.3f})"


if __name__ == "__main__":
    sys.exit(main())
