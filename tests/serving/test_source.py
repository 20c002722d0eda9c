"""A run's folder is exported by a process that trusts nothing in the current folder."""

from pathlib import Path

import pytest

from unspool.errors import UserError
from unspool.serving.source import Source


def test_a_folder_of_any_name_is_exported_without_the_code_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "argparse.py").write_text("open('ran', 'w')\n")
    (tmp_path / "-run").mkdir()
    with pytest.raises(UserError, match="-run holds no trained model"):
        Source(Path("-run")).bring(tmp_path / "m.unspool")
    assert not (tmp_path / "ran").exists()
