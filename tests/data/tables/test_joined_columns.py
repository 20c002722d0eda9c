from unspool.data.tables.joined_columns import parts_of


def test_a_column_with_a_comma_in_its_name_is_one_column() -> None:
    assert parts_of("a,b", ["a,b", "a", "b"]) == ()
    assert parts_of("a, b", ["a", "b"]) == ("a", "b")
    assert parts_of("a,b", ["c"]) == ()
