"""`python -m benchmarks run answering RUN`: one text at a time, by the runtime and by ONNX Runtime, turn about."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.peers import INSTALL, PEERS

USER_ERROR = 1
WORDS = 144
CALLS, TURNS = 50, 60


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run answering",
        description="Measures how long one text takes: in unspool-runtime from the text to the probabilities, in ONNX "
        "Runtime with one thread from the tokens to the probabilities. Both models are exported from the run.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a recurrent network over texts: imdb-lstm")
    parser.add_argument("--words", type=int, default=WORDS, help=f"length of the text (default: {WORDS})")
    options = parser.parse_args(arguments)
    if missing := PEERS["onnxruntime"].missing():
        print(f"benchmarks: this needs {', '.join(missing)}: {INSTALL}", file=sys.stderr)
        return USER_ERROR
    if machine.load() > machine.BUSY:
        print(f"this machine is busy (load {machine.load()}): do not trust the timings", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        portable, graph = Path(folder, "model.unspool"), Path(folder, "model.onnx")
        for option, path in (("--out", portable), ("--onnx", graph)):
            command = [sys.executable, "-m", "unspool.cli", "export", str(options.run), option, str(path)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"benchmarks: {done.stderr.strip()}", file=sys.stderr)
                return USER_ERROR
        found = measure(portable, graph, options.words)
    for name, seconds in found.items():
        least, quarter, middle, late = (1e6 * np.quantile(seconds, part) for part in (0, 0.25, 0.5, 0.99))
        print(f"{name:<36} min {least:6.1f}  p25 {quarter:6.1f}  p50 {middle:6.1f}  p99 {late:6.1f} us")
    return 0


def measure(portable: Path, graph: Path, words: int) -> dict[str, list[float]]:
    """Seconds of each call."""
    import onnxruntime

    from unspool_runtime import Model, native

    model = Model.load(portable)
    text = " ".join((" ".join(one for one in model._golden.examples if one.isascii()) * words).split()[:words])
    ((_, steps),) = model._engine._reader.batches([text])  # type: ignore[attr-defined]
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), settings, providers=["CPUExecutionProvider"])
    given: dict[str, Any] = {"tokens": steps.tokens.astype(np.int64)}
    if "lengths" in {one.name for one in session.get_inputs()}:
        given["lengths"] = np.array([steps.tokens.shape[1]], np.int32)
    calls: dict[str, Callable[[], Any]] = {
        f"unspool-runtime, from the text ({native.explain()})": lambda: model.probabilities([text]),
        f"ONNX Runtime {onnxruntime.__version__}, from the tokens": lambda: session.run(None, given),
    }
    apart = float(abs(model.outputs([text]) - session.run(None, given)[0]).max())
    print(f"{len(text.split())} words, {steps.tokens.shape[1]} tokens; the answers differ by {apart:.1e}")
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(TURNS):
        for name, call in calls.items():
            for number in range(2 * CALLS):
                begun = time.perf_counter()
                call()
                if turn and number >= CALLS:  # the first ones find another's data in the caches
                    found[name].append(time.perf_counter() - begun)
    return found
