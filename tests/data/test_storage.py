from pathlib import Path

import pytest

from unspool.data import storage
from unspool.errors import UserError


def test_the_argument_comes_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage.data_folder() is None
    monkeypatch.setenv("UNSPOOL_DATA", "/nowhere")
    assert storage.data_folder(tmp_path) == tmp_path


def test_a_missing_data_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"data folder given, .*/absent, is not there"):
        storage.data_folder(tmp_path / "absent")
    monkeypatch.setenv("UNSPOOL_DATA", str(tmp_path / "absent"))
    with pytest.raises(UserError, match=r"data folder that UNSPOOL_DATA names, .*/absent, is not there"):
        storage.find("mnist", "a.gz")


@pytest.mark.parametrize("place", ["mnist/a.gz", "a.gz", "mnist/a", "a"])
def test_a_file_is_found_in_each_of_its_places(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    assert storage.find("mnist", "a.gz", tmp_path) is None
    path.write_bytes(b"")
    assert storage.find("mnist", "a.gz", tmp_path) == path
