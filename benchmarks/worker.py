"""One peer in its own process: reads requests, a line of JSON each, from standard input, and answers likewise.

{"describe": true}                  {"versions": {...}}
{"prepare": item}                   {"first_seconds": s, "loss": x} or {"unsupported": true}; runs the item once
{"measure": seconds}                {"median": s, "min": s, "calls": n, "loss": x, "peak_mib": m}
{"values": true}                    {"values": [...]}: what the prepared item returned
"""

import gc
import json
import os
import resource
import sys
import time
from importlib import import_module
from statistics import median
from typing import Any

MOST_CALLS = 5000


class Session:
    """What a worker keeps between requests."""

    def __init__(self, module: str, work: str, quick: bool, threads: int) -> None:
        from benchmarks.works import check_work, works

        self.items = check_work().items if work == "check" else works(quick)[work].items
        self.peer = import_module(f"benchmarks.peers.{module}")
        self.versions = self.peer.start(threads)
        self.run: Any = None
        self.value: Any = None
        self.budget = 0.0

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a request asks for."""
        if "describe" in request:
            return {"versions": self.versions}
        if "prepare" in request:
            return self.prepare(self.items[request["prepare"]])
        if "measure" in request:
            return self.measure(request["measure"])
        if "values" in request:
            import numpy as np

            return {"values": np.asarray(self.value, np.float64).ravel().tolist()}
        raise ValueError(f"not a request: {request}")

    def prepare(self, item: Any) -> dict[str, Any]:
        """Build an item and run it once: compilation, first touch of memory, caches."""
        from benchmarks import jobs

        self.run = self.value = None
        gc.collect()
        if not jobs.can(self.peer, item):
            return {"unsupported": True}
        began = time.perf_counter()
        self.run = jobs.job(self.peer, item)
        self.value = self.run()
        return {"first_seconds": time.perf_counter() - began, "loss": as_loss(self.value), "peak_mib": peak_mib()}

    def measure(self, budget: float) -> dict[str, Any]:
        """Time single calls until their sum reaches the budget; of several, the first finds cold caches: left out."""
        gc.collect()
        seconds: list[float] = []
        while not seconds or (sum(seconds) < budget and len(seconds) < MOST_CALLS):
            began = time.perf_counter()
            self.value = self.run()
            seconds.append(time.perf_counter() - began)
        seconds = seconds[1:] or seconds
        return {
            "median": median(seconds),
            "min": min(seconds),
            "calls": len(seconds),
            "loss": as_loss(self.value),
            "peak_mib": peak_mib(),
        }


def as_loss(value: Any) -> float | None:
    return float(value) if isinstance(value, float) else None


def peak_mib() -> float:
    """The most memory that this process has held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def limit_cores(threads: int) -> None:
    """Keep this process on as many cores as it may have threads, also where a library has no setting for it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def main(module: str, work: str, quick: str, threads: str) -> None:
    # Libraries print to standard output as they like; the answers go out on a copy that only we know.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    limit_cores(int(threads))
    session: Session | None = None
    for line in sys.stdin:
        try:
            if session is None:
                session = Session(module, work, quick == "quick", int(threads))
            answer = session.answer(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".strip().splitlines()[0]}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
