"""The documentation and the help show commands that parse, and the reference names everything that is public."""

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

import unspool
from unspool.cli import _parser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = (ROOT / "docs" / "api.md").read_text()
PARSER = _parser()
PUBLIC = ("unspool", *(f"unspool.{name}" for name in unspool._ROOMS))


def commands_of(page):
    """The words of each command `unspool ...` in the blocks of shell code of a page."""
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["unspool"]:
                yield words[1:]


def commands_in_help():
    """Those in the examples at the end of the help, where several spaces divide a command from what it does."""
    (commands,) = (action for action in PARSER._actions if isinstance(action, argparse._SubParsersAction))
    for one in (PARSER, *commands.choices.values()):
        for example in re.findall(r"^  unspool (.*?)(?: {3,}.*)?$", one.epilog or "", re.MULTILINE):
            yield shlex.split(example)


SHOWN = [(page.name, words) for page in PAGES for words in commands_of(page)]
SHOWN += [("help", words) for words in commands_in_help()]
COMMANDS = [pytest.param(words, id=f"{where}: {' '.join(words)}") for where, words in SHOWN]


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_parse(words):
    options, unknown = PARSER.parse_known_args(words)
    assert not unknown
    assert hasattr(options, "parser")


def test_commands_are_found():
    assert len([where for where, _ in SHOWN if where != "help"]) > 80
    assert len([where for where, _ in SHOWN if where == "help"]) > 40


def described():
    """The names that the reference describes, without those of the packages that they are in."""
    found = set()
    for kind, path, members in re.findall(r"^\.\. auto(\w+):: (\S+)\n(?:   :members:(.*)\n)?", REFERENCE, re.MULTILINE):
        found |= {path.rpartition(".")[2], *re.findall(r"\w+", members)}
        if kind == "module" and not members:  # all that it defines
            found |= {name for name, one in vars(import_module(path)).items() if getattr(one, "__module__", "") == path}
    return found


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_is_in_the_reference(package):
    missing = {name for name in import_module(package).__all__ if name != "__version__"} - described()
    assert not missing
