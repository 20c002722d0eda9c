"""One model over all sets and seeds, in its own process: a line of JSON for each on standard output."""

import json
import sys
import time

import numpy as np

from benchmarks.series.models import MODELS
from benchmarks.series.sets import Set, load, resampled


def score(truth: np.ndarray, predicted: np.ndarray, task: str) -> float:
    """Accuracy, or root mean squared error."""
    if task == "regression":
        return float(np.sqrt(np.mean((truth - predicted) ** 2)))
    return float(np.mean(truth == predicted))


def few(known: Set) -> Set:
    """Some series of a set, with which a model compiles and loads what it needs before it is measured."""
    chosen = [int(i) for label in np.unique(known.train_y)[:3] for i in np.flatnonzero(known.train_y == label)[:4]]
    if known.task == "regression":
        chosen = list(range(12))
    numbers = np.unique(known.train_y[chosen], return_inverse=True)[1]
    targets = known.train_y[chosen] if known.task == "regression" else numbers
    train = [known.train[i] for i in chosen]
    return Set(known.name, known.task, train, targets, train, targets)


def main(name: str, sets: list[str], seeds: list[int], draw: bool) -> None:
    """Measure; with `draw`, seeds from 1 on also draw the training part anew, for development."""
    for known in map(load, sets):
        for index, seed in enumerate(seeds):
            line = {"model": name, "set": known.name, "task": known.task, "tests": len(known.test), "seed": seed}
            drawn = resampled(known, seed) if draw and seed else known
            try:
                if index == 0:
                    MODELS[name](few(known), seed)
                started = time.process_time()
                predicted = MODELS[name](drawn, seed)
            except Exception as error:
                print(json.dumps({**line, "error": repr(error)[:200]}), flush=True)
                continue
            seconds = time.process_time() - started
            found = score(drawn.test_y, predicted, known.task)
            print(json.dumps({**line, "score": found, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), [int(s) for s in sys.argv[3].split(",")], sys.argv[4] == "draw")
