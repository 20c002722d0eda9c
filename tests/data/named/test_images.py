import gzip
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unspool.data.datasets import ImageDataset
from unspool.data.named import images
from unspool.data.named.registry import DATASETS, load, where
from unspool.errors import UserError

MNIST = DATASETS["mnist"]


def test_the_digits_are_split_by_digit_and_always_the_same() -> None:
    digits, again = images.load_digits(DATASETS["digits"]), images.load_digits(DATASETS["digits"])
    assert digits.train.images.shape == (1437, 8, 8)
    assert digits.test.images.shape == (360, 8, 8)
    for split in (digits.train, digits.test):
        assert split.images.dtype == np.float32
        assert (split.images.min(), split.images.max()) == (0, 1)
        shares = np.bincount(split.labels) / len(split)
        assert shares.min() > 0.09
    np.testing.assert_array_equal(again.test.images, digits.test.images)
    seen = {image.tobytes() for image in digits.train.images}
    assert not any(image.tobytes() in seen for image in digits.test.images)
    # The first digits as published: 0 to 9, each on its side in its place.
    assert digits.digest == again.digest
    assert digits.digest.startswith("8b3b6ae90863")


@pytest.fixture
def tiny_mnist(tmp_path: Path):
    """Four tiny files in the users's folder, and the registry's entry for them."""
    shapes = [(3, 4, 5), (3,), (2, 4, 5), (2,)]
    files = []
    (tmp_path / "mnist").mkdir()
    for file, shape in zip(MNIST.files, shapes, strict=True):
        values = (np.arange(np.prod(shape)) * 17 % 256).astype(np.uint8)
        data = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes() + values.tobytes()
        (tmp_path / "mnist" / file.name).write_bytes(gzip.compress(data))
        files.append(replace(file, content=hashlib.sha256(data).hexdigest()))
    return replace(MNIST, files=tuple(files)), tmp_path


def test_mnist_is_read_in_its_order(tiny_mnist) -> None:
    info, folder = tiny_mnist
    mnist = images.load_mnist(info, folder, download=False)
    assert mnist.train.images.shape == (3, 4, 5)
    assert mnist.train.images.dtype == np.float32
    assert mnist.train.images[0, 0].tolist() == pytest.approx([0, 17 / 255, 34 / 255, 51 / 255, 68 / 255])
    assert mnist.test.labels.tolist() == [0, 17]
    assert mnist.test.labels.dtype == np.int64


def test_a_file_with_other_content_is_named(tiny_mnist) -> None:
    info, folder = tiny_mnist
    images_file, labels_file = (folder / "mnist" / file.name for file in info.files[2:])
    shutil.copy(folder / "mnist" / info.files[0].name, images_file)
    with pytest.raises(UserError, match=r"t10k-images-idx3-ubyte\.gz is not the published file"):
        images.load_mnist(info, folder, download=False)
    labels_file.unlink()
    with pytest.raises(UserError, match="t10k-images"):
        images.load_mnist(info, folder, download=False)


@pytest.mark.data
def test_the_real_mnist(real_data: Path, cache: Path) -> None:
    mnist = load("mnist", folder=real_data, download=False)
    assert isinstance(mnist, ImageDataset)
    assert mnist.train.images.shape == (60_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.train.images.mean() == pytest.approx(0.1307, abs=1e-4)
    assert (mnist.train.images.min(), mnist.train.images.max()) == (0, 1)
    assert where("mnist", real_data) == str(real_data / "mnist")
    assert not cache.exists()
