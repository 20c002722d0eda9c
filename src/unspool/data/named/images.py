"""Images read as sequences of rows: scikit-learn's small digits and MNIST."""

import hashlib
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from unspool.data.datasets import ImageDataset, ImageSplit
from unspool.data.named import downloads
from unspool.data.named.idx import read_idx
from unspool.data.named.info import DatasetInfo
from unspool.data.splits import stratified_split

_TEST_FRACTION = 0.2  # of the digits, which are published in one piece
_SPLIT_SEED = 0


def load_digits(info: DatasetInfo) -> ImageDataset:
    """Load the 1,797 digits that come with scikit-learn, grey values 0 to 16 divided by 16.

    A fifth of them, stratified by digit and always the same, is the test set; each split keeps the published order.
    """
    from sklearn.datasets import load_digits as load

    bunch = load()
    images = (bunch.images / 16).astype(np.float32)
    labels = bunch.target.astype(np.int64)
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    whole = ImageSplit(images, labels)
    train, test = stratified_split(labels, _TEST_FRACTION, _SPLIT_SEED)
    return ImageDataset(**info.facts(digest), train=whole.take(train), test=whole.take(test))


def load_mnist(info: DatasetInfo, folder: str | PathLike[str] | None = None, download: bool = True) -> ImageDataset:
    """Load MNIST in its published order, grey values 0 to 255 divided by 255.

    Raises:
        UserError: a file cannot be had or does not hold what was published.
    """
    train_images, train_labels, test_images, test_labels = (
        read_idx(downloads.obtain(info.name, file, folder, download), file.content) for file in info.files
    )
    digest = hashlib.sha256("".join(file.content for file in info.files).encode()).hexdigest()
    train, test = _split(train_images, train_labels), _split(test_images, test_labels)
    return ImageDataset(**info.facts(digest), train=train, test=test)


def _split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> ImageSplit:
    return ImageSplit(np.divide(images, 255, dtype=np.float32), labels.astype(np.int64))
