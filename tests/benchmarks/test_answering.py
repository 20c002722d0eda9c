"""The benchmark of one text at a time."""

import pytest

pytest.importorskip("onnxruntime")

from benchmarks.__main__ import main


def test_a_run_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["run", "answering", str(tmp_path / "none")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if not line.startswith("this machine is busy")] == [said[-1]]
    assert "none" in said[-1]
    assert "Traceback" not in said[-1]
