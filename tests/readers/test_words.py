import numpy as np
import pytest

from unspool.errors import UserError
from unspool.readers import StepReader, WordReader, load_reader

TEXTS = [("The", "film"), ("the", "plot", "the"), ("film",)]


def test_words_that_recur_have_ids_by_frequency():
    reader = WordReader.fit(TEXTS)
    assert reader.words == ("the", "film")
    assert reader.inputs.size == 6
    assert reader.read([("THE", "plot", "film"), ("film",)]).tolist() == [[4, 2, 5], [5]]
    assert reader.tokens([4, 2, 5]) == ["the", "<unknown>", "film"]
    assert WordReader.fit(TEXTS, size=5).words == ("the",)


def test_steps_are_standardised():
    reader = StepReader.fit(np.array([[1.0, 5.0], [3.0, 5.0]]), ["x", "y"])
    found = reader.read_series([np.array([[3.0, 6.0]]), np.array([[1.0, 5.0], [2.0, 5.0]])])
    assert found.tolist() == [[[1.0, 1.0]], [[-1.0, 0.0], [0.0, 0.0]]]


@pytest.mark.parametrize("reader", [WordReader(("a", "b")), StepReader(("x",), (1.0,), (2.0,))])
def test_a_reader_is_kept(tmp_path, reader):
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader
    assert "any length" in reader.described


@pytest.mark.parametrize("words", ['["a", "a"]', "[1]", '"ab"'])
def test_a_reader_that_was_altered(tmp_path, words):
    WordReader(("a",)).save(tmp_path)
    path = tmp_path / "reader.json"
    kept = path.read_text()
    assert '"a"' in kept
    import json

    path.write_text(json.dumps(json.loads(kept) | {"words": json.loads(words)}))
    with pytest.raises(UserError, match=r"reader\.json"):
        load_reader(tmp_path)
