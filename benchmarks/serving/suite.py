"""A server with more load than it can answer: who waits how long, what it takes, what is lost at the end."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.serving.clients import Answers, Connection, at_a_rate, in_turn, request_of, until_closed
from benchmarks.serving.server import Server, body_of, default_model, running

USER_ERROR = 1
MOST_SECONDS, MOST_CONNECTIONS, MOST_RATE = 600, 400, 20_000


def main(arguments: Sequence[str]) -> int:
    """`python -m benchmarks run serving [--model FILE] [--seconds 60] [--times 10] [--examples 256]`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run serving",
        description="Finds how many requests a second a server answers, sends so many times more for a while, looks at "
        "its memory, and ends it by SIGTERM while clients ask on. Everything stays on 127.0.0.1. Server and clients "
        "share the machine's cores: measure on one that does nothing else. Times count from when a request was sent; "
        'those "since due" also count how late the clients themselves were.',
    )
    parser.add_argument("--model", type=Path, help="a portable model of texts (default: sentences-lstm, one epoch)")
    parser.add_argument("--seconds", type=_within(MOST_SECONDS), default=60, help="of the load (default: 60)")
    parser.add_argument("--times", type=_within(100), default=10, help="the capacity (default: 10)")
    parser.add_argument("--examples", type=_within(256), default=256, help="of a request (default: 256)")
    parser.add_argument("--connections", type=_within(MOST_CONNECTIONS), default=200, help="at most (default: 200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args(arguments)
    if machine.load() > machine.BUSY:
        print(f"this machine is busy (load {machine.load()}): do not trust the timings", file=sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder:
            model = options.model or default_model(Path(folder))
            with running(model, "--drain", "1s") as server:
                body = body_of(model, options.examples)
                found = asyncio.run(measure(server, request_of(body), options))
    except RuntimeError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return USER_ERROR
    found = {"machine": machine.describe(), "examples": options.examples, "bytes": len(body), **found}
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))
    return 0


async def measure(server: Server, request: bytes, options: argparse.Namespace) -> dict[str, Any]:
    """All figures, in the order in which they are measured."""
    await in_turn(server.port, request, 1, 4)
    alone = await in_turn(server.port, request, min(options.seconds, 5), 1)
    # Two clients keep the server busy, and are never refused; more would spend its cores on refusals.
    both = await in_turn(server.port, request, min(options.seconds, 10), 2)
    capacity = max(
        len(alone.accepted.since_sent) / min(options.seconds, 5),
        len(both.accepted.since_sent) / min(options.seconds, 10),
    )
    rate = min(capacity * options.times, MOST_RATE)
    memory: list[float] = [server.memory()]
    health: list[float] = []
    watching = asyncio.create_task(_watch(server, memory, health))
    begun, used = time.perf_counter(), server.seconds()
    load = await at_a_rate(server.port, request, options.seconds, rate, options.connections)
    took, used = time.perf_counter() - begun, server.seconds() - used
    recovery = await _recovered(server.port, request)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    drain = await _drained(server, request)
    exit_code = await asyncio.to_thread(server.process.wait, 60)
    return {
        "alone": percentiles(alone.accepted.since_sent),
        "capacity": capacity,
        "wanted_rate": rate,
        "rate": load.count / took,
        "accepted_rate": len(load.accepted.since_sent) / took,
        "accepted": percentiles(load.accepted.since_sent),
        "accepted_since_due": percentiles(load.accepted.since_due),
        "refused": percentiles(load.refused.since_sent),
        "refused_since_due": percentiles(load.refused.since_due),
        "health": percentiles(health),
        "refusals": len(load.refused.since_sent),
        "without_retry_after": load.without_retry,
        "other_answers": load.others,
        "lost": load.lost,
        "processor_seconds": used,
        "memory": {"first": memory[0], "middle": memory[len(memory) // 2], "last": memory[-1], "most": max(memory)},
        "recovery_seconds": recovery,
        "drain": {
            "answered": len(drain.accepted.since_sent),
            "refused": len(drain.refused.since_sent),
            "lost": drain.lost,
        },
        "exit": exit_code,
    }


async def _watch(server: Server, memory: list[float], health: list[float]) -> None:
    """Every half second: what the server holds, and how long /healthz takes."""
    connection = Connection(server.port)
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    try:
        while True:
            await asyncio.sleep(0.5)
            memory.append(server.memory())
            begun = time.perf_counter()
            await connection.ask(request)
            health.append(time.perf_counter() - begun)
    finally:
        await connection.close()


async def _recovered(port: int, request: bytes) -> float:
    """Seconds after the load until a request is answered."""
    begun, connection = time.perf_counter(), Connection(port)
    while (await connection.ask(request))[0] != 200:
        await asyncio.sleep(0.01)
    await connection.close()
    return time.perf_counter() - begun


async def _drained(server: Server, request: bytes) -> Answers:
    """The server is told to end while clients ask."""
    asked = asyncio.Event()
    clients = asyncio.create_task(until_closed(server.port, request, 16, asked))
    await asked.wait()
    server.process.send_signal(signal.SIGTERM)
    return await clients


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum, in milliseconds.

    Example:
        >>> percentiles([0.001, 0.002, 0.003])
        {'p50': 2.0, 'p99': 3.0, 'most': 3.0}
    """
    if not seconds:
        return {}
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p99": 0.99, "most": 1.0}
    return {
        name: round(1e3 * ordered[min(int(part * len(ordered)), len(ordered) - 1)], 3) for name, part in places.items()
    }


def table(found: dict[str, Any]) -> str:
    """The figures in words."""

    def times(what: str) -> str:
        some = found[what]
        return f"p50 {some['p50']:.1f} ms, p99 {some['p99']:.1f} ms, most {some['most']:.1f} ms" if some else "none"

    memory, drain = found["memory"], found["drain"]
    lines = [
        ("request", f"{found['examples']} texts, {found['bytes']:,} bytes"),
        ("one client", times("alone")),
        ("capacity", f"{found['capacity']:.0f} requests a second (the better of one client and two)"),
        ("load", f"{found['rate']:.0f} a second of {found['wanted_rate']:.0f} that were wanted"),
        ("accepted", f"{found['accepted_rate']:.0f} a second, {times('accepted')}"),
        ("refused", f"{found['refusals']:,}, {times('refused')}; {found['without_retry_after']} without Retry-After"),
        ("accepted, since due", times("accepted_since_due")),
        ("refused, since due", times("refused_since_due")),
        ("/healthz under load", times("health")),
        ("lost, other answers", f"{found['lost']}, {found['other_answers']}"),
        ("memory", ", ".join(f"{name} {size:.1f} MB" for name, size in memory.items())),
        ("processor", f"{found['processor_seconds']:.1f} s"),
        ("recovery", f"{found['recovery_seconds']:.2f} s"),
        ("drain", f"{drain['answered']} answered, {drain['refused']} refused, {drain['lost']} lost"),
    ]
    return "\n".join(f"{name:<24} {value}" for name, value in lines)


def _within(most: int) -> Any:
    def number(text: str) -> int:
        if not text.isdigit() or not 0 < int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most}")
        return int(text)

    return number
