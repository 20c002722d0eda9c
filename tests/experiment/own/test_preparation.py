import numpy as np
import pytest

from unspool import files
from unspool.data.tables.split_names import PARTS
from unspool.errors import UserError
from unspool.experiment.own.examples import inspected, read_file
from unspool.experiment.own.preparation import prepare_texts
from unspool.experiment.own.reading import TextReader
from unspool.experiment.own.recipe import OwnFile

from .reviews import write_reviews


@pytest.fixture
def examples_and_reader(tmp_path, monkeypatch):
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    data = OwnFile(path=str(write_reviews(tmp_path / "reviews.csv")), text="review", label="sentiment")
    examples = read_file(data, 0)
    return examples, TextReader(inspected(examples, data).tokenizer, 12)


def test_each_part_has_its_own_texts_and_targets_in_the_order_of_the_file(examples_and_reader):
    examples, reader = examples_and_reader
    prepared = prepare_texts(examples, reader)
    for part in PARTS:
        texts, targets = examples.load(part)
        found = getattr(prepared, part)
        assert len(found) == len(texts)
        assert found.inputs.load().tolist() == reader.read(texts).tolist()
        np.testing.assert_array_equal(found.targets, targets)


def test_nothing_is_left_in_the_cache(examples_and_reader):
    prepared = prepare_texts(*examples_and_reader)
    assert len(prepared.training.inputs.load()) > 0
    assert list(files.cache_folder().iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(examples_and_reader, tmp_path, monkeypatch):
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "no-folder"))
    with pytest.raises(UserError, match=r"cannot be written.*UNSPOOL_CACHE"):
        prepare_texts(*examples_and_reader)
