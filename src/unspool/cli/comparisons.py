"""The command that says whether a difference is real: compare."""

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import add_command, positive
from unspool.cli.output import cell, console, print_json, say, table
from unspool.cli.runs import RECONSTRUCTION, add_recipe_options, recipe_names, settings_of
from unspool.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unspool.evaluation.comparison import Comparison
    from unspool.evaluation.loss_comparison import LossComparison


def add_commands(commands: Any) -> None:
    """Add compare."""
    parser = add_command(
        commands,
        "compare",
        _compare,
        "is the difference between models real?",
        "Of recipes: runs each with the seeds 0 to N-1 and says which differences are more than chance. Of folders "
        "that train or run wrote: compares the models in them, example by example of the test that both were scored "
        "on; with --seeds, each is trained anew N times on the same parts of its file, so that the verdict is on the "
        "settings, not on one lucky training. Each finished run is kept: called again after Ctrl-C, the comparison "
        "goes on where it stopped, in the middle of a run too.",
        "examples:\n"
        "  unspool compare imdb-rnn imdb-lstm --seeds 5\n\n"
        "  unspool train reviews.csv --out runs/pooled\n"
        "  unspool train reviews.csv --out runs/lstm --set model.layers=1\n"
        "  unspool compare runs/pooled runs/lstm               the two models as they are: seconds\n"
        "  unspool compare runs/pooled runs/lstm --seeds 3     the two settings, seeds 0 to 2",
    )
    parser.add_argument(
        "contenders", nargs="+", metavar="RECIPE|RUN", help="two or more recipes, or two or more folders of runs"
    )
    parser.add_argument(
        "--seeds", type=positive, metavar="N", help="trainings of each (default: 3 of a recipe, none of a finished run)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="default: runs/compare-NAME-NAME, and of runs with --seeds N, runs/compare-NAME-NAME-N-seeds",
    )
    add_recipe_options(parser)


def _compare(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    folders = [name for name in options.contenders if _is_folder(name)]
    others = [name for name in options.contenders if name not in folders]
    if folders and others:
        raise UserError(
            f"{others[0]} is no folder, but {folders[0]} is: compare recipes with recipes, or folders of runs with "
            "folders of runs."
        )
    comparison, out = _of_runs(options) if folders else _of_recipes(options)
    if options.json:
        print_json(asdict(comparison) | {"folder": str(out)})
    else:
        _print_comparison(comparison, out)


def _is_folder(name: str) -> bool:
    """Whether a recipe's name, or the path of one, or else the folder of a run is meant."""
    return name not in recipe_names() and not name.endswith(".toml") and (os.sep in name or Path(name).is_dir())


def _of_recipes(options: argparse.Namespace) -> "tuple[Comparison | LossComparison, Path]":
    from unspool.experiment.recipe_file import load_recipe

    recipes = [load_recipe(name, settings_of(options)) for name in options.contenders]
    from unspool.experiment.compare import compare

    out = options.out or _folder_of_comparison([recipe.name for recipe in recipes])
    return compare(recipes, range(options.seeds or 3), out, data_folder=options.data, say=say), out


def _of_runs(options: argparse.Namespace) -> "tuple[Comparison | LossComparison, Path]":
    if settings_of(options):
        raise UserError("--set and --protocol change recipes; a finished run keeps its settings. Train another one.")
    from unspool.experiment.compare import compare_runs

    folders = [Path(name) for name in options.contenders]
    seeds = [f"{options.seeds}-seeds"] if options.seeds else []  # hours of work, which a comparison as they are keeps
    out = options.out or _folder_of_comparison([*(folder.resolve().name for folder in folders), *seeds])
    comparison = compare_runs(
        folders,
        out,
        seeds=range(options.seeds) if options.seeds else None,
        command=shlex.join(["unspool", *sys.argv[1:]]),
        data_folder=options.data,
        say=say,
    )
    return comparison, out


def _folder_of_comparison(names: "Sequence[str]") -> Path:
    return Path("runs") / "-".join(["compare", *names])


def _print_comparison(comparison: "Comparison | LossComparison", out: Path) -> None:
    from unspool.evaluation.comparison import Comparison
    from unspool.evaluation.measures import MEASURES

    seeds = len(comparison.recipes[0].seeds)
    title = f"mean over {seeds} seeds" if seeds > 1 else f"test set, {comparison.examples:,} examples"
    if isinstance(comparison, Comparison):
        measures = {name: MEASURES[comparison.task][name] for name in comparison.recipes[0].scores}
        rows = table(title, "", *(measure.title for measure in measures.values()))
        for recipe in comparison.recipes:
            cells = (cell(recipe.scores[name], measure.say) for name, measure in measures.items())
            rows.add_row(recipe.recipe, *cells)
    else:
        rows = table(title, "", RECONSTRUCTION[comparison.measure])
        for loss in comparison.recipes:
            rows.add_row(loss.recipe, cell(loss.loss))
    printer = console()
    printer.print(rows)
    for difference in comparison.differences:
        printer.print(difference.words, soft_wrap=True)
    if isinstance(comparison, Comparison) and comparison.baseline:
        printer.print(comparison.baseline.words, soft_wrap=True)
    printer.print(comparison.words, style="dim", soft_wrap=True)
    printer.print(f"comparison: {out / 'comparison.json'}", soft_wrap=True)
