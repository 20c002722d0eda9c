"""Run by the tests in a process of its own with little memory: opens files, and says how each ended and what it did.

Whatever Python does to other files or the network while one is opened is told, not only what was forbidden.
"""

import json
import resource
import sys
from pathlib import Path

import unspool  # noqa: F401  (names Keras's backend)
from unspool.data import load
from unspool.errors import UserError
from unspool.models.loading import load_model

SPARE = 1 << 30
"""Bytes of memory that a file may make the process take."""
SUSPICIOUS = ("open", "socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "exec")
INSTALLED = (sys.prefix, sys.base_prefix, str(Path(load.__code__.co_filename).parents[1]), "/proc", "/sys")

events: list[str] = []
watched = {"now": False}


def watch(event, arguments):
    if not watched["now"] or event not in SUSPICIOUS or event == "exec":
        return
    subject = str(arguments[0]) if arguments else ""
    if event != "open" or not subject.startswith(INSTALLED):
        events.append(f"{event} {subject}")


def ended(path):
    events.clear()
    watched["now"] = True
    try:
        load_model(path)
        how = "loaded"
    except UserError as error:
        how = str(error)
    except BaseException as error:
        how = f"{type(error).__name__} that is not a UserError: {error}"
    finally:
        watched["now"] = False
    return how, [event for event in events if event != f"open {path}"]


if __name__ == "__main__":
    good, *paths = map(Path, sys.argv[1:])
    load_model(good)  # what is imported late is imported now
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + SPARE, taken + SPARE))
    sys.addaudithook(watch)
    print(json.dumps({path.name: ended(path) for path in [good, *paths]}))
