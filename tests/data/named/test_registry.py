from pathlib import Path

import pytest

from programs import imported_by
from unspool.data.named.registry import DATASETS, load, lookup, where
from unspool.errors import UserError


def test_the_datasets_describe_themselves() -> None:
    assert list(DATASETS) == [
        "imdb",
        "sentences",
        "capitals",
        "dates",
        "cmudict",
        "docstrings",
        "digits",
        "mnist",
        "moving-digits",
        "multi30k",
    ]
    for name, info in DATASETS.items():
        assert info.name == name
        assert info.kind in ("text", "tagged", "pairs", "images", "captioned")
        assert info.title
        assert info.size
        assert info.licence
        assert info.source
        for file in info.files:
            assert len(file.sha256) == len(file.content) == 64
            assert all(url.startswith("https://") and url.endswith(file.name) for url in file.urls)
    assert {name: info.download_bytes for name, info in DATASETS.items()} == {
        "imdb": 84_125_825,
        "sentences": 0,
        "capitals": 0,
        "dates": 0,
        "cmudict": 0,
        "docstrings": 0,
        "digits": 0,
        "mnist": 11_594_722,
        "moving-digits": 11_594_722,
        "multi30k": 1_945_824,
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "mnits",
            r"no dataset 'mnits'\. Did you mean mnist\? The datasets are imdb, sentences, capitals, dates, "
            r"cmudict, docstrings, digits, mnist, moving-digits, multi30k\.",
        ),
        ("IMDB", "Did you mean imdb"),
        ("xyz", r"no dataset 'xyz'\. The datasets are"),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, message: str) -> None:
    for function in (lookup, where, load):
        with pytest.raises(UserError, match=message):
            function(name)


def test_where_says_how_things_stand(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert where("sentences") == where("digits") == "built in"
    assert where("imdb") is None
    assert where("mnist") is None
    files = DATASETS["mnist"].files
    for file in files[:3]:
        (tmp_path / file.name).write_bytes(b"")
    assert where("mnist", tmp_path) is None  # one is missing
    (tmp_path / files[3].name.removesuffix(".gz")).write_bytes(b"")
    assert where("mnist", tmp_path) == str(tmp_path)
    assert where("mnist") is None
    monkeypatch.setenv("UNSPOOL_DATA", str(tmp_path))
    assert where("mnist") == str(tmp_path)
    download = cache / "downloads" / "imdb" / "aclImdb_v1.tar.gz"
    download.parent.mkdir(parents=True)
    download.write_bytes(b"")
    assert where("imdb") == str(download.parent)
    download.unlink()
    prepared = cache / "prepared" / f"imdb-{DATASETS['imdb'].files[0].content}.bin"
    prepared.parent.mkdir()
    prepared.write_bytes(b"")
    assert where("imdb") == str(prepared.parent)


def test_listing_the_datasets_imports_nothing_heavy() -> None:
    script = "from unspool.data.named.registry import DATASETS, where; [where(name) for name in DATASETS]"
    assert not imported_by(script, "numpy", "keras", "jax", "sklearn", "pooch", "rich", "requests", "tarfile")


def test_loading_text_imports_neither_keras_nor_jax() -> None:
    script = (
        "from unspool.data.named import archive, cache, downloads, images, imdb, sentences\n"
        "from unspool.data import padding, splits\n"
        "from unspool.data.tokenizers import vocabulary"
    )
    assert not imported_by(script, "keras", "jax", "sklearn")


def test_a_named_folder_must_be_there_even_for_what_needs_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data folder given, .*/absent, is not there"):
        load("digits", folder=tmp_path / "absent")
