import builtins
import io
import sys
import types

import pytest

from programs import on_a_terminal
from unspool.progress import bar, in_notebook, spinner


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with bar("Counting words", 2) as advance:
        advance(1)
        advance(1)
    assert "Counting words" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_a_file_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("Counting words", 2) as advance:
        advance(2)
    assert capsys.readouterr() == ("", "")


class ZMQInteractiveShell:
    """Named as the shell of a notebook's kernel."""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a notebook shows, one after the other; IPython is not installed here."""
    pages: list[str] = []

    class Display:
        def update(self, page: str) -> None:
            pages.append(page)

    def display(page: str, display_id: bool) -> Display:
        assert display_id
        pages.append(page)
        return Display()

    module = types.ModuleType("IPython.display")
    monkeypatch.setattr(module, "HTML", str, raising=False)
    monkeypatch.setattr(module, "display", display, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    return pages


def test_a_notebook_shows_the_bar_and_takes_it_away(shown: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert in_notebook()
    with bar("Counting <words>", 2) as advance:
        assert shown[-1] == '<progress max="2" value="0"></progress> Counting &lt;words&gt;'
        advance(1)
    assert shown[-1] == ""
    assert capsys.readouterr() == ("", "")


def test_a_notebook_shows_that_something_is_done(shown: list[str]) -> None:
    with spinner("Fitting"):
        assert shown[-1] == '<progress max="1"></progress> Fitting'
    assert shown[-1] == ""


def test_a_bar_goes_when_it_is_interrupted(shown: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt), bar("Counting", 2):
        raise KeyboardInterrupt
    assert shown[-1] == ""


def test_this_is_no_notebook() -> None:
    assert not in_notebook()


ON_A_TERMINAL = """
import time
from unspool.progress import spinner
from unspool.training.progress import progress_for
with progress_for("auto", 1, 20, 10) as shown:
    shown.begin_epoch(0)
    shown.update(1, {"loss": 0.5})
    shown.validating()
    shown.end_epoch(0, {"loss": 0.5})
with spinner("fitting the baselines"):
    time.sleep(0.2)
"""


@pytest.mark.whole
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_what_a_real_terminal_shows_while_training_and_while_baselines_are_fitted(term: str) -> None:
    shown = on_a_terminal(ON_A_TERMINAL, COLUMNS="100", TERM=term)
    moves = term == "xterm"
    assert (b"\x1b[" in shown, "━".encode() in shown) == (moves, moves)
    assert (b"fitting the baselines" in shown, b"validating" in shown) == (moves, moves)
    assert b"epoch 1/1" in shown
    assert b" examples/s  loss 0.5" in shown
