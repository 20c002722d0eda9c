"""The named datasets: what there is, what it takes to get it, where it lies.

Importing this module costs nothing to speak of, so that the command line can list the datasets at once.
"""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Literal

from unspool.data import storage
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.data.datasets import ImageDataset, TextDataset


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its publisher distributes it.

    Attributes:
        name: of the file.
        size: in bytes.
        sha256: of the file itself: what a download must match.
        content: a digest of what is packed in it: what a file in the user's folder must match, however it was packed.
        urls: where it can be had; the first that answers is taken.
    """

    name: str
    size: int
    sha256: str
    content: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset that has not been loaded.

    Attributes:
        name: what `load` takes.
        title: what it is, in words.
        kind: "text" or "images".
        size: how many examples, in words.
        licence: on what terms it can be used.
        source: where it comes from.
        files: what must be downloaded; none for a dataset that is built in.
    """

    name: str
    title: str
    kind: Literal["text", "images"]
    size: str
    licence: str
    source: str
    files: tuple[RemoteFile, ...] = ()

    @property
    def download_bytes(self) -> int:
        """How much must be downloaded, 0 for a dataset that is built in."""
        return sum(file.size for file in self.files)


def _mnist(name: str, size: int, sha256: str, content: str) -> RemoteFile:
    mirrors = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")
    return RemoteFile(name, size, sha256, content, tuple(mirror + name for mirror in mirrors))


_ALL = (
    DatasetInfo(
        name="imdb",
        title="Large Movie Review Dataset: film reviews from IMDb, negative or positive",
        kind="text",
        size="25,000 training and 25,000 test reviews",
        licence="none stated; used for research, not redistributed (cite Maas et al., 2011)",
        source="https://ai.stanford.edu/~amaas/data/sentiment/",
        files=(
            RemoteFile(
                name="aclImdb_v1.tar.gz",
                size=84_125_825,
                sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
                content="8b7fb4945553482e068b0c5368d1be9e6cf805f5a44dcd0f9e80730337175fab",
                urls=("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
            ),
        ),
    ),
    DatasetInfo(
        name="sentences",
        title="English sentences from Python's own documentation, their words in order or shuffled",
        kind="text",
        size="some 6,000 sentences, each in both forms",
        licence="Python Software Foundation License 2.0",
        source="the documentation and docstrings of the running Python",
    ),
    DatasetInfo(
        name="digits",
        title="Optical Recognition of Handwritten Digits: images of 8 rows of 8 pixels",
        kind="images",
        size="1,437 training and 360 test images",
        licence="CC BY 4.0",
        source="scikit-learn's copy of https://archive.ics.uci.edu/dataset/80",
    ),
    DatasetInfo(
        name="mnist",
        title="MNIST: handwritten digits, images of 28 rows of 28 pixels",
        kind="images",
        size="60,000 training and 10,000 test images",
        licence="CC BY-SA 3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        files=(
            _mnist(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            _mnist(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            _mnist(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            _mnist(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
)

DATASETS: dict[str, DatasetInfo] = {info.name: info for info in _ALL}
"""Every dataset by its name."""


def lookup(name: str) -> DatasetInfo:
    """Return what is known of a dataset before it is loaded.

    Raises:
        UserError: there is no dataset of that name.

    Example:
        >>> lookup("mnist").kind
        'images'
    """
    if name in DATASETS:
        return DATASETS[name]
    from difflib import get_close_matches

    nearest = get_close_matches(name.lower(), DATASETS, n=1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    raise UserError(f"There is no dataset {name!r}. {hint}The datasets are {', '.join(DATASETS)}.")


def where(name: str, folder: str | PathLike[str] | None = None) -> str | None:
    """Say where a dataset lies now, without looking into its files.

    Args:
        name: of the dataset.
        folder: the user's data folder; otherwise the one that UNSPOOL_DATA names.

    Returns:
        "built in", or the path of the folder that holds its files (or their prepared form), or None: it must be
        downloaded.

    Raises:
        UserError: there is no such dataset or no such folder.

    Example:
        >>> where("digits")
        'built in'
    """
    files = lookup(name).files
    if not files:
        return "built in"
    found = [storage.find(name, file.name, folder) for file in files]
    if found[0] is not None and None not in found:
        return str(found[0].parent)
    downloaded = [storage.download_path(name, file.name) for file in files]
    if all(path.is_file() for path in downloaded):
        return str(downloaded[0].parent)
    prepared = storage.prepared_path(name, files[0].content)
    return str(prepared.parent) if prepared.is_file() else None


def load(
    name: str, *, folder: str | PathLike[str] | None = None, download: bool = True
) -> "TextDataset | ImageDataset":
    """Load a dataset, downloading and preparing it first where that has not been done.

    Files in the user's data folder come before downloads and are used wherever their content is right, however they
    are packed: in a subfolder with the dataset's name, or directly. Nothing is written there; downloads and prepared
    forms go to the cache folder (UNSPOOL_CACHE, else the user's cache).

    Args:
        name: of the dataset, a key of `DATASETS`.
        folder: the user's data folder; otherwise the one that UNSPOOL_DATA names.
        download: whether the network may be used.

    Returns:
        The dataset, as its kind says: "text" or "images".

    Raises:
        UserError: there is no such dataset or folder, it can be had neither here nor from the network, a file has the
            wrong content, or the cache cannot be written.

    Example:
        >>> digits = load("digits")
        >>> digits.train.images.shape
        (1437, 8, 8)
    """
    info = lookup(name)
    storage.data_folder(folder)  # one that is named must be there, even where the cache already has what is in it
    match name:
        case "imdb":
            from unspool.data import imdb

            return imdb.load(info, folder, download)
        case "sentences":
            from unspool.data import sentences

            return sentences.load(info)
        case "digits":
            from unspool.data import images

            return images.load_digits(info)
        case _:
            from unspool.data import images

            return images.load_mnist(info, folder, download)
