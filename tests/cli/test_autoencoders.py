"""The commands that use a finished autoencoder, on a small run."""

import json

import numpy as np
import pytest
from matplotlib.image import imread

from unspool.cli import main
from unspool.data import load

SMALL = [
    *("training.epochs=1", "model.encoder.units=4", "model.decoder.units=4", "evaluation.resamples=100"),
    "training.batch_size=4000",  # all in one step: one program to compile, not two
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds a run and images.npy."""
    folder = tmp_path_factory.mktemp("autoencoder")
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert main(["run", "digits-lstm-ae", "--out", str(folder / "run"), *settings]) == 0
    np.save(folder / "images.npy", load("digits").test.images[:20])
    return folder


@pytest.fixture
def in_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def test_there_and_back(in_folder, capsys):
    assert main(["encode", "run", "images.npy", "--out", "vectors.npy"]) == 0
    assert "vectors.npy: 20 latent vectors of 2 numbers" in capsys.readouterr().out
    assert main(["decode", "run", "vectors.npy", "--out", "decoded.npy"]) == 0
    assert "decoded.npy: 20 sequences of 8 x 8 numbers" in capsys.readouterr().out
    assert main(["reconstruct", "run", "images.npy", "--out", "again.npy"]) == 0
    assert "cross-entropy 0." in capsys.readouterr().out
    np.testing.assert_allclose(np.load("decoded.npy"), np.load("again.npy"), atol=1e-6)
    assert main(["reconstruct", "run", "images.npy", "--out", "again.npy", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["shape"] == [20, 8, 8]
    assert len(told["losses"]) == 20


def test_pictures_of_what_is_decoded_and_reconstructed(in_folder, capsys):
    assert main(["encode", "run", "images.npy", "--out", "vectors.npy"]) == 0
    assert main(["decode", "run", "vectors.npy", "--out", "decoded.png"]) == 0
    assert main(["reconstruct", "run", "images.npy", "--out", "pairs.png"]) == 0
    told = capsys.readouterr().out
    assert "decoded.png: 20 sequences of 8 x 8 numbers" in told
    assert "pairs.png: 20 sequences, cross-entropy" in told
    scale, grid = 11, 5  # 20 images in 5 columns and 4 rows; 84 pixels or more a side
    assert imread("decoded.png").shape[:2] == ((4 * 9 + 1) * scale, (grid * 9 + 1) * scale)
    scale = 5  # a pair is 17 pixels wide
    pairs = imread("pairs.png")[:, :, 0]
    assert pairs.shape == ((4 * 9 + 1) * scale, (grid * 18 + 1) * scale)
    first = pairs[scale : 9 * scale : scale, scale : 9 * scale : scale]  # the first original, darker for more ink
    np.testing.assert_allclose(1 - first, np.load("images.npy")[0], atol=0.01)


def test_generate(in_folder, capsys):
    for source, file in (("uniform", "uniform.png"), ("density", "density.png"), ("interpolate", "interpolate.npy")):
        assert main(["generate", "run", "--count", "4", "--from", source, "--seed", "1", "--out", file]) == 0
        assert f"{file}: 4 sequences of 8 x 8 numbers" in capsys.readouterr().out
    assert (in_folder / "density.png").read_bytes().startswith(b"\x89PNG")
    assert (in_folder / "density.png").read_bytes() != (in_folder / "uniform.png").read_bytes()
    assert np.load("interpolate.npy").shape == (4, 8, 8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encode", "nowhere", "images.npy", "--out", "x.npy"], "There is no folder nowhere"),
        (["encode", "run/figures", "images.npy", "--out", "x.npy"], "not the folder of a finished run"),
        (["encode", "run", "missing.npy", "--out", "x.npy"], "There is no file missing.npy"),
        (["encode", "run", "run/recipe.toml", "--out", "x.npy"], "cannot be read as a .npy file"),
        (["encode", "run", "images.npy", "--out", "x.csv"], "must end in .npy"),
        (["decode", "run", "images.npy", "--out", "x.npy"], "images.npy has the shape (20, 8, 8)"),
        (["reconstruct", "run", "images.npy", "--out", "nowhere/x.npy"], "there is no folder nowhere"),
        (["generate", "run", "--out", "x.jpg"], "must end in .npy or .png"),
        (["generate", "run", "--out", "x.png", "--count", "2501"], "a sheet holds 2,500 images at most, not 2,501"),
        (["encode", "run", "images.npy", "--out", "x.png"], "must end in .npy"),
        (["compare", "digits-lstm-ae", "sentences-lstm"], "have no score in common"),
    ],
)
def test_a_users_error_is_one_line_and_writes_nothing(arguments, message, in_folder, capsys):
    before = sorted(in_folder.rglob("*"))
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert sorted(in_folder.rglob("*")) == before


@pytest.mark.soak
def test_compare_prints_what_is_known(in_folder, capsys):
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert main(["compare", "digits-lstm-ae", "digits-bilstm-ae", "--seeds", "1", *settings]) == 0
    printed = capsys.readouterr().out
    assert "cross-entropy" in printed
    assert "One training of each" in printed
