"""A real server on 127.0.0.1: slow clients, those that leave, and the end."""

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from unspool.cli import main
from unspool_runtime import Model

from . import models

EXAMPLES = json.dumps({"examples": ["a fine film"]}).encode()
HEADERS = {"Content-Type": "application/json"}
PATIENCE = 120.0
"""Seconds after which a server is taken to have failed, however busy the machine is."""
HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def start(tmp_path):
    """Starts `unspool serve` on a free port."""
    running = []

    def started(*options, path=None):
        path = path or models.write(tmp_path / "films.unspool", models.texts())
        command = [sys.executable, "-m", "unspool.cli", "serve", str(path), "--port", "0", *options]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        running.append(process)
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"serving at http://127\.0\.0\.1:(\d+)", line):
                return SimpleNamespace(process=process, port=int(found[1]), said=lines)
        raise AssertionError(lines)

    yield started
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def ask(port, method="POST", path="/predict", body=EXAMPLES, connection=None):
    used = connection or connected(port)
    try:
        used.request(method, path, body if method == "POST" else None, HEADERS)
        answer = used.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        if connection is None:
            used.close()


def counted(port, endpoint, code):
    """How many requests the metrics show."""
    said = ask(port, "GET", "/metrics")[1].decode()
    name = f'unspool_requests_total{{code="{code}",endpoint="{endpoint}"}} '
    return sum(float(line.removeprefix(name)) for line in said.splitlines() if line.startswith(name))


def long_head(size):
    """A whole head, sent in one piece."""
    return b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"x" * size + b"\r\n\r\n"


def connected(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def received(connection):
    """Everything until the server closes."""
    parts = []
    with connection:
        while part := connection.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def send_on(connection):
    while True:
        connection.sendall(b"x" * 100_000)


def test_slow_clients_are_let_go_and_others_answered(start):
    port = start("--slow", "1s").port
    silent, half_a_head, half_a_body = (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)
    )
    half_a_head.sendall(HEAD)
    half_a_body.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"examples"')
    assert ask(port)[0] == 200
    assert received(silent) == b""
    assert received(half_a_head) == b""
    answer = received(half_a_body)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":"The body did not arrive within 1 s."}' in answer
    kept = connected(port)
    assert ask(port, connection=kept)[0] == 200
    kept.sock.sendall(HEAD[:20])
    assert received(kept.sock) == b""
    assert ask(port)[0] == 200


def test_a_connection_that_rests_between_two_requests_stays(start):
    port = start("--slow", "1s").port
    kept = connected(port)
    assert ask(port, connection=kept)[0] == 200
    first = kept.sock
    time.sleep(1.6)
    assert ask(port, connection=kept)[0] == 200
    assert kept.sock is first
    kept.close()


def test_a_body_in_pieces_is_bounded_as_one_of_a_length_is(start):
    port = start("--max-body", "1000").port
    piece = b"200\r\n" + b" " * 512 + b"\r\n"
    for more in (b"Transfer-Encoding: chunked\r\n\r\n" + 2 * piece, b"Content-Length: 100000000000\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(HEAD + more)
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    assert ask(port)[0] == 200


@pytest.mark.parametrize("path", [b"/predict", b"/healthz"])
def test_a_request_with_two_ends_is_refused_and_what_follows_it_is_not_read(start, path):
    head = HEAD.replace(b"/predict", path) + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", start().port), timeout=PATIENCE) as connection:
        connection.sendall(head + b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Send Content-Length or Transfer-Encoding, not both." in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_who_sends_too_much_learns_of_it_and_does_not_go_on_for_long(start):
    port = start("--slow", "1s").port
    status, answer, _ = ask(port, body=b"x" * 10_000_000)
    assert (status, json.loads(answer)["error"][:11]) == (413, "The body is")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Content-Length: 100000000000\r\n\r\n")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            send_on(connection)
    assert ask(port)[0] == 200


def test_what_is_no_http_and_clients_that_leave_harm_nobody(start):
    port = start().port
    no_tls, no_host = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n\r\n"
    for sent in (no_tls, no_host, b"x" * 100_000, long_head(40_000)):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(sent)
            head, _, body = received(connection).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 ")
            assert b"Content-Type: application/json" in head
            assert "not a valid HTTP request" in json.loads(body)["error"]
    assert counted(port, "other", 400) == 4
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(long_head(30_000))
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(EXAMPLES), EXAMPLES))
    assert ask(port)[0] == 200
    assert ask(port, "GET", "/healthz")[0] == 200


def test_a_client_that_takes_no_answer_is_let_go(start):
    port = start("--slow", "1s").port
    requests = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100_000
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with connection, pytest.raises(OSError, match=r"reset|Broken pipe"):
        connection.sendall(requests)
    assert ask(port)[0] == 200


def test_too_many_connections_are_told_to_come_again(start):
    port = start("--max-connections", "3").port
    held = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)]
    deadline = time.monotonic() + PATIENCE
    status, body, headers = ask(port)
    while status != 503:  # the server may not have seen them all
        assert time.monotonic() < deadline
        status, body, headers = ask(port)
    assert headers["retry-after"] == "1"
    assert "Too many connections" in json.loads(body)["error"]
    for _ in range(50):
        assert ask(port, body=b" " * 50_000)[0] == 503
    for one in held:
        one.close()
    while ask(port)[0] != 200:
        assert time.monotonic() < deadline
    assert counted(port, "other", 503) > 50


def test_a_body_that_is_no_http_after_the_answer_ends_the_connection(start):
    server = start("--max-body", "1000")
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n800\r\n" + b" " * 2048 + b"\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")
        connection.sendall(b"not the size of a chunk\r\n")
        assert b"HTTP/1.1" not in received(connection)
    assert counted(server.port, "other", 400) == 1


def test_sigterm_answers_what_has_come_in(start):
    server = start("--drain", "2s")
    statuses, ends = [], []

    def client():
        connection = connected(server.port)
        while True:
            try:
                status, _, headers = ask(server.port, connection=connection)
            except ConnectionRefusedError:  # the port is closed: a load balancer does not come here any more
                return
            except Exception as error:
                ends.append(error)
                return
            statuses.append(status)
            if headers["connection"] == "close":
                connection.close()

    clients = [threading.Thread(target=client) for _ in range(8)]
    for one in clients:
        one.start()
    while len(statuses) < 50:
        time.sleep(0.01)
    os.kill(server.process.pid, signal.SIGTERM)
    before = len(statuses)
    while ask(server.port, "GET", "/readyz")[0] == 200:
        time.sleep(0.01)
    assert ask(server.port, "GET", "/healthz")[0] == 200
    for one in clients:
        one.join()
    _, said = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 0, said
    assert said == "shutting down in 2 s; /readyz reports not ready\n"
    assert len(statuses) > before
    assert set(statuses) <= {200}
    assert not ends


def test_a_log_that_nobody_reads_stops_nothing(start):
    server = start("--drain", "2s")
    server.process.stderr.close()
    os.kill(server.process.pid, signal.SIGTERM)
    while ask(server.port, "GET", "/readyz")[0] == 200:
        time.sleep(0.01)
    assert ask(server.port)[0] == 200
    assert server.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0)])
def test_a_second_signal_does_not_wait(start, number, code):
    server = start("--drain", "1h")
    assert ask(server.port)[0] == 200
    os.kill(server.process.pid, number)
    if number == signal.SIGTERM:
        while ask(server.port, "GET", "/readyz")[0] == 200:
            time.sleep(0.01)
        os.kill(server.process.pid, number)
    assert server.process.wait(PATIENCE) == code


def test_the_process_holds_no_keras(start):
    server = start()
    ask(server.port)
    with open(f"/proc/{server.process.pid}/maps") as maps:
        assert not re.search(r"site-packages/(jaxlib|h5py|scipy|sklearn)/", maps.read())


def test_without_the_extra_it_says_what_to_install():
    program = "import sys; sys.modules['uvicorn'] = None; from unspool.cli import main; sys.exit(main(['serve', 'x']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    expected = "unspool: unspool serve needs uvicorn. Install it with: pip install 'unspool[serve]'.\n"
    assert done.stderr == expected


@pytest.mark.slow
def test_a_run_is_exported_and_served_and_so_is_what_takes_its_place(start, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def train(words):
        lines = [
            f"{word} film {number},{label}" for number in range(30) for word, label in zip(words, "np", strict=True)
        ]
        (tmp_path / "films.csv").write_text("\n".join(["review,label", *lines]))
        assert main(["train", "films.csv", "--out", words[0], "--model", "nb-words"]) == 0

    train(["dull", "fine"])
    server = start(path=tmp_path / "dull")
    assert server.said[0].startswith(f"exporting {tmp_path}/dull")
    body = json.dumps({"examples": ["a fine film", "a dull film"]}).encode()
    first = json.loads(ask(server.port, body=body)[1])
    assert [one["prediction"] for one in first["predictions"]] == ["p", "n"]
    assert first["model"]["name"] == "dull"
    train(["fine", "dull"])
    (tmp_path / "dull").rename(tmp_path / "old")
    (tmp_path / "fine").rename(tmp_path / "dull")
    deadline = time.monotonic() + 200
    while (second := json.loads(ask(server.port, body=body)[1]))["model"] == first["model"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [one["prediction"] for one in second["predictions"]] == ["n", "p"]


@pytest.mark.slow
def test_no_answer_under_load_is_of_neither_model(start, tmp_path):
    texts = ["a fine film", "dull", "?!", "don't ! été"]
    paths = [models.write(tmp_path / f"{seed}.unspool", models.texts(seed)) for seed in (0, 1)]
    files = [path.read_bytes() for path in paths]
    answers = {
        hashlib.sha256(content).hexdigest()[:12]: dict(
            zip(texts, Model.load(path).probabilities(texts)[:, 1], strict=True)
        )
        for path, content in zip(paths, files, strict=True)
    }
    served = tmp_path / "films.unspool"
    served.write_bytes(files[0])
    port = start(path=served).port
    seen, wrong, done = [], [], threading.Event()

    def client(number):
        connection = connected(port)
        some = [texts[(number + place) % len(texts)] for place in range(number % 3 + 1)]
        while not done.is_set():
            status, body, _ = ask(port, body=json.dumps({"examples": some}).encode(), connection=connection)
            answer = json.loads(body)
            version = answer["model"]["version"]
            given = [one["probabilities"]["yes"] for one in answer["predictions"]]
            seen.append(version)
            if status != 200 or given != [answers[version][text] for text in some]:
                wrong.append(answer)
        connection.close()

    clients = [threading.Thread(target=client, args=(number,)) for number in range(6)]
    for one in clients:
        one.start()
    try:
        for turn in (1, 0, 1):
            served.write_bytes(files[turn])
            deadline, version = time.monotonic() + 60, [*answers][turn]
            while seen[-1:] != [version]:
                assert time.monotonic() < deadline
                time.sleep(0.01)
    finally:
        done.set()
        for one in clients:
            one.join()
    assert not wrong
    assert set(seen) == set(answers)


WRONG = {
    "no file": (["missing.unspool"], "There is no file or folder missing.unspool."),
    "another file": ([__file__], "neither a run's folder nor a portable model"),
    "an empty folder": (["."], "holds no trained model"),
    "no model": (["empty.unspool"], "empty.unspool cannot be read"),
    "a pipe": (["pipe.unspool"], "is a pipe"),
    "no token": (
        ["films.unspool", "--host", "0.0.0.0"],
        "accepts connections from other machines, but there is no token",
    ),
    "a short token": (
        ["films.unspool", "--token-file", "short"],
        "the token must have at least 16 printable ASCII characters",
    ),
    "no file of a token": (["films.unspool", "--token-file", "none"], "cannot be read: No such file"),
    "a port that is taken": (["films.unspool", "--port", "TAKEN"], "Cannot listen on 127.0.0.1 port"),
    "no origin": (["films.unspool", "--allow-origin", "app.example"], "an origin begins with https:// or http://"),
    "a host that is not here": (["films.unspool", "--host", "192.0.2.1", "--no-token"], "Cannot listen on 192.0.2.1"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if "folder" in name else name for name in WRONG]
)
def test_mistakes_at_the_start(tmp_path, monkeypatch, capsys, name):
    arguments, said = WRONG[name]
    monkeypatch.chdir(tmp_path)
    models.write(tmp_path / "films.unspool", models.texts())
    (tmp_path / "empty.unspool").touch()
    (tmp_path / "short").write_text("secret")
    os.mkfifo(tmp_path / "pipe.unspool")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", *(port if one == "TAKEN" else one for one in arguments)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert said in told[-1]
    assert told[-1].startswith("unspool: ")
