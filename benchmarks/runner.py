"""Starts a process for each peer and lets them work turn about: A B C, A B C, ..."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers import INSTALL, Peer
from benchmarks.results import Measurement, Results
from benchmarks.works import Item, Work

ROOT = Path(__file__).parents[1]
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Say = Callable[[str, bool], None]
"""Gets a line about what goes on, and whether a unit of work is done."""


class WorkerError(Exception):
    """A peer could not do what it was asked to; the message is one line."""


class Worker:
    """A peer's process, idle until it is asked.

    Args:
        peer: which.
        work: the name of the work whose items are asked for.
        threads: that it may use.
        quick: items of the quick sizes.
        environment: variables besides the peer's own.
    """

    def __init__(
        self, peer: Peer, work: str, threads: int, quick: bool = False, environment: dict[str, str] | None = None
    ) -> None:
        threads = peer.threads or threads
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", peer.module, work, "quick" if quick else "full", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
            | dict.fromkeys(THREAD_VARIABLES, str(threads))
            | peer.environment
            | (environment or {}),
            start_new_session=True,  # Ctrl-C is for us: we decide what is kept
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            WorkerError: the peer failed, or its process has died.
        """
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"its process ended with code {self._process.wait()}: {self._last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._log.close()

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def available(peers: list[Peer]) -> tuple[list[Peer], dict[str, str]]:
    """The peers whose packages are installed, and for the others why they are left out."""
    missing = {peer.name: f"needs {', '.join(peer.missing())}: {INSTALL}" for peer in peers if peer.missing()}
    return [peer for peer in peers if peer.name not in missing], missing


def run_work(work: Work, peers: list[Peer], results: Results, save: Callable[[], None], say: Say) -> None:
    """Measure a work; `results` has what was measured at every moment, `save` is called after each item."""
    settings = results.settings
    if work.fresh:
        _run_fresh(work, peers, results, save, say)
        return
    with _workers(work, peers, settings) as workers:
        for number, item in enumerate(work.items):
            _run_item(work, number, item, peers, workers, results, say)
            save()


@contextmanager
def _workers(work: Work, peers: list[Peer], settings: dict[str, Any]) -> Iterator[dict[str, Worker]]:
    workers: dict[str, Worker] = {}
    try:
        for peer in peers:
            workers[peer.name] = Worker(peer, work.name, settings["threads"], settings["quick"])
        yield workers
    finally:
        for worker in workers.values():
            worker.close()


def _run_item(
    work: Work,
    number: int,
    item: Item,
    peers: list[Peer],
    workers: dict[str, Worker],
    results: Results,
    say: Say,
) -> None:
    rounds = results.settings["rounds"]
    measured: dict[str, Measurement] = {}
    for peer in peers:
        if not workers[peer.name].alive:  # a peer that died on one item may do the next
            workers[peer.name].close()
            workers[peer.name] = Worker(peer, work.name, results.settings["threads"], results.settings["quick"])
        measurement = Measurement(work.name, item.label, peer.name, flops=item.flops)
        say(f"{work.name}, {item.label}: {peer.name}, first time", False)
        with _failures_noted(measurement):
            if peer.name not in results.versions:
                results.versions[peer.name] = workers[peer.name].ask(describe=True)["versions"]
            answer = workers[peer.name].ask(prepare=number)
            if answer.get("unsupported"):
                say("", True)
                continue
            measurement.first_seconds = answer["first_seconds"]
            measured[peer.name] = measurement
        results.measurements.append(measurement)
        say("", True)
    for round_number in range(rounds):
        for name, measurement in measured.items():
            say(f"{work.name}, {item.label}: {name}, round {round_number + 1} of {rounds}", False)
            if measurement.error is None:
                with _failures_noted(measurement):
                    measurement.add(workers[name].ask(measure=item.budget))
            say("", True)


@contextmanager
def _failures_noted(measurement: Measurement) -> Iterator[None]:
    try:
        yield
    except WorkerError as error:
        measurement.error = str(error)


def _run_fresh(work: Work, peers: list[Peer], results: Results, save: Callable[[], None], say: Say) -> None:
    """Each figure a new process; the first run of each fills the disk's cache and JAX's, and is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        for number, item in enumerate(work.items):
            taking_part = [peer for peer in peers if peer.uses_jax or not item.cached]
            measured = {peer.name: Measurement(work.name, item.label, peer.name) for peer in taking_part}
            results.measurements += measured.values()
            for round_number in range(results.settings["rounds"] + 1):
                for peer in taking_part:
                    measurement = measured[peer.name]
                    say(f"{work.name}, {item.label}: {peer.name}, round {round_number}", False)
                    cache = Path(folder, peer.name if item.cached else f"{peer.name}-{round_number}-cold")
                    with _failures_noted(measurement):
                        answer = _start_once(work, number, peer, cache, item.cached, results)
                        if round_number == 0:
                            measurement.first_seconds = answer["median"]
                        else:
                            measurement.add(answer)
                    say("", True)
            save()


def _start_once(work: Work, number: int, peer: Peer, cache: Path, cached: bool, results: Results) -> dict[str, Any]:
    environment = {"XDG_CACHE_HOME": str(cache)}
    if cached:
        environment |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    began = time.perf_counter()
    worker = Worker(peer, work.name, results.settings["threads"], results.settings["quick"], environment)
    try:
        answer = worker.ask(prepare=number)
        seconds = time.perf_counter() - began
        if peer.name not in results.versions:
            results.versions[peer.name] = worker.ask(describe=True)["versions"]
    finally:
        worker.close()
    return answer | {"median": seconds, "min": seconds, "calls": 1}


def units(work: Work, peers: list[Peer], rounds: int) -> int:
    """How many times `say` will be told that something is done."""
    if work.fresh:
        return sum((rounds + 1) * sum(peer.uses_jax or not item.cached for peer in peers) for item in work.items)
    return len(work.items) * len(peers) * (rounds + 1)
