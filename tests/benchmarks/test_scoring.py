"""The benchmark of scoring."""

from benchmarks.__main__ import main


def test_a_file_that_is_not_there_is_one_line(tmp_path, capsys):
    (tmp_path / "a.unspool").touch()
    assert main(["run", "scoring", str(tmp_path / "a.unspool"), str(tmp_path / "none.parquet")]) == 1
    assert capsys.readouterr().err == f"benchmarks: there is no file {tmp_path / 'none.parquet'}\n"
