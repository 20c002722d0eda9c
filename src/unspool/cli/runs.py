"""Commands that make runs or read them: run, resume, refit, replay, check, report."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from unspool.cli.options import (
    add_command,
    add_data,
    add_json,
    add_settings,
    add_track,
    folder_to_write,
    model_at,
    positive,
    recipes_in_words,
    run_at,
    seed,
    unfinished_at,
)
from unspool.cli.output import complain, print_json, say, tell
from unspool.cli.results import print_certificate, show_result
from unspool.errors import UserError

DIFFERENT = 3
"""Exit code of a replay that did not give the bits of its run."""


def add_commands(commands: Any) -> None:
    """Add run, resume, refit, replay, check and report."""
    _add_run(commands)
    _add_resume(commands)
    _add_refit(commands)
    _add_replay(commands)
    _add_check(commands)
    _add_report(commands)


def _add_run(commands: Any) -> None:
    parser = add_command(
        commands,
        "run",
        partial(_in_processes, work=_run_here, out_of=_out_of_run),
        "train and evaluate a recipe",
        "Trains the model of a recipe, scores it on the test set beside simple baselines, and writes a folder with the "
        "model, its scores and a report.",
        f"recipes that come with unspool:\n{recipes_in_words()}\n\n"
        "The data of imdb, mnist, moving-digits and multi30k is downloaded when it is first used, or read from the\n"
        "folder in UNSPOOL_DATA (see unspool datasets). The other recipes need no download, but some need an extra:\n"
        "pip install 'unspool[dates,pronunciation,summary]'.\n\n"
        "examples:\n"
        "  unspool run imdb-lstm\n"
        "  unspool run imdb-lstm --protocol chapter --seed 7 --out runs/as-in-the-chapter\n"
        "  unspool run my-recipe.toml --set training.epochs=5 --set model.cell=gru",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="the name of a recipe, or the path of a TOML file")
    parser.add_argument(
        "--seed", type=seed, metavar="N", help="the same as --set training.seed=N (default: from the recipe)"
    )
    parser.add_argument(
        "--out", type=folder_to_write, metavar="FOLDER", help="the folder to write (default: runs/RECIPE)"
    )
    add_track(parser)
    _add_processes(parser)
    add_recipe_options(parser)


def _add_resume(commands: Any) -> None:
    parser = add_command(
        commands,
        "resume",
        partial(_in_processes, work=_resume_here, out_of=_out_of_resume),
        "finish an interrupted run",
        "Finishes a run that Ctrl-C, `kill` or a crash ended, from its last checkpoint. Model, scores and report are "
        "those of a run that was never interrupted, to the bit.",
        "examples:\n"
        "  unspool resume runs/imdb-lstm\n"
        "  unspool resume runs/reviews     started by unspool train; the file must not have changed",
        folder=unfinished_at,
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder that the run was to write")
    add_track(parser)
    _add_processes(parser)
    _add_again_options(parser)


def _add_refit(commands: Any) -> None:
    parser = add_command(
        commands,
        "refit",
        _refit,
        "fit a run's model to all examples, test included",
        "Fits the model that a run chose to all of the run's examples, including the test. A forecaster also learns "
        "the latest steps of each series. Run it once the scores are known, to get the model that you will use. Writes "
        "a folder with the model alone, which predict, explain, check, export and serve read. It has no scores of its "
        "own; see those of the run.",
        "examples:\n"
        "  unspool refit runs/energy                              writes runs/energy-refit\n"
        "  unspool predict runs/energy-refit energy.csv --out next.csv\n"
        "  unspool refit runs/reviews --out models/reviews",
        folder=run_at,
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of a finished run")
    parser.add_argument(
        "--out", type=folder_to_write, metavar="FOLDER", help="the folder to write (default: RUN-refit)"
    )
    parser.add_argument("--force", action="store_true", help="continue even if files of the run have changed")
    add_data(parser)
    add_json(parser)


def _add_replay(commands: Any) -> None:
    parser = add_command(
        commands,
        "replay",
        _replay,
        "train a finished run again and compare the bits",
        "Trains the model again from what a run's folder records, and compares each array of weights after each epoch: "
        "equal, or the first epoch and array that differ. Nothing in the folder is changed.",
        "example:\n  unspool replay runs/imdb-lstm",
        folder=run_at,
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of a finished run")
    _add_again_options(parser)


def _add_check(commands: Any) -> None:
    parser = add_command(
        commands,
        "check",
        _check,
        "check that a model's predictions are consistent",
        "Re-runs saved examples, kept with what the model predicted right after training: with the model read from its "
        "file, with more padding, one by one and in other batches, without the native kernels and with other "
        "instruction sets. Prints by how much its predictions changed, writes certificate.json beside the model, and "
        "shows it in the report. A model that exceeds a bound is rejected, with exit code 1.",
        "examples:\n"
        "  unspool check runs/sentences-lstm\n"
        "  unspool check runs/reviews --json                           of a model that unspool train made\n"
        "  unspool predict runs/reviews new.csv --out s.csv --check    the same before it is used",
        folder=model_at,
    )
    parser.add_argument("folder", type=Path, metavar="MODEL", help="the folder of a trained model")
    add_json(parser)


def _add_processes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processes",
        type=positive,
        metavar="N",
        help="train in N processes that divide each batch: N are started here, unless a launcher (mpirun, Slurm, or "
        "one that sets torchrun's variables) has started them",
    )


def _add_again_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--force",
        action="store_true",
        help="continue even if versions, the machine or, for replay, data or files of the run have changed, so that "
        "bits may differ",
    )
    add_data(parser)
    add_json(parser)


def _add_report(commands: Any) -> None:
    parser = add_command(
        commands,
        "report",
        _report,
        "rebuild the report of a finished run",
        "Writes report.html, figures/ and the model card, README.md, again from the contents of the run's folder; "
        "nothing is trained or scored.",
        "example:\n  unspool report runs/imdb-lstm",
        folder=run_at,
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the folder of a finished run")
    add_json(parser)


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Add --protocol, --set, --data and --json."""
    parser.add_argument(
        "--protocol",
        choices=("honest", "chapter"),
        help="honest (default): validation data comes from the training set; chapter: the test set stops training and "
        "picks the threshold, as in the textbook chapter",
    )
    add_settings(parser, "one setting of the recipe")
    add_data(parser)
    add_json(parser)


def settings_of(options: argparse.Namespace) -> list[str]:
    """The changes to a recipe, in the order of rising precedence."""
    settings = list(options.settings)
    if options.protocol:
        settings.append(f'evaluation.protocol="{options.protocol}"')
    if getattr(options, "seed", None) is not None:
        settings.append(f"training.seed={options.seed}")
    return settings


def _out_of_run(options: argparse.Namespace) -> Path:
    from unspool.runs.recipes.file import load_recipe

    return free_out(options, load_recipe(options.recipe, settings_of(options)).name)


def free_out(options: argparse.Namespace, name: str, tell: Callable[[str], None] = say) -> Path:
    """The folder that was asked for, or a free one; `tell` gets a line if the name is taken."""
    from unspool.runs.records import folder

    return options.out or folder.free_folder(Path("runs"), name, tell)


def _run_here(options: argparse.Namespace) -> None:
    from unspool.runs.recipes.file import chosen_settings, load_recipe

    settings = settings_of(options)
    recipe = load_recipe(options.recipe, settings)
    chosen = chosen_settings(options.recipe, settings)
    from unspool.runs.run import command_line, run

    out = free_out(options, recipe.name)
    command = command_line(options.recipe, settings)
    result = run(recipe, out, data_folder=options.data, command=command, say=say, chosen=chosen, track=options.track)
    show_result(result, out, options.json)


def _out_of_resume(options: argparse.Namespace) -> Path:
    from unspool.runs.records.folder import of_partial

    return of_partial(options.folder)


def _in_processes(
    options: argparse.Namespace,
    work: "Callable[[argparse.Namespace], None]",
    out_of: "Callable[[argparse.Namespace], Path]",
) -> int:
    """Do the work here; or be one of the processes that do it together, or start them."""
    place = None
    if options.processes is not None:
        from unspool.training import processes

        place = processes.from_environment()
    if place is None and options.processes in (None, 1):
        work(options)
        return 0
    if place is None:
        return _launch(options, out_of(options))
    address, count, index = place
    if count != options.processes:
        raise UserError(f"--processes {options.processes}, but the launcher has started {count}. Give the same number.")
    group = processes.join(address, count, index)
    if index == 0:
        work(options)
    else:
        from unspool.runs.processes.following import follow

        follow(group, options.data)
    return 0


def _launch(options: argparse.Namespace, out: Path) -> int:
    """Start the processes; the folder is chosen here, so that it is known if a process is lost."""
    from unspool.runs.processes.launcher import launch
    from unspool.runs.records.folder import is_unfinished
    from unspool.runs.records.unfinished import command_to_go_on

    name, *rest = options.given
    chosen = ["--out", str(out)] if "out" in options and options.out is None else []

    def how_to_go_on() -> str:
        return f"To continue: {command_to_go_on(out, options.processes, options.track)}" if is_unfinished(out) else ""

    command = [sys.executable, "-P", "-m", "unspool.cli", name, *chosen, *rest]
    return launch(options.processes, command, complain, how_to_go_on)


def _resume_here(options: argparse.Namespace) -> None:
    from unspool.runs.resume import resume

    out = _out_of_resume(options)
    result = resume(out, data_folder=options.data, force=options.force, say=say, track=options.track)
    if result is None:
        _show_refitted(out, options.json)
    else:
        show_result(result, out, options.json)


def _refit(options: argparse.Namespace) -> None:
    from unspool.runs.records import folder
    from unspool.runs.refit import refit

    out = options.out or folder.beside(options.folder, "refit", say)
    refit(options.folder, out, data_folder=options.data, say=say, force=options.force)
    _show_refitted(out, options.json)


def _show_refitted(out: Path, as_json: bool) -> None:
    from unspool.runs.records.refitted import read_refitted

    refitted = read_refitted(out)
    assert refitted is not None
    if as_json:
        print_json({"folder": str(out), "run": str(refitted.run)})
    else:
        tell(f"model: {out} (not scored; for scores, see {refitted.run})")


def _replay(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from unspool.runs.replay import replay

    replayed = replay(options.folder, data_folder=options.data, force=options.force, say=say)
    if options.json:
        print_json(asdict(replayed) | {"equal": replayed.parting is None})
    elif replayed.parting is None:
        when = ", after the only epoch" if replayed.epochs == 1 else f", after each of {replayed.epochs:,} epochs"
        tell(f"equal: {replayed.arrays} arrays of weights{'' if replayed.fitted else when}")
    elif replayed.fitted:
        tell(f"not equal: the weights differ in {replayed.parting.array}")
    else:
        epoch, array = replayed.parting.epoch, replayed.parting.array
        what = f"in {array}" if array else "because one of the two stopped training there"
        tell(f"not equal: they first differ in epoch {epoch}, {what}")
    return DIFFERENT if replayed.parting else 0


def _check(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from unspool.runs.checking.certificate import refuse_broken
    from unspool.runs.checking.check import check_anywhere

    certificate, unwritten = check_anywhere(options.folder)
    if options.json:
        print_json(asdict(certificate))
    else:
        print_certificate(certificate, options.folder, unwritten)
    refuse_broken(options.folder, certificate)


def _report(options: argparse.Namespace) -> None:
    from unspool.runs.rewriting import rewrite_report

    report = rewrite_report(options.folder)
    if options.json:
        print_json({"report": str(report)})
    else:
        tell(f"report: {report}")
