"""A whole `unspool train` on a disk of which one call fails, and then resumed.

Run with failing_disk.c loaded before everything else. Each run is a child that is forked before JAX has computed, when
all that it needs has been imported, and finds its programs compiled, so that it costs three seconds and not ten;
therefore this is a program of its own. It prints a line of JSON.

    LD_PRELOAD=failing_disk.so python failing_run.py FOLDER [EVERY [ERRORS]]

Of the calls every EVERYth fails (1 if nothing is said), once with each of so many ERRORS (1) of EIO, ENOSPC, EINTR and
ENOMEM, which take turns.
"""

import ctypes
import errno
import importlib
import json
import os
import shutil
import sys
from collections import Counter
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

# Whatever is compiled is kept, however quickly; JAX reads these when it is imported.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(sys.argv[1]) / "compiled"))
os.environ |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0"}

import unspool  # noqa: F401  (before keras)
from unspool.cli import main as command

import keras  # noqa: F401  isort: skip
from killed_run import differences, write_sentences

CODES = (errno.EIO, errno.ENOSPC, errno.EINTR, errno.ENOMEM)
SETTINGS = ["training.epochs=2", "model.layers=1", "model.units=4", "model.embedding=4", "evaluation.resamples=100"]


def disk():
    shim = ctypes.CDLL(None)
    shim.failing_disk_failed.restype = ctypes.c_char_p
    shim.failing_disk_count.restype = ctypes.c_long
    shim.failing_disk_set.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
    return shim


def in_child(arguments, folder, at, code, imported=None):
    """Execute a command in a child, with the call of that number below a folder failing.

    The names of all modules that it imports go to the file `imported`.

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
            if imported is not None:
                imported.write_text("\n".join(sys.modules))
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


def let_alone_run(begin, folder):
    """A run of which no call fails, and how many calls it makes; what it imports, later children need not."""
    out, imported = folder / "let-alone" / "run", folder / "imported"
    out.parent.mkdir()
    there = set(sys.modules)
    for noted in (imported, None):  # the first fills the caches
        shutil.rmtree(out, ignore_errors=True)
        ended, lines, calls, _ = in_child([*begin, "--out", str(out)], out.parent, 0, 0, noted)
        assert ended == 0, lines
    for name in sorted(set(imported.read_text().split()) - there):
        with suppress(ImportError):  # of a module that another one makes
            importlib.import_module(name)
    return out, calls


def main(folder, every=1, errors=1):
    begin = ["train", str(write_sentences_few(folder / "sentences.csv")), "--model", "network"]
    begin += [word for setting in SETTINGS for word in ("--set", setting)]
    let_alone, calls = let_alone_run(begin, folder)
    ends, broken, codes = Counter(), [], cycle(CODES)
    for at in range(1, calls + 1, every):
        for code in islice(codes, errors):
            how, what, _ = strike(begin, let_alone, folder / "disk", at, code)
            if how == "broken":
                broken.append(f"{errno.errorcode[code]} at call {at}, {what}")
                print(broken[-1], file=sys.stderr)
                shutil.copytree(folder / "disk", folder / f"broken-{at}-{errno.errorcode[code]}")
            shutil.rmtree(folder / "disk")
            ends[how or "not reached"] += 1
    failed = ends.total() - ends["not reached"]
    print(json.dumps({"calls": calls, "failed": failed, "ends": ends, "broken": broken}))


def write_sentences_few(path):
    """Some of the sentences that come with Python."""
    lines = write_sentences(path).read_text().splitlines()
    path.write_text("\n".join(lines[:401]) + "\n")
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
