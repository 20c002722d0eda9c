import os
import subprocess
import sys

CODE = """
import importlib.abc, os, signal, sys

class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "unspool.cli.training":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from unspool.program import start
sys.exit(start())
"""


def test_an_interruption_while_the_command_line_is_imported_is_one_line():
    found = subprocess.run([sys.executable, "-c", CODE, "datasets"], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (130, "unspool: interrupted\n")


def test_little_is_imported_before_an_interruption_is_handled():
    code = "import sys; import unspool.program; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"argparse", "importlib.metadata", "unspool.cli", "numpy"} & {*modules} - {*before()}


def before():
    """What Python itself imports at its start, as for packages that are installed in place."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()


def test_matplotlib_says_nothing_of_a_home_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "home").touch()
    program = "import sys; from unspool.cli import __main__ as program\n"
    program += "program.main = lambda: int(not __import__('matplotlib').get_cachedir())\nsys.exit(program.start())"
    named = ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in named}
    environment["HOME"] = str(tmp_path / "home")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert (found.returncode, found.stderr) == (0, "")
