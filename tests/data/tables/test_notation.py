"""Numbers that a file writes in one of two ways, read as in training."""

import pytest

from unspool.data.tables import read_table


def numbers(path, content, decimal):
    path.write_text(content)
    table = read_table(path, decimal=decimal)
    return [float(cell) for cell in table.first().cells["x"]], table.notes_on_decimals(["x", None])


@pytest.mark.parametrize(
    ("cells", "decimal", "expected", "words"),
    [
        (["1,200", "7"], None, [1.2, 7], None),
        (["1,200", "7"], "comma", [1.2, 7], None),
        (["1,200", "7"], "point", [1200, 7], "such as 1,200, are read as 1200, as in training"),
        (["1.200", "7"], None, [1.2, 7], None),
        (["1.200", "7"], "point", [1.2, 7], None),
        (["1.200", "7"], "comma", [1200, 7], "such as 1.200, are read as 1200, as in training"),
        (["1.200 kg", "7 kg"], "comma", [1200, 7], "such as 1.200 kg, are read as 1200, as in training"),
        (["1,5", "7"], "point", [1.5, 7], "such as 1,5, are read as 1.5, but numbers in training have a decimal point"),
        (["0.5", "1.200"], "comma", [0.5, 1.2], "such as 0.5, are read as 0.5, but numbers in training have a decimal"),
        (["1,234,567", "7"], "comma", [1234567, 7], "such as 1,234,567, are read as 1234567, but numbers in training"),
    ],
)
def test_training_decides_what_a_file_leaves_open(tmp_path, cells, decimal, expected, words):
    found, notes = numbers(tmp_path / "a.csv", "\n".join(["x;y", *(f"{cell};a" for cell in cells)]), decimal)
    assert found == expected
    assert [words in note for note in notes] == [True] * (words is not None)


@pytest.mark.parametrize(
    ("content", "decimal"),
    [
        ("x;y\n1,5;1\n", "comma"),
        ("x;y\n1,200;1\n", "comma"),
        ("x;y\n0.5;1\n", "point"),
        ("x;y\n1,200.5;1\n", "point"),
        ("x;y\n1.200;1\n", "point"),
        ("x;y\n1200;1\n", None),
        ("x;y\n1,5;0.5\n", None),
        ("x,y\n1.5,2\n", "point"),
    ],
)
def test_what_separates_decimals_is_found(tmp_path, content, decimal):
    (tmp_path / "a.csv").write_text(content)
    assert read_table(tmp_path / "a.csv").decimal_in(["x", "y", None]) == decimal
