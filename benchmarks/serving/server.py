"""A server as a process of its own, and what it takes."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A running `unspool serve`."""

    process: "subprocess.Popen[str]"
    port: int

    def memory(self) -> float:
        """Megabytes that it holds."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def seconds(self) -> float:
        """Of a processor that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(model: Path, *options: str) -> Iterator[Server]:
    """Serve a model on a free port of 127.0.0.1.

    Raises:
        RuntimeError: it does not start; says why.
    """
    command = [sys.executable, "-m", "unspool.cli", "serve", str(model), "--port", "0", *options]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        try:
            for line in process.stderr:
                log.write(line)
                if found := re.search(r"serving at http://127\.0\.0\.1:(\d+)", line):
                    yield Server(process, int(found[1]))
                    return
            log.seek(0)
            raise RuntimeError(log.read().strip() or "the server did not start")
        finally:
            process.kill()
            process.communicate()


def default_model(folder: Path) -> Path:
    """A network over texts, trained for a moment on data that needs no download."""
    command = [sys.executable, "-m", "unspool.cli", "run", "sentences-lstm", "--out", str(folder / "sentences")]
    subprocess.run([*command, "--set", "training.epochs=1"], check=True, stdout=subprocess.DEVNULL)
    out = folder / "sentences.unspool"
    export = [sys.executable, "-m", "unspool.cli", "export", str(folder / "sentences"), "--out", str(out)]
    subprocess.run(export, check=True, stdout=subprocess.DEVNULL)
    return out


def body_of(model: Path, examples: int) -> bytes:
    """A request with so many of a model's own golden examples.

    Raises:
        RuntimeError: it is not a model of texts.
    """
    from unspool_runtime import Model

    loaded = Model.load(model)
    if loaded.reads != "texts":
        raise RuntimeError(f"{model} reads {loaded.reads}; name a model of texts")
    texts = [one for one in loaded._golden.examples if len(one) < 5000]
    return json.dumps({"examples": (texts * examples)[:examples]}).encode()
