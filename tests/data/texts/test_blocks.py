"""Whether rows that stand together belong together: told where they do, quiet where they do not."""

import re
import tarfile

import numpy as np
import pytest

from unspool.data import load
from unspool.data.columns import find_columns
from unspool.data.inspection_in_words import describe
from unspool.data.ragged import Ragged
from unspool.data.tables import read_table, write_table
from unspool.data.texts.blocks import BlockSearch
from unspool.data.texts.examples import read_examples
from unspool.data.texts.inspection import inspect_texts
from unspool.data.tokenizers.word_numbers import WordNumbers
from unspool.tasks import find_task


def searched(texts, labels):
    search, numbers = BlockSearch(), WordNumbers()
    for start in range(0, len(texts), 100):
        search.add(numbers.of(texts[start : start + 100]))
    return search.result(labels)


def films(count, reviews=10, seed=0):
    """Reviews of films, one film's after the other's; half of them name an actor of the film."""
    random = np.random.default_rng(seed)
    plain = [f"word{n}" for n in range(300)]
    texts = [
        " ".join([*random.choice(plain, 20), f"actor{film}x{random.integers(3)}"])
        for film in range(count)
        for _ in range(reviews)
    ]
    return texts, random.integers(0, 2, len(texts)).tolist()


def test_blocks_are_found_and_gone_when_rows_are_shuffled():
    texts, labels = films(60)
    found = searched(texts, labels)
    assert found.found
    assert found.times > 10
    assert found.rows == 600
    order = np.random.default_rng(1).permutation(len(texts))
    assert not searched([texts[row] for row in order], [labels[row] for row in order]).found


def test_a_file_that_is_sorted_by_label_is_none_of_blocks():
    random = np.random.default_rng(0)
    texts = [" ".join(f"c{label}w{n}" for n in random.integers(0, 4000, 12)) for label in range(20) for _ in range(50)]
    labels = [f"c{row // 50}" for row in range(1000)]
    assert not searched(texts, labels).found
    assert searched(texts, [0] * 1000).found  # rare words do stand together there


def test_few_rows_and_no_words_say_nothing():
    texts, labels = films(15)
    assert searched(texts, labels).rows == 150
    assert not searched(texts, labels).found
    search = BlockSearch()
    search.add(Ragged.from_sequences([[]] * 500))
    assert not search.result([0] * 500).found


def test_only_the_first_rows_are_looked_at(monkeypatch):
    monkeypatch.setattr("unspool.data.texts.blocks.MOST_ROWS", 250)
    texts, labels = films(60)
    assert searched(texts, labels).rows == 250


def test_blocks_are_found_where_labels_are_numbers(tmp_path):
    texts, _ = films(60)
    numbers = np.random.default_rng(0).random(len(texts)).tolist()
    rows = [{"text": text, "label": number} for text, number in zip(texts, numbers, strict=True)]
    write_table(rows, tmp_path / "a.csv")
    table = read_table(tmp_path / "a.csv")
    examples = read_examples(table, find_columns(table, label="label"), find_labels=find_task)
    assert "neighbouring rows share rare words" in describe(inspect_texts(examples))


@pytest.mark.parametrize(("columns", "told"), [({}, True), ({"group": "film"}, False), ({"time": "film"}, False)])
def test_inspect_tells_what_to_do_unless_groups_or_times_do(tmp_path, columns, told):
    texts, labels = films(60)
    rows = [{"text": text, "label": "ab"[labels[n]], "film": n // 10} for n, text in enumerate(texts)]
    write_table(rows, tmp_path / "a.csv")
    table = read_table(tmp_path / "a.csv")
    examples = read_examples(table, find_columns(table, label="label", **columns), find_labels=find_task)
    assert ("neighbouring rows share rare words" in describe(inspect_texts(examples))) is told


@pytest.mark.soak
def test_sentences_beside_their_shuffled_words_are_told_and_shuffled_rows_are_not():
    found = load("sentences").train
    assert searched(found.texts[:4000], found.labels[:4000].tolist()).found
    order = np.random.default_rng(0).permutation(len(found.texts))
    assert not searched([found.texts[row] for row in order], found.labels[order].tolist()).found


@pytest.mark.data
@pytest.mark.slow
def test_reviews_of_one_film_lie_together_in_imdb(real_data):
    archive = real_data / "imdb" / "aclImdb_v1.tar.gz"
    if not archive.is_file():
        pytest.skip("there is no IMDb in the folder that UNSPOOL_DATA names")
    found = {}
    with tarfile.open(archive) as members:
        for member in members:
            place = re.fullmatch(r"aclImdb/train/(pos|neg)/(\d+)_\d+\.txt", member.name)
            if place and int(place[2]) < 3000:
                found[int(place[2]), place[1]] = members.extractfile(member).read().decode()
    labels, texts = [label for _, label in sorted(found)], [found[key] for key in sorted(found)]
    assert len(texts) == 6000
    assert searched(texts, labels).found
    order = np.random.default_rng(0).permutation(len(texts))
    assert not searched([texts[row] for row in order], [labels[row] for row in order]).found
