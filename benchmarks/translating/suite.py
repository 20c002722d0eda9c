"""How fast a trained Transformer translates by each search, and whether CTranslate2 finds the same with its weights."""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from benchmarks import machine
from unspool.errors import UserError

SEARCHES = {
    "greedy, 64 at a time": (1, 64),
    "beam 5, 64 at a time": (5, 64),
    "greedy, one by one": (1, 1),
}
"""The beam and the size of a batch."""

Translate = Callable[[int, int], list[list[int]]]
"""The beam and the size of a batch to the translations of all sources."""


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run translating RUN [--texts 1000] [--rounds 3]`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run translating",
        description="Translates the test sources of a Transformer's run with unspool and with CTranslate2 in turn, on "
        "one core, and counts processor time. Scores are log-probabilities without a length penalty. Rounding and ties "
        "may change a translation: the number that are the same is printed.",
    )
    parser.add_argument(
        "run", type=Path, help="a folder made by `unspool run multi30k-transformer --set model.positions=sinusoidal`"
    )
    parser.add_argument("--texts", type=int, default=1000, help="at most (default: 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="of timing (default: 3)")
    options = parser.parse_args(arguments)
    if machine.load() > machine.BUSY:
        print(f"this machine is busy (load {machine.load()}): do not trust the timings", file=sys.stderr)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # before JAX starts its threads
    try:
        peers = _peers(options.run, options.texts)
    except ImportError as error:
        print(f"benchmarks: {error}; pip install -e '.[bench]'", file=sys.stderr)
        return 1
    except UserError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    for name, (beam, batch_size) in SEARCHES.items():
        print(name)
        seconds: dict[str, list[float]] = {peer: [] for peer in peers}
        found: dict[str, list[list[int]]] = {}
        for number in range(options.rounds + 1):  # the first compiles, and is not counted
            for peer, translate in peers.items():
                began = time.process_time()
                found[peer] = translate(beam, batch_size)
                seconds[peer] += [time.process_time() - began] if number else []
        ours = found["unspool"]
        for peer in peers:
            rate = len(ours) / statistics.median(seconds[peer])
            same = sum(one == other for one, other in zip(ours, found[peer], strict=True))
            print(
                f"  {peer:20} {rate:7.1f} texts per second of processor time   {same:,} of {len(ours):,} the same",
                flush=True,
            )
    return 0


def _peers(folder: Path, texts: int) -> dict[str, Translate]:
    import numpy as np

    import unspool
    from benchmarks.translating.ctranslate2_peer import translator
    from unspool import kernels
    from unspool.data import load
    from unspool.data.tokenizers.vocabulary import START
    from unspool.models.search import Beam
    from unspool.tasks.translation import END
    from unspool.training.decoding import decode

    model = unspool.load(folder).trained
    if model.recipe.model.positions != "sinusoidal":
        raise UserError(
            f"{folder}: CTranslate2 is given sinusoidal positions here, and this model's are rotary. Train one with "
            "--set model.positions=sinusoidal."
        )
    data = model.recipe.data
    sources = load(data.dataset).test.texts[data.source][:texts]
    inputs = model.reader.read(sources)
    network: Any = model.network
    maximum = model.task.maximum

    def ours(path: Literal["native", "reference"]) -> Translate:
        def search(beam: int, batch_size: int) -> list[list[int]]:
            how = Beam(size=beam, length_penalty=0.0) if beam > 1 else None
            edges = {"start": START, "end": END, "maximum": maximum}
            with kernels.use(path):
                return decode(network, inputs, how, **edges, batch_size=batch_size).best.tolist()

        return search

    def theirs(compute_type: str) -> Translate:
        search = translator(network, START, END, maximum, compute_type)
        ids = [np.asarray(one).tolist() for one in inputs]
        return lambda beam, batch_size: search(ids, beam, batch_size)

    return {
        "unspool": ours("native"),
        "unspool, in JAX": ours("reference"),
        "CTranslate2": theirs("float32"),
        "CTranslate2, int8": theirs("int8"),
    }
