"""`python -m benchmarks run series`: each participant in its own process, one after the other, and the tables."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table

from benchmarks.series.models import MODELS
from benchmarks.series.sets import BUILDERS, DEVELOPMENT, HELD_OUT, LATER, find, load

SUMMARY = "accuracy or RMSE and processor seconds on real series in the wheels of eight packages"
SEEDS = (0, 1, 2)
Line = dict[str, Any]


def run(models: Sequence[str], threads: int, quick: bool, note: Callable[[str], None]) -> list[Line]:
    """Measure; sets that are not installed are left out, and said to be."""
    sets = [
        name
        for name in (("UnitTest",) if quick else (*DEVELOPMENT, *HELD_OUT, *LATER, *BUILDERS))
        if _installed(name, note)
    ]
    found: list[Line] = []
    for model in models if sets else ():
        note(f"{model}: {len(sets)} sets")
        seeds = ",".join(map(str, SEEDS[:1] if quick else SEEDS))
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.series.worker", model, ",".join(sets), seeds, "no"]
        variables = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "UNSPOOL_THREADS")
        environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        found += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            note(f"{model} failed: {done.stderr.strip().splitlines()[-1:]}")
    return found


def _installed(name: str, note: Callable[[str], None]) -> bool:
    try:
        load(name) if name in BUILDERS else find(name)
    except FileNotFoundError as error:
        note(f"{name} is left out: {error}")
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
