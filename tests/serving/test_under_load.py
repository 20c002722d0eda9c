"""A server as a process of its own, with ten times the load that it can answer: `make soak` runs it, for minutes."""

import argparse
import asyncio
import json
import signal
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException

import pytest

pytest.importorskip("starlette")

from benchmarks.serving.clients import request_of
from benchmarks.serving.server import running
from benchmarks.serving.suite import measure

from benchmarks import machine
from unspool.serving.settings import Settings
from unspool.serving.work import AT_ONCE
from unspool_runtime import Model

from . import models

pytestmark = pytest.mark.soak
SECONDS = 60
EXAMPLES = 32


def slow(seed=0):
    """A network that needs about a millisecond for a text: so slow that clients can send ten times as much."""
    tree = models.TOLD | models.small.words_network(bigrams=False, seed=seed)
    draw, units = models.small.random(seed), 192
    layers = tree["model"]["layers"]
    layers[1] = models.small.recurrent(draw, "lstm", 3, units, True, "all")
    for direction in ("forward", "backward"):
        layers[1][direction]["recurrent"] /= 8
    width = 4 * units
    layers[3] |= {name: models.small.floats(draw, width) for name in ("scale", "offset")}
    layers[4] = models.small.dense(draw, width, 1)
    layers[4]["weights"] /= 30
    return tree


def asked(examples):
    return json.dumps({"examples": ["a fine film ! " * 20 + "dull " * number for number in range(examples)]}).encode()


def test_ten_times_the_load_for_a_minute(tmp_path):
    model, body = models.write(tmp_path / "slow.unspool", slow()), asked(EXAMPLES)
    idle = machine.load() <= machine.BUSY
    options = argparse.Namespace(seconds=SECONDS, times=10, connections=200)
    with running(model, "--drain", "1s") as server:
        found = asyncio.run(measure(server, request_of(body), options))
    print(json.dumps(found, indent=1))
    rate = found["accepted_rate"]
    assert found["rate"] > 5 * rate
    # Before an accepted request are a full queue, a request more, and a batch that is being computed; then its own.
    ahead = (Settings().queue + AT_ONCE) / EXAMPLES + 2
    assert found["accepted"]["p99"] < 2e3 * ahead / rate
    if idle:  # elsewhere milliseconds tell of the other programs
        assert found["refused"]["p99"] < 50
        assert found["health"]["p99"] < 50
    assert (found["lost"], found["other_answers"], found["without_retry_after"]) == (0, 0, 0)
    assert found["memory"]["last"] < 1.05 * found["memory"]["middle"]
    assert found["recovery_seconds"] < 5
    assert found["drain"]["answered"] > 0
    assert found["drain"]["lost"] == 0
    assert found["exit"] == 0


def test_a_model_that_is_replaced_under_load_answers_whole(tmp_path):
    """Every answer is that of the model that it names, of one of two; none is refused otherwise or lost."""
    served, body = tmp_path / "served.unspool", asked(4)
    files, wanted = [], {}
    for seed in (0, 1):
        path = models.write(tmp_path / f"model{seed}.unspool", slow(seed))
        files.append(path.read_bytes())
        wanted[seed] = Model.load(path).probabilities(json.loads(body)["examples"]).tolist()
    assert wanted[0] != wanted[1]
    served.write_bytes(files[0])
    seen, wrong, over = Counter(), [], threading.Event()

    def client(port):
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            ask(connection)

    def ask(connection):
        while not over.is_set():
            try:
                connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                content = json.loads(answer.read())
            except (OSError, HTTPException) as error:
                wrong.append(error)
                return
            if answer.status == 503:
                time.sleep(0.01)
                continue
            given = [[*one["probabilities"].values()] for one in content["predictions"]]
            seed = next((seed for seed, told in wanted.items() if told == given), None)
            seen[content["model"]["version"], seed] += 1

    with running(served, "--drain", "1s") as server:
        clients = [threading.Thread(target=client, args=(server.port,)) for _ in range(24)]
        for thread in clients:
            thread.start()
        for turn in range(1, 6):
            time.sleep(SECONDS / 10)
            aside = served.with_suffix(".aside")
            aside.write_bytes(files[turn % 2])
            aside.replace(served)
        time.sleep(SECONDS / 10)
        over.set()
        for thread in clients:
            thread.join()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    print(dict(seen))
    assert not wrong
    assert sorted(seed for _, seed in seen) == [0, 1]  # two versions, each with the answers of one model
    assert min(seen.values()) > 10
