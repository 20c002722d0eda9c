"""docs/serving.md: its commands run and answer as it shows, and its limits are those of the server."""

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unspool.cli.serving import add_commands
from unspool.serving.settings import Settings

from . import models

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "serving.md").read_text()
_COMMAND = re.compile(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def shape(value):
    """What an answer consists of, whatever its texts and numbers are."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return type(value).__name__


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """The servers of the page: at which ports those of 8080 and 8081 are."""
    folder, found, running = tmp_path_factory.mktemp("served"), {}, []
    reviews = models.texts()
    reviews["task"] = reviews["task"] | {"labels": ["neg", "pos"]}
    for port, name, tree in (
        (8080, "reviews", reviews),
        (8081, "sensors", models.series()),
        (8082, "names", models.words_tagger()),
        (8083, "translator", models.translator()),
    ):
        path = models.write(folder / f"{name}.unspool", tree)
        command = [sys.executable, "-m", "unspool.cli", "serve", str(path), "--port", "0"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        running.append(process)
        for line in process.stderr:
            if at := re.search(r"serving at http://127\.0\.0\.1:(\d+)", line):
                found[port] = at[1]
                break
    yield found
    for process in running:
        process.kill()
        process.communicate()


COMMANDS = _COMMAND.findall(PAGE)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_commands_answer_as_the_page_shows(ports, number):
    command, shown = COMMANDS[number]
    assert "curl" in command
    for port, actual in ports.items():
        command = command.replace(f"127.0.0.1:{port}", f"127.0.0.1:{actual}")
    done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "error" not in done.stdout[:20]
    if shown:
        answer, example = json.loads(done.stdout), json.loads(shown)
        assert shape(answer) == shape(example)
        for same in ("inputs", "outputs", "parameters"):
            if "versions" in answer:
                assert answer[same] == example[same]


def test_there_are_commands():
    assert len(COMMANDS) == 9


def options():
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    return parser


def test_the_limits_of_the_page_are_those_of_the_server():
    given = options().parse_args(["serve", "model.unspool"])
    allowed = Settings()
    for name in ("queue", "examples", "text", "steps", "translations", "tokens", "body", "streams", "connections"):
        assert getattr(given, f"max_{name}") == getattr(allowed, name)
    for name in ("host", "port", "idle", "slow", "drain"):
        assert getattr(given, name) == getattr(allowed, name)
    for told in (
        f"{allowed.queue} examples in the queue",
        f"{allowed.connections} connections",
        f"{allowed.bodies >> 20} MiB of requests",
        f"{allowed.body >> 20} MiB in a body",
        f"{allowed.examples} examples or steps",
        f"{allowed.text:,} characters",
        f"{allowed.steps:,} steps",
        f"{allowed.steps:,} words or steps",
        f"{allowed.translations} translations",
        f"{allowed.tokens} tokens",
        f"{allowed.slow:g} s to send",
        f"at most {allowed.streams}",
    ):
        assert told in PAGE


def test_the_container_starts_what_there_is():
    lines = (ROOT / "Containerfile").read_text().splitlines()
    entry, command = (json.loads(line.partition(" ")[2]) for line in lines if line.startswith(("ENTRYPOINT", "CMD [")))
    given = options().parse_args([*entry[1:], *command])
    assert (given.host, given.port) == ("0.0.0.0", 8080)
    assert "EXPOSE 8080" in lines
    assert "COPY . ." in lines
