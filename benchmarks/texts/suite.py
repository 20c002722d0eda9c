"""Runs the suite: every peer on every set, and prints a line for each."""

import argparse
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.texts import newer_sets, package_sets, sets, whole_command
from benchmarks.texts.peers import PEERS, timed


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run texts [--sets A,B] [--peers A,B] [--seeds N] [--held-out]`.

    With `--whole-command`, the command `unspool train` is measured beside tuned peers, on the sets of
    `benchmarks/texts/package_sets.py` and `newer_sets.py`.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks run texts")
    parser.add_argument("--sets", help="names, by commas; default: those for development")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, by commas")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="the sets that are looked at once, at the end")
    parser.add_argument(
        "--whole-command", action="store_true", help="unspool train on sets from packages, beside tuned peers"
    )
    parser.add_argument(
        "--archives",
        type=Path,
        default=Path(os.environ.get("UNSPOOL_TEXT_SETS", ".")),
        help="the folder with these packages; default: UNSPOOL_TEXT_SETS, or the working directory",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/texts"), help="the folder to write their tables and runs to"
    )
    parser.add_argument("--budget", help="the budget of unspool train, as in 20m; default: its own")
    options = parser.parse_args(arguments)
    if options.whole_command:
        chosen = options.sets.split(",") if options.sets else list(_of_packages(options.held_out))
        for name in chosen:
            if name not in whole_command.SETS:
                parser.error(f"there is no set {name!r}; there are {', '.join(whole_command.SETS)}")
        return whole_command.measure(chosen, options.archives, options.out, options.budget)
    names = options.sets.split(",") if options.sets else sets.HELD_OUT if options.held_out else sets.DEVELOPMENT
    warnings.filterwarnings("ignore", module="sklearn")
    for name in names:
        try:
            one = sets.load(name)
        except sets.MissingError as why:
            print(f"{name}: left out, {why}")
            continue
        _show(one, options.peers.split(","), options.seeds)
    return 0


def _of_packages(held_out: bool) -> dict[str, package_sets.PackageSet]:
    if held_out:
        return package_sets.ONCE | newer_sets.ONCE
    return package_sets.DEVELOPMENT | newer_sets.DEVELOPMENT


def _show(one: sets.TextSet, peers: list[str], seeds: int) -> None:
    training = np.flatnonzero(~one.test)
    texts, test = [one.texts[row] for row in training], [one.texts[row] for row in np.flatnonzero(one.test)]
    print(f"{one.name}: {one.task}, {len(texts)} training texts, {len(test)} of the test", flush=True)
    for name in peers:
        peer = PEERS[name]
        rights, times = [], []
        for seed in range(seeds if peer.seeds else 1):
            try:
                answers, seconds = timed(peer, texts, one.target[training], one.task, test, seed)
            except (NotImplementedError, ImportError) as why:
                print(f"  {name:17} left out: {why or 'not for this task'}", flush=True)
                break
            truth = one.target[one.test]
            off = answers - truth if one.task == "regression" else answers != truth
            rights.append(np.sqrt(np.mean(off**2)) if one.task == "regression" else 100 * (1 - np.mean(off)))
            times.append(seconds)
        if rights:
            print(
                f"  {name:17} {np.mean(rights):8.3f}  [{min(rights):.3f}, {max(rights):.3f}]  {np.mean(times):7.1f} s",
                flush=True,
            )
