"""Errors with advice that depends on who reads it, named after files and advised in blocks."""

import pytest

from unspool.errors import AdvisedError, UserError, advising, advising_users, naming

ADVISED = AdvisedError("It has no column 'x'.", "Give --text.", "Add the column.")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (naming("a.csv"), "a.csv: It has no column 'x'. Give --text."),
        (advising("Restore it."), "It has no column 'x'. Restore it."),
        (advising_users(), "It has no column 'x'. Add the column."),
    ],
)
def test_advice_fits_the_block(block, message):
    with pytest.raises(UserError) as caught, block:
        raise ADVISED
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("block", "message"), [(advising("Restore it."), "Restore it."), (advising_users(), "Add the column.")]
)
def test_a_named_file_keeps_the_advice_apart(block, message):
    with pytest.raises(UserError) as caught, block, naming("a.csv"):
        raise ADVISED
    assert str(caught.value) == f"a.csv: It has no column 'x'. {message}"


def test_advice_that_cannot_be_replaced_is_added_to():
    with pytest.raises(UserError, match=r"^It is wrong\. Mend it\. Restore it\.$"), advising("Restore it."):
        raise UserError("It is wrong. Mend it.")
