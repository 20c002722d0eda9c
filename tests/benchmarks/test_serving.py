"""The benchmark of the server: its clients count what happens, and the whole of it runs."""

import asyncio
import importlib.util
import json
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from benchmarks.serving.clients import at_a_rate, in_turn, request_of
from benchmarks.serving.suite import main, percentiles

MODELS = Path(__file__).parents[1] / "serving" / "models.py"


@pytest.fixture
def model(tmp_path):
    spec = importlib.util.spec_from_file_location("models_to_serve", MODELS)
    models = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(models)
    return models.write(tmp_path / "films.unspool", models.texts())


def answered(statuses, measure):
    """What clients measure of a server that gives these answers in turn; None closes the connection."""
    given = iter(statuses)

    async def serve(reader, writer):
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(2)
                status = next(given, 200)
                if status is None:
                    return
                more = b"Retry-After: 1\r\n" if status == 503 else b""
                writer.write(b"HTTP/1.1 %d X\r\n%sContent-Length: 2\r\n\r\n{}" % (status, more))
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def measured():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            return await measure(server.sockets[0].getsockname()[1])

    return asyncio.run(measured())


def test_answers_are_told_apart_and_what_is_lost_is_counted():
    request = request_of(b"{}")
    found = answered([200, 503, None, 500], lambda port: at_a_rate(port, request, 0.2, 50, connections=1))
    assert (len(found.refused.since_sent), found.others, found.lost, found.without_retry) == (1, 1, 1, 0)
    assert found.count == 10
    assert len(found.accepted.since_due) == 7
    assert all(sent <= due for sent, due in zip(found.accepted.since_sent, found.accepted.since_due, strict=True))


def test_clients_in_turn_wait_for_their_answers():
    found = answered([], lambda port: in_turn(port, request_of(b"{}"), 0.2, clients=2))
    assert len(found.accepted.since_sent) == found.count > 2


def test_percentiles():
    assert percentiles([n / 1000 for n in range(1, 101)]) == {"p50": 51.0, "p99": 100.0, "most": 100.0}
    assert percentiles([]) == {}


def test_the_whole_benchmark(model, tmp_path, capsys):
    options = ["--model", str(model), "--seconds", "1", "--times", "2", "--examples", "8"]
    assert main([*options, "--json", str(tmp_path / "serving.json")]) == 0
    found = json.loads((tmp_path / "serving.json").read_text())
    assert found["accepted"]["p99"] > 0
    assert (found["lost"], found["other_answers"], found["without_retry_after"]) == (0, 0, 0)
    assert found["drain"]["lost"] == 0
    assert found["drain"]["answered"] > 0
    assert "capacity" in capsys.readouterr().out


def test_a_model_that_is_none(tmp_path, capsys):
    (tmp_path / "none.unspool").touch()
    assert main(["--model", str(tmp_path / "none.unspool"), "--seconds", "1"]) == 1
    assert "none.unspool cannot be read" in capsys.readouterr().err
