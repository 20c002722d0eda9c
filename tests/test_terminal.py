"""Texts from strangers reach a terminal with their control characters written out, whatever prints them."""

import ast
import logging
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unspool
from programs import on_a_terminal
from unspool import terminal
from unspool.cli import main
from unspool.cli.output import table

ROOT = Path(unspool.__file__).parent
EVIL = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202eevil\u2066[red]\r\x08"
WRITTEN = r"\x1b[31m\x1b]0;owned\x07\x9b2J\u202eevil\u2066[red]\r\x08"


def test_marks_that_nobody_sees_are_written_out_and_joiners_stay():
    assert terminal.shown("pos\u200b \u200fneg\ufeff\u061c") == r"pos\u200b \u200fneg\ufeff\u061c"
    assert terminal.shown("\u0646\u200c\u0645") == "\u0646\u200c\u0645"


@given(st.text())
def test_what_is_shown_holds_nothing_that_a_terminal_obeys(text):
    found = terminal.shown(text)
    assert all(one in "\t\n" or (ord(one) >= 32 and not 0x7F <= ord(one) <= 0x9F) for one in found)
    assert not set(found) & set(map(chr, [*range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xE0000, 0xE0080)]))
    found.encode()  # halves of characters are gone
    assert terminal.shown(found) == found
    assert "\n" not in terminal.in_one_line(text)


def test_letters_signs_and_emoji_of_all_languages_stay():
    text = "naïve, Привет, مرحبا, שלום, 电影, e\u0301, 👩\u200d🚀, می\u200cخواهم"
    assert terminal.shown(text) == text


def test_streams_that_are_closed_at_the_start_lead_nowhere(monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    with terminal.escaping():
        for stream in (sys.stdout, sys.stderr):
            print("\x1b", file=stream, flush=True)


def test_a_stream_needs_no_more_than_print_asks_for(monkeypatch):
    written = []
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=written.append))
    with terminal.escaping():
        print("a")
        sys.stdout.flush()
    terminal.discard(SimpleNamespace())
    assert "".join(written) == "a\n"


def test_a_long_line_is_cut_and_says_so():
    found = terminal.in_one_line("x" * 10**6)
    assert len(found) < 2100
    assert found.endswith("... (1,000,000 characters)")


def test_tables_and_lines_of_rich_show_markup_and_control_characters():
    printed = StringIO()
    rows = table(EVIL, EVIL)
    rows.add_row(EVIL)
    console = terminal.console(printed)
    console.width = 500
    console.print(rows)
    console.print(EVIL, soft_wrap=True)
    assert printed.getvalue().count(WRITTEN) == 4
    assert terminal.shown(printed.getvalue()) == printed.getvalue()


def test_whoever_writes_to_the_streams_is_escaped(capfd):
    with terminal.escaping():
        print(EVIL)
        sys.stderr.writelines([EVIL])
        logging.getLogger("unspool").warning("%s", EVIL)
    out, err = capfd.readouterr()
    assert out == WRITTEN + "\n"
    assert err.startswith(WRITTEN)
    assert not set("\x1b\u202e") & set(out + err)


def test_an_error_is_one_line_of_harmless_text(tmp_path, capsys):
    path = tmp_path / f"{EVIL}\nunspool: all is well"
    path.touch()
    assert main(["inspect", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert WRITTEN + r"\nunspool: all is well" in said


def test_a_column_and_a_label_are_shown_by_inspect(tmp_path, capsys):
    evil = EVIL.replace("\r", "")
    path = tmp_path / "x.csv"
    lines = [f"a {'fine' if number % 2 else 'dull'} film {number},{('good', evil)[number % 2]}" for number in range(40)]
    path.write_text("\n".join([f"text{evil},label", *lines]))
    assert main(["inspect", str(path), "--label", "label"]) == 0
    out = capsys.readouterr().out
    assert r"\x1b[31m" in out
    assert terminal.shown(out) == out


@pytest.mark.whole
def test_names_that_are_no_utf8_and_streams_that_are_ascii_are_no_obstacle(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9 \xff.csv"
    Path(os.fsdecode(path)).write_text(
        "text,label\n"
        + "".join(
            f"a {word} film {n},{label}\n" for n in range(20) for word, label in (("fine", "good"), ("dull", "bad"))
        )
    )
    for settings in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}):
        child = subprocess.run(
            [sys.executable, "-m", "unspool.cli", "inspect", path], capture_output=True, env=os.environ | settings
        )
        assert child.returncode == 0, child.stderr
        assert rb"caf\udce9 \udcff.csv" in child.stdout
        assert child.stdout.isascii()


def test_a_terminal_gets_neither_from_a_bar_nor_from_a_title():
    """On a real terminal rich moves the cursor; a title of a file's name does not."""
    printed = on_a_terminal(
        "from unspool import terminal\nfrom unspool.progress import bar, spinner\n"
        f"evil = {EVIL!r}\n"
        "with terminal.escaping():\n"
        "    with bar(evil, 3) as advance: advance(1)\n"
        "    with spinner(evil): pass\n"
    )
    assert WRITTEN.split("[red]")[0].encode() in printed
    assert b"[red]" in printed
    assert b"\x1b]0;" not in printed
    assert "\u202e".encode() not in printed


TABLE = f"""
import sys
from unspool import terminal
from unspool.data.tables.writing import Printed, write_table
from unspool.progress import bar, silenced, spinner
with terminal.escaping(), silenced(), bar("busy", 3), spinner("busy"):
    write_table([{{"text": {EVIL!r}}}], Printed(terminal.for_data(sys.stdout)))
"""


def test_a_table_is_printed_alone_and_escaped_on_a_terminal_and_as_it_is_elsewhere():
    assert on_a_terminal(TABLE).splitlines() == [b"text", f'"{WRITTEN}"'.encode()]
    piped = subprocess.run([sys.executable, "-c", TABLE], capture_output=True).stdout
    assert piped == f'text\n"{EVIL}"\n'.encode()


@pytest.mark.parametrize("unbuffered", ["", "1"])  # Python buffers output to files and pipes unless told otherwise
def test_output_that_cannot_be_written_is_an_error_unless_its_reader_has_gone(unbuffered):
    def ended(stdout, command):
        arguments, env = [sys.executable, "-m", "unspool.cli", command], os.environ | {"PYTHONUNBUFFERED": unbuffered}
        child = subprocess.run(arguments, stdout=stdout, stderr=subprocess.PIPE, text=True, env=env)
        return child.returncode, child.stderr

    ours, theirs = os.pipe()
    os.close(ours)
    with open("/dev/full", "w") as full, open(theirs, "w") as gone:
        for command in ("datasets", "--help"):
            code, said = ended(full, command)
            assert (code, said.count("\n")) == (1, 1)
            assert said.startswith("unspool: standard output: No space left on device. The output is incomplete.")
            assert ended(gone, command) == (0, "")
        assert ended(gone, "nothing")[0] == 2


def test_progress_whose_reader_has_gone_does_not_end_the_work():
    ours, theirs = os.pipe()
    os.close(ours)
    code = (
        "from unspool import terminal\nfrom unspool.cli.output import complain, say\n"
        "with terminal.escaping():\n    say('half')\n    complain('almost')\n    say('done')\n    print('result')\n"
    )
    with open(theirs, "w") as gone, open("/dev/full", "w") as full:
        for stderr in (gone, full):
            child = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=stderr)
            assert (child.returncode, child.stdout) == (0, b"result\n")


def called(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "rich.console":
            yield "rich.console", node.lineno


PRINTERS = {"print", "sys.stdout.write", "sys.stderr.write", "Console", "rich.console", "rich.print"}


def test_nothing_else_prints():
    allowed = {"terminal.py", "cli/output.py", "program.py"}  # the last: one constant line, before terminal is there
    for path in sorted(ROOT.rglob("*.py")):
        name = str(path.relative_to(ROOT))
        found = {what for what, _ in called(path)} & PRINTERS
        found -= {"rich.console"} if name == "training/progress.py" else set()  # for a type
        assert not found or name in allowed, f"{name} calls {found}: use terminal, or cli.output"


def test_what_is_discarded_is_written_nowhere(tmp_path):
    with (tmp_path / "log").open("w") as stream:
        stream.write("held")
        terminal.discard(stream)
        stream.write("later")
    assert (tmp_path / "log").read_text() == ""
    terminal.discard(StringIO())  # which has no file behind it
