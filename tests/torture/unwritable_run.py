"""A whole run whose disk fills up, and whose folder becomes read-only, in the middle of training; and then resumed.

A real file system in memory is filled and mounted read-only, which stops root as well. For that it takes a mount
namespace of its own, which nothing outside sees; therefore this is a program of its own. It prints a line of JSON.

    unshare --mount --map-root-user python unwritable_run.py FOLDER COMMAND... --out
"""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from killed_run import UNSPOOL, differences, finishes

MEGABYTES = 32


@contextmanager
def full_disk(partial):
    """Leaves no byte on the disk that the run's folder lies on."""
    filler = partial.with_name("filler")
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    yield
    filler.unlink()


@contextmanager
def read_only(folder):
    """Mounts a folder over itself, read-only: by its name no process can change anything in it."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    yield
    subprocess.run(["umount", folder], check=True)


def struck(command, partial, strike):
    """Execute a command, with `strike` done to it from a new checkpoint on until it ends.

    Returns:
        Its exit code, what it said, and whether the checkpoints are what they were then.
    """
    checkpoints = partial / "checkpoints"
    before = names(checkpoints)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        while not names(checkpoints) - before:
            assert child.poll() is None, f"it came to its end before it was struck: {child.stderr.read()}"
            time.sleep(0.005)
        child.send_signal(signal.SIGSTOP)
        whole = contents(checkpoints)
        with strike:
            child.send_signal(signal.SIGCONT)
            _, said = child.communicate()
            kept = contents(checkpoints)
    return {"code": child.returncode, "said": said.splitlines(), "kept": kept == whole}


def names(checkpoints):
    return {path.name for path in checkpoints.glob("checkpoint-*.safetensors")}


def contents(checkpoints):
    return {name: (checkpoints / name).read_bytes() for name in names(checkpoints)}


def main(folder, begin):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", disk], check=True)
    assert finishes(begin, folder / "let-alone")
    out = disk / "struck"
    partial, resume = disk / "struck.partial", [*UNSPOOL, "resume", str(out)]
    ends = {
        "full disk": struck([*begin, str(out)], partial, full_disk(partial)),
        "read-only run": struck(resume, partial, read_only(partial)),
        "read-only checkpoints": struck(resume, partial, read_only(partial / "checkpoints")),
    }
    print(json.dumps({"ends": ends, "differences": differences(folder / "let-alone", out)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
