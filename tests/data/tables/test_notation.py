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
        (
            ["1,5", "7"],
            "point",
            [1.5, 7],
            "decimal comma, such as 1,5 in column x, but those in training had a decimal p",
        ),
        (
            ["0.5", "1.200"],
            "comma",
            [0.5, 1.2],
            "decimal point, such as 0.5 in column x, but those in training had a d",
        ),
        (["1,234,567", "7"], "comma", [1234567, 7], "decimal point, such as 1,234,567 in column x, but those in train"),
    ],
)
def test_training_decides_what_a_file_leaves_open(tmp_path, cells, decimal, expected, words):
    found, notes = numbers(tmp_path / "a.csv", "\n".join(["x;y", *(f"{cell};a" for cell in cells)]), decimal)
    assert found == expected
    assert [words in note for note in notes] == [True] * (words is not None)


OTHER_COMMA = (
    "numbers in this file have a decimal comma, such as {} in column {}, but those in training had a decimal point"
)
OTHER_POINT = (
    "numbers in this file have a decimal point, such as {} in column {}, but those in training had a decimal comma"
)


@pytest.mark.parametrize(
    ("content", "decimal", "expected", "note"),
    [
        ("x;y\n1,234;0,512\n2,345;0,250\n", "point", [1.234, 2.345], OTHER_COMMA.format("0,512", "y")),
        ("x;y\n1,234 kg;12,34 €\n2,345 kg;7,10 €\n", "point", [1.234, 2.345], OTHER_COMMA.format("12,34", "y")),
        ("x,y\n1.234,0.512\n2.345,0.250\n", "comma", [1.234, 2.345], OTHER_POINT.format("0.512", "y")),
        ("x;y\n1.234;12.34\n2.345;7\n", "comma", [1.234, 2.345], OTHER_POINT.format("12.34", "y")),
        ('x;y\n1.234;"1,234.5"\n2.345;7\n', "comma", [1.234, 2.345], OTHER_POINT.format("1,234.5", "y")),
        ("x,y\n1.234,7\n2.345,8\n", "comma", [1.234, 2.345], OTHER_POINT.replace(", such as {} in column {}", "")),
        ("x;y\n1,234;a\n2,345;b\n", "comma", [1.234, 2.345], None),
        ("x,y\n1.234,0.5\n2.345,1\n", "point", [1.234, 2.345], None),
    ],
)
def test_training_decides_nothing_if_the_file_shows_its_own_mark(tmp_path, content, decimal, expected, note):
    (tmp_path / "a.csv").write_text(content)
    table = read_table(tmp_path / "a.csv", decimal=decimal)
    assert [float(cell) for cell in table.first().cells["x"]] == expected
    assert table.notes_on_decimals(["x", "y", "x", None]) == (() if note is None else (note,))
    assert table.notes_on_decimals([]) == ()


@pytest.mark.parametrize(("cell", "decimal"), [("1,200", "point"), ("1.200", "comma")])
def test_one_note_names_a_few_of_the_columns_that_training_decides(tmp_path, cell, decimal):
    (tmp_path / "a.csv").write_text(f"a;b;c;d;e;f;g\n{';'.join([cell] * 7)}\n")
    table = read_table(tmp_path / "a.csv", decimal=decimal)
    (note,) = table.notes_on_decimals("gfedcba")
    assert note == f"numbers in columns g, f, e, d, c and 2 more, such as {cell}, are read as 1200, as in training"


def test_a_point_is_decimal_beside_a_comma_if_it_was_in_training(tmp_path):
    (tmp_path / "a.csv").write_text("x;y\n1,200;1.250\n")
    table = read_table(tmp_path / "a.csv", decimal="point")
    assert [float(column[0]) for column in table.first().cells.values()] == [1200, 1.25]
    assert table.notes_on_decimals(["y"]) == ("numbers in column y, such as 1.250, are read as 1.250, as in training",)


@pytest.mark.parametrize(
    ("beside", "decimal", "expected"),
    [
        ("0,5", None, [999, 1234, 1.5]),
        ("0,5", "comma", [999, 1234, 1.5]),
        ("7", "comma", [999, 1234, 1.5]),
        ("0.5", None, [999, 1.234]),
        ("0.5", "comma", [999, 1.234]),
        ("7", None, [999, 1.234]),
        ("7", "point", [999, 1.234]),
    ],
)
def test_numbers_after_whole_ones_are_read_as_the_decimals_of_the_file_say(tmp_path, beside, decimal, expected):
    late = ["999", "1.234", "1,5"][: len(expected)]
    rows = [f"{row % 900};{beside}" for row in range(1000)] + [f"{cell};{beside}" for cell in late]
    (tmp_path / "a.csv").write_text("\n".join(["x;y", *rows]))
    table = read_table(tmp_path / "a.csv", decimal=decimal)
    *_, last = table.chunks()
    assert [float(cell) for cell in last.cells["x"]] == expected
    assert not any("column x" in words for words in table.words_on(["x"]))


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


def test_a_column_that_begins_after_the_first_rows_may_have_decimal_commas(tmp_path):
    path = tmp_path / "meters.csv"
    rows = [f"{n},5;{'' if n < 1500 else f'1.0{n % 10}0,25'}" for n in range(1600)]
    path.write_text("\n".join(["a;b", *rows]) + "\n")
    cells = [cell for chunk in read_table(path).chunks() for cell in chunk.cells["b"]]
    assert {*cells[:1500]} == {""}
    assert [float(cell) for cell in cells[1500:1502]] == [1000.25, 1010.25]
