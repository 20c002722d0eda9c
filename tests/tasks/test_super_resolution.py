"""The task super_resolution: images as they are scored, what is refused."""

import json

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.tasks import SuperResolution, find_task, load_task

TASK = SuperResolution(rows=2, factor=2)
IMAGE = np.array([[[0.0, 1.2], [0.5, -0.1]]])


def test_an_image_is_rows_of_grey_values():
    assert TASK.truth(IMAGE).tolist() == [[0, 255, 128, 0]]
    assert TASK.decode(IMAGE) == [[[0, 255], [128, 0]]]
    assert "2 times as high" in TASK.answers_in_words(None)


@pytest.mark.parametrize(
    "ask", [lambda: find_task(["a", "b"], "super_resolution"), lambda: TASK.encode(["a"]), lambda: TASK.learn([])]
)
def test_labels_are_no_images(ask):
    with pytest.raises(UserError, match="unspool run mnist-superres"):
        ask()


@pytest.mark.parametrize(("name", "value"), [("rows", 0), ("rows", "28"), ("factor", -1), ("factor", 1.5)])
def test_an_altered_file_is_refused(tmp_path, name, value):
    path = tmp_path / "labels.json"
    TASK.save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(UserError, match="is altered"):
        load_task(path)
