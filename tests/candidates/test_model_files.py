import numpy as np
import pytest

from unspool.candidates.model_files import read, write
from unspool.errors import UserError


def made(description, arrays):
    return description["kind"], arrays["weights"].sum()


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "model", {"kind": "ridge"}, {"weights": np.ones(3)})
    return tmp_path


def test_a_model_is_made_of_what_was_written(folder):
    assert read(folder, "model", "series", made) == ("ridge", 3)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("model.json", "{", r"/model\.json is damaged: no model of series can be read from it \(Expecting property"),
        ("model.json", None, r"/model\.json is damaged: .*\(No such file or directory: model\.json\)"),
        ("model.json", "{}", r"/model\.json or model\.safetensors is damaged: .*\('kind'\)"),
        ("model.safetensors", "{", r"/model\.safetensors is damaged: no model of series can be read from it"),
        ("model.safetensors", None, r"/model\.safetensors is damaged: .*\(No such file or directory"),
    ],
)
def test_a_damaged_file_is_named(name, content, told, folder):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(UserError, match=told):
        read(folder, "model", "series", made)
