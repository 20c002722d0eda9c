from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.table import read_table
from unspool.errors import UserError, advising_users

Write = Callable[[str, bytes | str], Path]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "CSV"), ("a.CSV", "CSV"), ("a.tsv", "TSV"), ("a.tab", "TSV")],
)
def test_the_ending_tells_the_format(write: Write, name: str, form: str) -> None:
    assert read_table(write(name, "text,label\na,b\n")).format.name == form


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xlsx", r"a\.xlsx has the ending '\.xlsx': a table ends in one of \.csv, \.tsv.* Save the sheet as CSV"),
        ("a.feather", r"\. Load it \(pandas\.read_feather\), and write it as CSV: to_csv\(path, index=False\)\.$"),
        ("a.db", r"\. Write its table as CSV, as with sqlite3 -header"),
        ("a.parquet.gz", r"a\.parquet\.gz has the ending '\.gz': .* Unpack it, and give the table inside\."),
        ("a.tmx", r"Write its pairs to a CSV file with the columns source and target\."),
        ("a.npy", r"Save the array as x, with the labels as y, in one \.npz file: np\.savez"),
        ("a.mat", r"Load it \(scipy\.io\.loadmat\), and save the series as x and the labels as y in a \.npz file"),
        ("a.wav", r"Save the numbers of all recordings as x, their lengths as lengths"),
        ("table", "table has no ending: a table ends in one of"),
    ],
)
def test_an_unknown_extension_is_refused_with_advice(write: Write, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(write(name, "text\na\n"))


def test_who_only_uses_a_model_is_not_told_how_to_train_one(write: Write) -> None:
    with pytest.raises(UserError, match=r"Convert or rename it\.$"), advising_users():
        read_table(write("a.txt", "text\na\n"))
