import json

import numpy as np
import pytest

from unspool.descriptions.inputs import Tokens
from unspool.errors import UserError
from unspool.readers import READER, load_reader
from unspool.readers.tokens import TokenReader

SEQUENCES = [np.array(ids, dtype=np.int64) for ids in ([70, 10, 70], [-5, 70, 10], [1_000_000_000_000])]
UNKNOWN = 2


def test_any_whole_numbers_become_the_ids_of_a_model():
    reader = TokenReader.fit(SEQUENCES, size=None, length=4)
    assert reader.known.tolist() == [-5, 10, 70, 1_000_000_000_000]
    assert reader.inputs == Tokens(size=8)
    read = reader.read([*SEQUENCES, np.array([], dtype=np.int64), np.array([11])])
    assert read.tolist() == [[6, 5, 6], [4, 6, 5], [7], [], [UNKNOWN]]


def test_the_most_frequent_make_a_vocabulary_of_a_given_size():
    reader = TokenReader.fit(SEQUENCES, size=6, length=4)
    assert reader.known.tolist() == [10, 70]
    assert reader.inputs == Tokens(size=6)
    assert reader.read(SEQUENCES).tolist() == [[5, 4, 5], [UNKNOWN, 5, 4], [UNKNOWN]]


def test_the_last_ids_are_kept():
    assert TokenReader.fit(SEQUENCES, size=None, length=2).read(SEQUENCES).tolist() == [[5, 6], [6, 5], [7]]


def test_nothing_is_read_as_nothing():
    assert len(TokenReader(np.array([10]), length=2).read([])) == 0


def test_it_comes_back_as_it_was(tmp_path):
    reader = TokenReader.fit(SEQUENCES, size=None, length=3)
    reader.save(tmp_path)
    again = load_reader(tmp_path)
    assert isinstance(again, TokenReader)
    assert again.read(SEQUENCES).tolist() == reader.read(SEQUENCES).tolist()
    assert (again.known.dtype, again.length) == (np.int64, 3)


@pytest.mark.parametrize("change", [{"known": [10, 10]}, {"known": [[10]]}, {"known": ["a"]}, {"length": 0}])
def test_an_altered_one_is_refused(tmp_path, change):
    TokenReader(np.array([10, 70]), length=3).save(tmp_path)
    path = tmp_path / READER
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match="is altered"):
        load_reader(tmp_path)
