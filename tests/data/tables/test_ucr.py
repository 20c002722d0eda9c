"""Files of the UCR archive, which have no header."""

from collections.abc import Callable
from pathlib import Path

from unspool.data.series.wide import read_wide
from unspool.data.series.wide_columns import find_wide_columns
from unspool.data.tables import lines
from unspool.data.tables.table import read_table
from unspool.data.tables.ucr import headerless_columns

Write = Callable[[str, bytes | str], Path]


def test_text_files_of_the_ucr_archive_are_parted_by_spaces(write: Write) -> None:
    ucr = read_table(write("Gun_TRAIN.txt", "   1.0000000e+00   5.0e-01  -2\n  -2.0000000e+00   1 NaN\n"))
    columns = find_wide_columns(ucr)
    series = read_wide(ucr, columns)
    assert (columns.label, series.labels) == ("label", ["1", "-2"])
    assert series.values[:, 0].tolist() == [0.5, -2, 1]


def test_a_line_that_is_too_long_does_not_end_a_text_file(write: Write, monkeypatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 40)
    ucr = read_table(write("Gun_TRAIN.txt", f"1 0.5 2\n2 {'1 ' * 40}\n3 0.25 1\n"), on_error="skip")
    assert read_wide(ucr, find_wide_columns(ucr)).labels == ["1", "3"]


def test_numbers_with_underscores_are_names(write: Write) -> None:
    assert headerless_columns(write("a.tsv", "1_1\t1_2\t1_3\t1_4\n1\t2\t3\t4\n")) is None
