"""The command that searches settings: search."""

import argparse
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool import files
from unspool.cli.file_options import add_reading_options, file_of, refuse_reading_options
from unspool.cli.options import (
    add_command,
    add_data,
    add_json,
    add_settings,
    add_track,
    command_of,
    duration,
    folder_to_write,
    positive,
    recipe_names,
    seed,
)
from unspool.cli.output import print_json, print_table, say, table, tell
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.evaluation.searched import Searched
    from unspool.runs.search.subject import Subject

_SHOWN = 5
"""Trials that are printed; the page has all."""


def add_commands(commands: Any) -> None:
    """Add search."""
    parser = add_command(
        commands,
        "search",
        _search,
        "search the settings of a recipe, or of a network for your file",
        "Trains trials with different settings, ends hopeless ones early, and chooses the one with the lowest "
        "validation loss. The winner alone is scored on the test set, once. Ctrl-C leaves everything whole, and the "
        "same command continues; run it in several terminals, or on several machines that share the folder, and they "
        "share the trials. A trial whose worker was killed is taken up again from its checkpoint. Needs the extra: "
        "pip install 'unspool[search]'.",
        "examples:\n"
        "  unspool search sentences-lstm --over model.units=16..256:log --over training.learning_rate=1e-4..1e-2:log\n"
        "  unspool search imdb-lstm --over model.cell=rnn,lstm,gru --trials 30 --budget 2h\n"
        "  unspool search reviews.csv --label stars --over model.embedding=8..128:log --trials 20",
        usage="RECIPE|FILE --over TABLE.KEY=VALUES [options]",
    )
    parser.add_argument("what", metavar="RECIPE|FILE", help="a recipe by name or path, or a file as `train` takes it")
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUES",
        help="a setting to vary: a range a..b, a range on a logarithmic scale a..b:log, or a list a,b,c; repeat it for "
        "several",
    )
    parser.add_argument(
        "--trials", type=positive, default=20, metavar="N", help="trials of all workers together (default: 20)"
    )
    parser.add_argument(
        "--budget", type=duration, metavar="TIME", help="time for the trials, such as 30m or 2h (default: no limit)"
    )
    parser.add_argument(
        "--out", type=folder_to_write, metavar="FOLDER", help="the search's folder (default: runs/NAME-search)"
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="a database for the trials, such as postgresql://… (default: a journal in --out)",
    )
    parser.add_argument(
        "--sampler", choices=("tpe", "random", "qmc"), default="tpe", help="how values are proposed (default: tpe)"
    )
    parser.add_argument(
        "--pruner",
        choices=("halving", "median", "none"),
        default="halving",
        help="which trials are ended early, by validation loss (default: halving)",
    )
    parser.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        help="seed for splitting, weights, batches and proposals (default: 0, or from the recipe)",
    )
    add_track(parser, "each trial and the winner")
    add_settings(parser, "a setting of every trial")
    add_data(parser)
    add_reading_options(parser)
    add_json(parser)


def _search(options: argparse.Namespace) -> None:
    if find_spec("optuna") is None:
        raise UserError("unspool search needs Optuna: pip install 'unspool[search]'.")
    subject = _subject(options)
    from unspool.runs.search.searching import search

    out = options.out or Path("runs") / f"{subject.name}-search"
    found = search(
        subject,
        options.over,
        out,
        trials=options.trials,
        budget=options.budget,
        storage=options.storage,
        sampler=options.sampler,
        pruner=options.pruner,
        data_folder=options.data,
        command=_without_password(command_of(options)),
        say=say,
        track=options.track,
    )
    if options.json:
        print_json(_as_json(found, out))
    else:
        _print(found, out)


def _without_password(command: str) -> str:
    """A command as others may read it: the page of a search is made to be passed on.

    Example:
        >>> _without_password("unspool search a --storage 'postgresql://ada:p@ss@host/db?password=x&a=b'")
        "unspool search a --storage 'postgresql://ada:***@host/db?password=***&a=b'"
    """
    command = re.sub(r"(?<=://)([^/:\s]*):[^/\s]*@", r"\1:***@", command)
    return re.sub(r"(?<=[?&])(password=)[^&\s']*", r"\1***", command)


def _subject(options: argparse.Namespace) -> "Subject":
    from unspool.runs.recipes.file import (
        is_recipe,
        load_recipe,
        refuse_unknown_names,
        refuse_unknown_settings,
        setting_name,
    )
    from unspool.runs.search.ranges import parse_ranges

    refuse_unknown_settings(options.settings)
    refuse_unknown_names((text.partition("=")[0] for text in options.over), "--over")
    varied = {one.name for one in parse_ranges(options.over)}
    for setting in options.settings:
        if setting_name(setting) in varied:
            raise UserError(f"--set {setting} has no effect, as --over varies this setting. Leave out one of the two.")
    path = files.expanded(options.what)
    if is_recipe(options.what):
        refuse_reading_options(options, f"{options.what} is a recipe, not a file")
        seeded = [] if options.seed is None else [f"training.seed={options.seed}"]
        load_recipe(options.what, options.settings)
        from unspool.runs.search.subject import OfRecipe

        return OfRecipe(options.what, [*options.settings, *seeded], options.data)
    if not path.exists():
        raise UserError(
            f"There is no recipe and no file {options.what}. The recipes are {', '.join(recipe_names())}; a recipe of "
            "your own is a path that ends in .toml."
        )
    if options.data:
        raise UserError("--data has no effect: it is for recipes that read a named dataset. Leave it out.")
    options.file = path
    data = file_of(options)
    from unspool.runs.search.subject import OfFile

    return OfFile(data, options.settings, options.seed or 0)


def _print(found: "Searched", out: Path) -> None:
    names = [one.name for one in found.settings]
    rows = table(found.words, "trial", *found.short_names.values(), "validation loss", "epochs")
    from unspool.report.wording import setting_value

    for one in found.finished[:_SHOWN]:
        values = [setting_value(one.settings[name]) for name in names]
        rows.add_row(str(one.number), *values, f"{one.loss:.4f}", f"{one.best_epoch} of {len(one.losses)}")
    if found.finished:
        print_table(rows)
    if found.result:
        tell(found.result.verdict.words)
        tell(f"winner: {out / 'winner'}, trial {found.winner} of {len(found.trials)}")
    tell(f"page: {out / 'search.html'}")


def _as_json(found: "Searched", out: Path) -> dict[str, Any]:
    from dataclasses import asdict

    from unspool.runs.records.record import to_metrics

    return {
        "folder": str(out),
        "winner": found.winner,
        "trials": [asdict(one) for one in found.trials],
        "importances": {one.name: one.importance for one in found.settings},
        "result": to_metrics(found.result) if found.result else None,
    }
