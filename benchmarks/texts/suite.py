"""Runs the suite: every peer on every set, and prints a line for each."""

import argparse
import warnings
from collections.abc import Sequence

import numpy as np

from benchmarks.texts import sets
from benchmarks.texts.peers import PEERS, timed


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run texts [--sets A,B] [--peers A,B] [--seeds N] [--held-out]`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks run texts")
    parser.add_argument("--sets", help="names, by commas; default: those for development")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, by commas")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="the sets that are looked at once, at the end")
    options = parser.parse_args(arguments)
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
