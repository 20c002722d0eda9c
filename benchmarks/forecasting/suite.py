"""Runs the suite: every peer on every set; MASE, processor seconds, and the difference to the best of the others."""

import argparse
import csv
import itertools
import math
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.forecasting import sets
from benchmarks.forecasting.competition_sets import COMPETITIONS_DEVELOPMENT, COMPETITIONS_HELD_OUT
from benchmarks.forecasting.count_sets import COUNTS_DEVELOPMENT, COUNTS_HELD_OUT
from benchmarks.forecasting.new_r_sets import NEW_DEVELOPMENT, NEW_HELD_OUT
from benchmarks.forecasting.peers import PEERS, SIMPLE, UNSPOOL, bare, unspool
from benchmarks.forecasting.r_sets import R_DEVELOPMENT, R_HELD_OUT, R_LATER
from benchmarks.forecasting.tool_sets import TOOLS_DEVELOPMENT, TOOLS_HELD_OUT

PARTS = {
    "development": sets.DEVELOPMENT + R_DEVELOPMENT,
    "held-out": sets.HELD_OUT,
    "held-out-r": R_HELD_OUT,
    "later": R_LATER,
    "new-development": NEW_DEVELOPMENT,
    "new-held-out": NEW_HELD_OUT,
    "competitions-development": COMPETITIONS_DEVELOPMENT,
    "competitions-held-out": COMPETITIONS_HELD_OUT,
    "counts-development": COUNTS_DEVELOPMENT,
    "counts-held-out": COUNTS_HELD_OUT,
    "tools-development": TOOLS_DEVELOPMENT,
    "tools-held-out": TOOLS_HELD_OUT,
}
"""Names of sets by part."""
ON_TEST, IN_VALIDATION = "on the test", "in validation"
"""What the simple model is the best in: the first is known only afterwards; by the second, a person would choose."""


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run forecasting [--sets A,B] [--peers A,B] [--part NAME]`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks run forecasting")
    parser.add_argument("--sets", help="names, by commas")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, by commas")
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all")
    options = parser.parse_args(arguments)
    parts = PARTS | {"all": tuple(itertools.chain(*PARTS.values()))}
    outcomes = []
    for name in options.sets.split(",") if options.sets else parts[options.part]:
        try:
            one = sets.load(name)
        except sets.MissingError as why:
            print(f"{name}: left out, {why}")
            continue
        outcomes.append(_show(one, options.peers.split(",")))
    known = [one for one in outcomes if one]
    for criterion in (ON_TEST, IN_VALIDATION) if known else ():
        found = [one[criterion] for one in known]
        counts = ", ".join(f"{what} on {found.count(what)}" for what in ("ahead", "level", "behind"))
        print(f"unspool beside the simple model that does best {criterion}, by 95% intervals: {counts}")
    return 0


def prepare(one: sets.ForecastSet, folder: Path):
    """Write a set as a table, and read it as `unspool train` does."""
    from unspool.data.source import Source
    from unspool.runs.reading.forecasting import prepare_forecast_file, read_forecast_file
    from unspool.runs.recipes.recipe import FileSettings

    path = folder / f"{one.name}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(one.rows[0]))
        writer.writeheader()
        writer.writerows(one.rows)
    series = "series" if "series" in one.rows[0] else None
    settings = FileSettings(
        path=str(path),
        kind="forecast",
        label="value",
        time="time",
        series=series,
        horizon=one.horizon,
        season=one.season,
        on_error="skip",
    )
    read = read_forecast_file(settings, Source(path, settings.on_error))
    return prepare_forecast_file(read)


def _show(one: sets.ForecastSet, peers: Sequence[str]) -> dict[str, str]:
    """Print a set's lines, and say how unspool stands beside the best of the others by what they are the best in."""
    from unspool.candidates.forecasts.choice import try_candidate
    from unspool.evaluation.measures.forecasts import MEASURES
    from unspool.evaluation.result import Baseline, Predictions
    from unspool.evaluation.scoring import score

    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(one, Path(folder))
    setup, training = prepared.reader.setup, prepared.forecasts.training
    data = prepared.summary.examples
    print(f"{one.name}: {prepared.summary.title}, season {setup.season}, {data['test']} test forecasts", flush=True)
    found, in_validation = {}, {}
    for name in peers:
        began, note = time.process_time(), ""
        if name == UNSPOOL:
            outputs, note = unspool(prepared)
        else:
            model = SIMPLE[name].fit(training.histories, setup, 0)
            outputs = bare(model.points(prepared.test.inputs.items))
        seconds = time.process_time() - began
        scores = score(MEASURES, Predictions(prepared.test.targets, outputs, prepared.test.groups))
        found[name] = (outputs, scores)
        mase, more = scores["mase"], ""
        if name == UNSPOOL:
            more = f"  80% interval covers {100 * scores['coverage'].value:.0f}%  {note}"
        else:
            tried, _ = try_candidate(SIMPLE[name], training, 0, math.inf)
            in_validation[name] = math.inf if tried.score is None else tried.score
            more = f"  {in_validation[name]:.3f} in validation"
        interval = f"[{mase.interval.low:.3f}, {mase.interval.high:.3f}]"
        print(f"  {name:15} {mase.value:7.3f}  {interval:18} {seconds:7.1f} s{more}", flush=True)
    if UNSPOOL not in found or len(found) < 2:
        return {}
    others = {name: Baseline(name, name, scores, outputs, 0.0) for name, (outputs, scores) in found.items()}
    ours = Predictions(prepared.test.targets, others.pop(UNSPOOL).outputs, prepared.test.groups)
    chosen = others[min(in_validation, key=lambda name: in_validation[name])]
    return {ON_TEST: _standing(ours, list(others.values())), IN_VALIDATION: _standing(ours, [chosen])}


def _standing(ours, others) -> str:
    """Whether unspool is ahead of, level with or behind the best of the others on the test, by the 95% interval."""
    from unspool.evaluation.measures.forecasts import MEASURES
    from unspool.evaluation.verdict import verdict

    against = verdict(MEASURES, ours, None, others)
    low, high = against.interval.low, against.interval.high
    outcome = "ahead" if high < 0 else "behind" if low > 0 else "level"
    print(f"  {outcome}: {against.difference:+.3f} [{low:+.3f}, {high:+.3f}] to {against.baseline}", flush=True)
    return outcome
