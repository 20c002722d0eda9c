"""A whole `unspool train` on a disk of which one call fails, each in turn; and then resumed.

Run with failing_disk.c loaded before everything else. Each run is a child that is forked before JAX has computed, so
that it costs a second and not five; therefore this is a program of its own. It prints a line of JSON.

    LD_PRELOAD=failing_disk.so python failing_run.py FOLDER [EVERY]

Of the calls every EVERYth fails, 1 if nothing is said, with EIO, ENOSPC, EINTR and ENOMEM in turn.
"""

import ctypes
import errno
import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import unspool  # noqa: F401  (before keras)
from unspool.cli import main as command

import keras  # noqa: F401  isort: skip
import matplotlib.pyplot  # noqa: F401  (so that the children need not)
import sklearn.linear_model  # noqa: F401
from killed_run import differences, write_sentences

CODES = (errno.EIO, errno.ENOSPC, errno.EINTR, errno.ENOMEM)
SETTINGS = ["training.epochs=2", "model.layers=1", "model.units=4", "model.embedding=4", "evaluation.resamples=100"]
RETOLD = ("cannot be", "is damaged", "not enough memory", os.strerror(errno.ENOMEM))


def disk():
    shim = ctypes.CDLL(None)
    shim.failing_disk_failed.restype = ctypes.c_char_p
    shim.failing_disk_count.restype = ctypes.c_long
    shim.failing_disk_set.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
    return shim


def in_child(arguments, folder, at, code):
    """Execute a command in a child, with the call of that number below a folder failing.

    Returns:
        Its exit code, its last line, the number of calls, and which one failed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said_to = os.open(folder.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said_to, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        shim = disk()
        shim.failing_disk_set(os.fsencode(folder), at, code)
        ended = 70
        try:
            ended = command(arguments)
        finally:
            sys.stderr.flush()
            calls, failed = shim.failing_disk_count(), shim.failing_disk_failed().decode()
            shim.failing_disk_set(b"", 0, 0)
            os.write(writer, json.dumps([ended, calls, failed]).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as output:
        told = output.read()
    os.waitpid(child, 0)
    lines = (folder.parent / "said").read_text().splitlines()
    ended, calls, failed = json.loads(told)
    return ended, lines, calls, failed


def strike(begin, let_alone, disk_folder, at, code):
    """Let a run's call of that number fail, and resume; how it ended."""
    disk_folder.mkdir()
    out = disk_folder / "run"
    ended, lines, calls, failed = in_child([*begin, "--out", str(out)], disk_folder, at, code)
    if not failed:
        return None, "", calls
    how = "went on" if ended == 0 else "told"
    if ended not in (0, 1) or (ended == 1 and not lines[-1].startswith("unspool: ")):
        return "broken", f"{failed}: {ended}, {lines[-3:]}", calls
    if ended == 1:
        again = (
            ["resume", str(out)]
            if (disk_folder / "run.partial" / "recipe.toml").exists()
            else [*begin, "--out", str(out)]
        )
        if out.exists():
            again = ["inspect", str(out)]
        ended, after, _, _ = in_child(again, disk_folder, 0, 0)
        if ended != 0:
            return "broken", f"{failed}: {lines[-1]}; then {ended}, {after[-3:]}", calls
        how = "resumed equal" if again[0] == "resume" else "told, begun again"
    parting = differences(let_alone, out)
    return ("broken", f"{failed}: differs in {parting}", calls) if parting else (how, failed, calls)


def main(folder, every):
    begin = ["train", str(write_sentences_few(folder / "sentences.csv")), "--model", "network"]
    begin += [word for setting in SETTINGS for word in ("--set", setting)]
    let_alone = folder / "let-alone" / "run"
    let_alone.parent.mkdir()
    for _ in range(2):  # the first fills the caches
        shutil.rmtree(let_alone, ignore_errors=True)
        ended, lines, calls, _ = in_child([*begin, "--out", str(let_alone)], let_alone.parent, 0, 0)
        assert ended == 0, lines
    ends, broken = Counter(), []
    for number, at in enumerate(range(1, calls + 1, every)):
        how, what, _ = strike(begin, let_alone, folder / "disk", at, CODES[number % len(CODES)])
        shutil.rmtree(folder / "disk")
        if how is None:
            break
        ends[how] += 1
        if how == "broken":
            broken.append(f"{errno.errorcode[CODES[number % len(CODES)]]} {what}")
            print(broken[-1], file=sys.stderr)
    print(json.dumps({"calls": calls, "failed": sum(ends.values()), "ends": ends, "broken": broken}))


def write_sentences_few(path):
    """Some of the sentences that come with Python."""
    lines = write_sentences(path).read_text().splitlines()
    path.write_text("\n".join(lines[:401]) + "\n")
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
