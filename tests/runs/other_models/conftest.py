import numpy as np
import pytest

from unspool.runs.other_models.examples_of_test import ExamplesOfTest

from .small_tests import BINARY


@pytest.fixture
def examples(tmp_path):
    """Three test examples, in rows 2, 5 and 9 of a file."""
    return ExamplesOfTest(tmp_path / "runs", BINARY, np.array([1, 0, 1]), {"row": ["2", "5", "9"]}, counted=True)


@pytest.fixture
def answers(tmp_path):
    """Write lines to a file of answers."""

    def write(*lines, name="svm.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write
