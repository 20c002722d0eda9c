"""The command that says whether a difference is real: compare."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import add_command, command_of, folder_to_write, positive, recipe_names
from unspool.cli.output import cell, console, print_json, print_prose, print_scores, say
from unspool.cli.runs import add_recipe_options, settings_of
from unspool.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unspool.runs.compare import WrittenComparison


def add_commands(commands: Any) -> None:
    """Add compare."""
    parser = add_command(
        commands,
        "compare",
        _compare,
        "say whether the difference between models is real",
        "Given recipes, runs each with the seeds 0 to N-1 and says which differences are more than chance. Given "
        "folders of finished runs, compares their models on the test examples that both were scored on; with --seeds, "
        "each is trained again N times on the same parts of its file, so that the verdict is about the settings, not "
        "about one lucky training. A FILE is a table with the predictions of another model, or of people, for the test "
        "examples of the run: it has the columns that identify them in the run's test_predictions.csv, such as row, "
        "and a column prediction or a column of probabilities for each label (for forecasts, a column forecast and, if "
        "known, low and high). Writes comparison.json and a page, compare.html; for finished runs whose examples have "
        "one label each, also disagreements.csv, the test examples that they predict differently. Each finished run is "
        "kept: called again after Ctrl-C, the comparison continues where it stopped, even in the middle of a run.",
        "examples:\n"
        "  unspool compare imdb-rnn imdb-lstm --seeds 5\n\n"
        "  unspool train reviews.csv --out runs/pooled\n"
        "  unspool train reviews.csv --out runs/lstm --set model.layers=1\n"
        "  unspool compare runs/pooled runs/lstm               the two models as they are: seconds\n"
        "  unspool compare runs/pooled runs/lstm --seeds 3     the two settings, seeds 0 to 2\n\n"
        "  unspool compare runs/pooled svm.csv                 another tool's model: the run's parts.csv says which\n"
        "                                                      rows to train it on, and which to predict",
    )
    parser.add_argument(
        "contenders",
        nargs="+",
        metavar="RECIPE|RUN|FILE",
        help="two or more recipes; or a folder of a run, and more of them or tables of predictions",
    )
    parser.add_argument(
        "--seeds", type=positive, metavar="N", help="trainings of each (default: 3 of a recipe, none of a finished run)"
    )
    parser.add_argument(
        "--out",
        type=folder_to_write,
        metavar="FOLDER",
        help="default: runs/compare-NAME-NAME; with --protocol chapter, runs/compare-NAME-NAME-chapter; for runs with "
        "--seeds N, runs/compare-NAME-NAME-N-seeds",
    )
    add_recipe_options(parser)


def _compare(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    recipes = [name for name in options.contenders if _is_recipe(name)]
    others = [name for name in options.contenders if name not in recipes]
    if recipes and others:
        what = "holds predictions" if _is_answers(others[0]) else "is a folder"
        raise UserError(
            f"{recipes[0]} is not a folder, but {others[0]} {what}: compare recipes with recipes, or folders of runs "
            f"with folders of runs and files of predictions. If {recipes[0]} is a recipe, run it first: unspool run "
            f"{recipes[0]}."
        )
    comparison = _of_runs(options) if others else _of_recipes(options)
    if options.json:
        print_json(asdict(comparison) | {"folder": str(comparison.folder), "report": str(comparison.report)})
    else:
        _print_comparison(comparison)


def _is_recipe(name: str) -> bool:
    """Whether this is the name or the path of a recipe; else it is the folder of a run, or a file of answers."""
    if name in recipe_names() or name.endswith(".toml"):
        return True
    return os.sep not in name and not Path(name).is_dir() and not _is_answers(name)


def _is_answers(name: str) -> bool:
    from unspool.runs.other_models.answers import is_answers

    return is_answers(Path(name))


def _of_recipes(options: argparse.Namespace) -> "WrittenComparison":
    from unspool.runs.recipes.file import chosen_settings, load_recipe

    settings = settings_of(options)
    recipes = [load_recipe(name, settings) for name in options.contenders]
    from unspool.runs.compare import compare
    from unspool.runs.recipes.unused_settings import refuse_unused_settings

    for name, recipe in zip(options.contenders, recipes, strict=True):
        refuse_unused_settings(recipe, chosen_settings(name, settings))

    protocol = ["chapter"] if options.protocol == "chapter" else []  # its runs need their own folder
    out = options.out or _folder_of_comparison([*(recipe.name for recipe in recipes), *protocol])
    return compare(recipes, range(options.seeds or 3), out, data_folder=options.data, say=say)


def _of_runs(options: argparse.Namespace) -> "WrittenComparison":
    if settings_of(options):
        raise UserError("--set and --protocol change recipes; a finished run keeps its settings. Train another one.")
    from unspool.runs.compare import compare_runs
    from unspool.runs.contenders import contender_name

    contenders = [Path(name) for name in options.contenders]
    seeds = [f"{options.seeds}-seeds"] if options.seeds else []  # hours of work, which a comparison as they are keeps
    out = options.out or _folder_of_comparison([*map(contender_name, contenders), *seeds])
    return compare_runs(
        contenders,
        out,
        seeds=range(options.seeds) if options.seeds else None,
        command=command_of(options),
        data_folder=options.data,
        say=say,
    )


def _folder_of_comparison(names: "Sequence[str]") -> Path:
    return Path("runs") / "-".join(["compare", *names])


def _print_comparison(comparison: "WrittenComparison") -> None:
    from unspool.tasks.registry import measures_named

    seeds = len(comparison.recipes[0].seeds)
    title = f"mean over {seeds} seeds" if seeds > 1 else f"test set, {comparison.examples:,} examples"
    measures = measures_named(comparison.task, comparison.recipes[0].scores)
    names = [measure.title for measure in measures.values()]
    rows = [
        [recipe.recipe, *(cell(recipe.scores[name], measure.say) for name, measure in measures.items())]
        for recipe in comparison.recipes
    ]
    print_scores(title, names, rows)
    for words in dict.fromkeys(difference.words for difference in comparison.differences):
        print_prose(words)
    if comparison.baseline:
        print_prose(comparison.baseline.words)
    for agreement in comparison.agreements:
        print_prose(agreement.words)
    print_prose(comparison.words, style="dim")
    if comparison.disagreements:
        console().print(f"where they differ: {comparison.disagreements}", soft_wrap=True)
    console().print(f"report: {comparison.report}", soft_wrap=True)
