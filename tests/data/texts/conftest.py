"""Pairs of texts, in a table and in two files."""

import json

import pytest


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"de": f" quelle {n} ", "en": f"source {n}"}) + "\n" for n in range(40)))
    return path


@pytest.fixture
def two_files(tmp_path):
    for name, word in (("train.de", "quelle"), ("train.en", "source")):
        (tmp_path / name).write_text("".join(f" {word} {n} \n" for n in range(40)))
    return tmp_path / "train.de", str(tmp_path / "train.en")
