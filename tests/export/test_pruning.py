"""Models of texts that are made small enough."""

import os

import numpy as np
import pytest

from unspool.atomic_writes import opened_aside
from unspool.candidates import RawModel
from unspool.candidates.texts import ConvolutionTexts, LinearTexts, NGrams, VectorTexts
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.cli import main
from unspool.cli.exports import size
from unspool.errors import UserError
from unspool.export import Smaller, export_model, export_page, portable, written
from unspool.export.packing import Strings
from unspool.export.pruning import kept_ngrams, pruned, share_within
from unspool.export.texts import text_model_node
from unspool.readers import RawExamples, RawTextReader
from unspool.tasks import Binary

unspool_runtime = pytest.importorskip("unspool_runtime")

WORDS = [f"word{number}" for number in range(400)]
draw = np.random.default_rng(0)
TEXTS = [
    " ".join(["good" if place % 2 else "bad", *draw.choice(WORDS, 30, p=np.arange(400, 0, -1) / 80200), "a fine film"])
    for place in range(60)
]
LABELS = np.arange(60) % 2
LINEAR = LinearTexts("linear", 1.0, (NGrams("words", 1, 3),), c=1.0, calibrated=False)
CHARACTERS = LinearTexts("characters", 1.0, (NGrams("characters", 2, 4, within_words=True),), "tfidf", 1.0, False)
CONVOLUTION = ConvolutionTexts("cnn", 1.0, widths=(1, 2), filters=16, epochs=2)
VECTORS = VectorTexts("vectors", 1.0, width=16, least=1, epochs=2)
LANGUAGE_MODEL = LanguageModelTexts("language-model", 1.0, work=0.02, least=1)


@pytest.fixture
def folder(folder_of):
    parts = [one.fit(TEXTS, LABELS, "binary") for one in (LINEAR, CONVOLUTION, VECTORS)]
    raw = RawModel("text", "blend", "binary", FittedBlendTexts("blend", "binary", parts, np.full(3, 0.1)))
    return folder_of(raw, RawTextReader(), Binary(("no", "yes")), RawExamples(TEXTS), threshold=0.5)


NGRAMS = {
    "shortest": 1,
    "alphabet": Strings(("a", "b", "c", "d")),
    "levels": [
        {"first": np.array([0, 1, 2], np.int32), "last": np.array([1, 2, 3], np.int32)},  # a b, b c, c d
        {"first": np.array([1, 0], np.int32), "last": np.array([3, 2], np.int32)},  # b c d, a b c
    ],
}


def test_an_ngram_keeps_the_parts_that_it_is_found_by():
    wanted = np.zeros(9, bool)
    wanted[7] = True  # b c d
    left, columns = kept_ngrams(NGRAMS, wanted)
    assert left["alphabet"].values == ("b", "c", "d")
    assert [(level["first"].tolist(), level["last"].tolist()) for level in left["levels"]] == [
        ([0, 1], [1, 2]),
        ([0], [2]),
    ]
    assert np.flatnonzero(columns).tolist() == [1, 2, 3, 5, 6, 7]


def test_shorter_ngrams_that_are_not_counted_are_found_too():
    left, columns = kept_ngrams(NGRAMS | {"shortest": 3}, np.array([False, True]))
    assert left["alphabet"].values == ("a", "b", "c")
    assert columns.tolist() == [False, True]


def test_a_language_model_keeps_its_most_frequent_words_and_what_is_no_word():
    model = text_model_node(*LANGUAGE_MODEL.fit(TEXTS, LABELS, "binary").state())
    words = model["alphabet"].values
    left = pruned(model, 0.25)
    assert left["alphabet"].values == words[: -(-len(words) // 4)]
    np.testing.assert_array_equal(left["vectors"], model["vectors"][: 2 + len(left["alphabet"].values)])
    assert left["forward"] is model["forward"]


@pytest.mark.parametrize("candidate", [LINEAR, CHARACTERS])
def test_a_linear_model_without_some_ngrams_is_that_with_weights_of_zero(candidate):
    fitted = candidate.fit(TEXTS, LABELS, "binary")
    plain, arrays = fitted.state()
    model = text_model_node(plain, arrays)
    block = pruned(model, 0.05 ** (1 / 0.6))["blocks"][0]
    effects = np.abs(arrays["weights_0"] * arrays["coefficients_0"])[:, 0]
    wanted = np.argsort(-effects, kind="stable")[: -(-len(effects) // 20)]
    _, columns = kept_ngrams(model["blocks"][0], np.isin(np.arange(len(effects)), wanted))
    assert columns.sum() < len(effects) / 2
    assert np.isin(wanted, np.flatnonzero(columns)).all()
    np.testing.assert_array_equal(block["weights"], arrays["weights_0"][columns])
    assert block["weights"].shape == block["coefficients"].shape


@pytest.mark.parametrize(("share", "words", "members"), [(0.5, 0.5, 2), (0.1, 0.2, 1)])
def test_a_convolution_keeps_its_most_frequent_words(share, words, members):
    model = text_model_node(*CONVOLUTION.fit(TEXTS, LABELS, "binary").state())
    less = pruned(model, share)
    count = len(less["alphabet"].values)
    assert less["alphabet"].values == model["alphabet"].values[:count]
    assert words <= count / len(model["alphabet"].values) < words + 0.01
    assert len(less["members"]) == members
    for one, whole in zip(less["members"], model["members"], strict=False):
        np.testing.assert_array_equal(one["vectors"], whole["vectors"][:count])


def test_negatives_are_drawn_from_the_ngrams_that_are_left():
    model = text_model_node(*VECTORS.fit(TEXTS, LABELS, "binary").state())
    less = pruned(model, 0.01)
    assert len(less["vectors"]) == len(less["keep"]) < len(model["keep"]) / 5
    left = {row.tobytes(): times for row, times in zip(less["vectors"], np.bincount(less["drawn"]), strict=True)}
    before = {row.tobytes(): times for row, times in zip(model["vectors"], np.bincount(model["drawn"]), strict=True)}
    assert left == {row: before[row] for row in left}


@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_a_model_is_made_small_enough(folder, tmp_path, javascript, weights):
    whole = export_model(folder, tmp_path / "whole.unspool")
    most = whole.size // 3
    found = export_model(folder, tmp_path / "m.unspool", Smaller(weights, most))
    assert most * 0.8 < found.size <= most
    assert 0 < found.reduction.kept < 0.6
    loaded = unspool_runtime.Model.load(found.out)
    assert loaded.check().passed
    assert loaded.description["version"] == (1 if weights == "float32" else 2)
    assert loaded.description["reduced"]["kept"] == found.reduction.kept
    check, _ = javascript(found.out)
    assert check["agree"] == check["count"] == 39


def test_a_page_is_made_small_enough(folder, tmp_path):
    whole = export_page(folder, tmp_path / "whole.html")
    most = whole.size - 20_000
    found = export_page(folder, tmp_path / "m.html", most=most)
    assert most * 0.8 < found.size <= most
    assert "of its weights" in found.out.read_text()


def test_a_model_that_is_small_enough_stays_whole(folder, tmp_path):
    whole = export_model(folder, tmp_path / "whole.unspool")
    found = export_model(folder, tmp_path / "m.unspool", Smaller("float32", whole.size + 10_000))
    assert (found.reduction.kept, found.reduction.golden.largest) == (1.0, 0.0)
    assert str(found.reduction).startswith("unchanged: 0 of 39")


def test_files_are_locked_until_they_take_their_place(folder, tmp_path, monkeypatch):
    """Another export to the same place removes those that are not."""

    def take_place(aside, out):
        os.utime(aside, (0, 0))
        with opened_aside(out):
            written.take_place(aside, out)

    monkeypatch.setattr(portable, "take_place", take_place)
    assert export_model(folder, tmp_path / "m.unspool", Smaller("int8")).out.is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.unspool", "model"]


def test_what_cannot_be_so_small_is_refused(folder, tmp_path, capsys):
    assert main(["export", str(folder), "--out", str(tmp_path / "m.unspool"), "--max-size", "10kB"]) == 1
    assert "cannot be made as small as 0.01 MB" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_network_has_nothing_to_leave_out():
    with pytest.raises(UserError, match="nothing can be left out of the kind 'network'"):
        pruned({"kind": "network", "layers": []}, 0.5)


def test_a_share_is_found_whatever_the_sizes():
    for most in (5_000, 40_000, 900_000, 2_000_000):
        tried = []

        def size_of(share, tried=tried):
            tried.append(share)
            return 1_000 + int(1e6 * share**0.5)

        share = share_within(most, size_of)
        assert size_of(share) <= most
        assert len(tried) <= 13
        assert share == 1 or size_of(share) > 0.9 * most


@pytest.mark.parametrize("text", ["5", "MB", "-1MB", "5 TB", "0MB", "1e9MB", "5MB5"])
def test_what_is_no_size_is_refused(folder, tmp_path, capsys, text):
    assert main(["export", str(folder), "--out", str(tmp_path / "m.unspool"), "--max-size", text]) == 2
    assert "is no size" in capsys.readouterr().err or text.startswith("-")


def test_sizes_are_decimal():
    assert [size(text) for text in ("5MB", "500kB", "1.5 GB", "12B")] == [5_000_000, 500_000, 1_500_000_000, 12]
