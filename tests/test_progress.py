import io
import sys

import pytest

from unspool.progress import bar


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
