import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unspool.data.datasets import TextDataset
from unspool.data.named import cache as dataset_cache
from unspool.data.named import imdb
from unspool.data.named.info import DatasetInfo
from unspool.data.named.registry import DATASETS, load, where
from unspool.errors import UserError

REVIEWS = {
    "aclImdb/train/pos/0_9.txt": b"A good, good film<br /><br />with a plot.",
    "aclImdb/train/neg/0_2.txt": b"a bad film",
    "aclImdb/train/pos/10_8.txt": "caf\u00e9 film".encode(),
    "aclImdb/train/neg/10_1.txt": b"bad acting",
    "aclImdb/train/pos/2_7.txt": b"good",
    "aclImdb/train/neg/2_4.txt": b"bad",
    "aclImdb/test/pos/0_10.txt": b"good unheard film",
    "aclImdb/test/neg/0_1.txt": b"",
}
OTHERS = [
    ("aclImdb/train/unsup/0_0.txt", b"unlabelled"),
    ("aclImdb/train/labeledBow.feat", b"0"),
    ("aclImdb/README", b"read me"),
    ("aclImdb/train/pos/notes.txt", b"not a review"),
]
Make = Callable[[list[tuple[str, bytes]]], Path]


@pytest.fixture
def info() -> DatasetInfo:
    """The registry's entry, but for the tiny archive."""
    whole = DATASETS["imdb"]
    return replace(whole, files=(replace(whole.files[0], content=imdb.content_digest(REVIEWS)),))


def test_reviews_stand_in_the_order_of_their_numbers(make_archive: Make, info: DatasetInfo) -> None:
    path = make_archive([*OTHERS, *reversed(REVIEWS.items())])
    dataset = imdb.load(info, path.parent, download=False)
    assert list(dataset.train.texts) == [
        "a bad film",
        "A good, good film<br /><br />with a plot.",
        "bad",
        "good",
        "bad acting",
        "caf\u00e9 film",
    ]
    assert dataset.train.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert list(dataset.test.texts) == ["", "good unheard film"]
    assert dataset.vocabulary.words == ("a", "bad", "film", "good", "acting", "caf\u00e9", "plot", "with")
    assert dataset.test.ranks.tolist() == [[], [4, 3]]
    assert (dataset.label_names, dataset.train.groups) == (("negative", "positive"), None)
    assert dataset.digest == info.files[0].content


def test_packing_and_order_do_not_matter_and_the_second_load_needs_no_archive(
    make_archive: Make, info: DatasetInfo
) -> None:
    path = make_archive([(f"./{name}", content) for name, content in REVIEWS.items()])
    first = imdb.load(info, path.parent, download=False)
    path.unlink()
    again = imdb.load(info, download=False)
    assert list(again.train.texts) == list(first.train.texts)
    assert again.train.ranks.tolist() == first.train.ranks.tolist()
    assert again.vocabulary == first.vocabulary


@pytest.mark.parametrize("change", ["altered", "missing", "more", "renamed"])
def test_other_reviews_are_refused(make_archive: Make, info: DatasetInfo, cache: Path, change: str) -> None:
    reviews = dict(REVIEWS)
    if change == "altered":
        reviews["aclImdb/train/pos/2_7.txt"] = b"goof"
    elif change == "more":
        reviews["aclImdb/train/pos/3_7.txt"] = b"good"
    else:
        content = reviews.pop("aclImdb/train/pos/2_7.txt")
        if change == "renamed":
            reviews["aclImdb/train/pos/2_8.txt"] = content
    path = make_archive(list(reviews.items()))
    with pytest.raises(UserError, match=r"aclImdb_v1\.tar\.gz does not hold the published reviews \([789] were found"):
        imdb.load(info, path.parent, download=False)
    assert [entry.suffix for entry in (cache / "prepared").iterdir()] == [".lock"]


def test_a_hostile_archive_is_refused(make_archive: Make, info: DatasetInfo, cache: Path) -> None:
    link = tarfile.TarInfo("aclImdb/train/pos/0_9.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    path = make_archive([*REVIEWS.items(), (link, b"")])  # type: ignore[list-item]
    with pytest.raises(UserError, match="it is a link"):
        imdb.load(info, path.parent, download=False)
    assert [entry.suffix for entry in (cache / "prepared").iterdir()] == [".lock"]


def test_absent_and_offline_says_what_to_do(info: DatasetInfo, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"aclImdb_v1\.tar\.gz .*put it in a folder, and name that folder in UNSPOOL_DA"
    ):
        imdb.load(info, tmp_path, download=False)


SCRIPT = """
import sys
from dataclasses import replace
from unspool.data.named import imdb
from unspool.data.named.registry import DATASETS
info = DATASETS["imdb"]
info = replace(info, files=(replace(info.files[0], content=sys.argv[2]),))
print(*imdb.load(info, sys.argv[1], download=False).vocabulary.words)
"""


@pytest.mark.whole
def test_racing_processes_all_get_it(make_archive: Make, info: DatasetInfo, cache: Path) -> None:
    path = make_archive(list(REVIEWS.items()))
    command = [sys.executable, "-c", SCRIPT, str(path.parent), info.files[0].content]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    for racer in racers:
        output, errors = racer.communicate(timeout=300)
        assert output.split() == ["a", "bad", "film", "good", "acting", "caf\u00e9", "plot", "with"], errors
        assert errors == ""
    assert sorted(entry.suffix for entry in (cache / "prepared").iterdir()) == [".bin", ".lock"]


@pytest.mark.data
@pytest.mark.slow
def test_the_real_reviews(real_imdb: tuple[TextDataset, Path]) -> None:
    dataset, _ = real_imdb
    for split in (dataset.train, dataset.test):
        assert len(split) == 25_000
        assert split.labels.tolist() == [0, 1] * 12_500
        assert split.ranks.lengths.max() < 3_000
    assert len(dataset.vocabulary) == 88_076
    assert dataset.vocabulary.words[:5] == ("the", "and", "a", "of", "to")
    assert "br" not in dataset.vocabulary.words[:10_000]
    assert dataset.train.texts[0].startswith("Story of a man who has unnatural feelings for a pig.")
    assert dataset.train.texts[1].startswith("Bromwell High is a cartoon comedy.")
    ids = dataset.vocabulary.encode(dataset.train.ranks, num_words=10_000, skip_top=20)
    assert dataset.vocabulary.decode(ids[1][:6]) == [
        "<unknown>",
        "<unknown>",
        "high",
        "<unknown>",
        "<unknown>",
        "cartoon",
    ]
    assert np.mean(ids.lengths) == pytest.approx(235, abs=5)  # Keras's own IMDb: 238.7, "br" among the words


@pytest.mark.data
@pytest.mark.slow
def test_the_second_load_of_the_real_reviews_is_quick(
    real_imdb: tuple[TextDataset, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, folder = real_imdb
    monkeypatch.setenv("UNSPOOL_CACHE", str(folder))
    start = time.process_time()
    again = load("imdb", download=False)  # without the archive
    assert time.process_time() - start < 10  # some 0.7 s
    assert isinstance(again, TextDataset)
    assert again.train.texts == first.train.texts
    np.testing.assert_array_equal(again.test.ranks.flat, first.test.ranks.flat)
    assert where("imdb") == str(folder / "prepared")


@pytest.mark.data
@pytest.mark.slow
def test_a_damaged_preparation_of_the_real_reviews_is_noticed(
    real_imdb: tuple[TextDataset, Path], tmp_path: Path
) -> None:
    _, folder = real_imdb
    (whole,) = (folder / "prepared").glob("*.bin")
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "copy.bin").write_bytes(content)
    with pytest.raises(dataset_cache.Damaged, match="altered"):
        dataset_cache.read(tmp_path / "copy.bin")
