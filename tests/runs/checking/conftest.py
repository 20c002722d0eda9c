import shutil

import pytest


@pytest.fixture
def copy(tmp_path):
    """Copies a folder to one that a test may alter."""
    return lambda folder: shutil.copytree(folder, tmp_path / "model")
