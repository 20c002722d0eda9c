import unicodedata
from pathlib import Path

import pytest

from unspool.data.required_columns import columns_there, group_in
from unspool.errors import UserError

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "qualité") for form in ("NFC", "NFD"))
PATH = Path("a.csv")


def test_groups_are_found_however_the_file_spells_their_column() -> None:
    assert group_in(PATH, ["x", COMPOSED], DECOMPOSED, "test") == COMPOSED
    assert columns_there({"group": DECOMPOSED, "split": None}, ["x", COMPOSED]) == {"group": COMPOSED}


def test_only_validation_needs_groups() -> None:
    assert group_in(PATH, ["x"], "by", "test") is None
    assert group_in(PATH, ["x"], None, "validation") is None
    with pytest.raises(UserError, match=r"a\.csv has no column 'by' for the group"):
        group_in(PATH, ["x"], "by", "validation")
