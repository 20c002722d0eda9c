"""A folder of text files by class: pos/1.txt, or train/pos/1.txt and test/pos/1.txt, as IMDb comes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from unspool import files
from unspool.data.tables.cells import cell_flaw, too_long
from unspool.data.tables.problems import MAX_LINE, Flaw
from unspool.data.tables.split_names import part_named
from unspool.data.tables.utf16 import in_utf8
from unspool.errors import AdvisedError, UserError

WITHOUT_LABEL = "unsup"
"""IMDb's folder of reviews without a label."""

_TEXTS = "[!.]*.txt"  # without the ._1.txt that macOS puts beside 1.txt on other file systems
_COLUMNS = ("text", "label", "file")
_SPLIT = "split"

_Row = tuple[str, list[str | None] | Flaw]


def read(path: Path) -> tuple[tuple[str, ...], Iterator[_Row]]:
    """Open a folder: its columns are "text", "label" and "file", and "split" where the folders above classes say it.

    Returns:
        The names of the columns; and the files, in the order of their names: the name of each within the folder, and
        its row, or what is wrong with it. Those in `unsup` have no label.

    Raises:
        UserError: there are no folders with text files in it; reading on, a file cannot be read.
    """
    splits = _splits(path)
    if not any(_classes(folder) for folder in splits or [path]):
        raise AdvisedError(
            f"{path} has no folders with .txt files in them.{_others_in_words(path)}",
            "Put the texts of each class into a folder that is named after it, as in pos/1.txt and neg/1.txt, or these "
            "into train/ and test/. If the files are recordings, write them into one table with a row for each time "
            "step and columns for the recording and its label, or into a .npz file.",
        )
    names = (*_COLUMNS, _SPLIT) if splits else _COLUMNS
    return names, _rows(path, splits or [path], len(names))


def read_flat(path: Path) -> tuple[tuple[str, ...], Iterator[_Row]]:
    """Open a folder that holds texts itself, with the columns "text" and "file"."""
    texts = ((file.name, _read(file)) for file in sorted(path.glob(_TEXTS)))
    return ("text", "file"), ((name, text if isinstance(text, Flaw) else [text, name]) for name, text in texts)


def _rows(path: Path, folders: Sequence[Path], width: int) -> Iterator[_Row]:
    for folder in folders:
        for named_class in [*_classes(folder), *_without_label(folder)]:
            label = named_class.name if named_class.name != WITHOUT_LABEL else None
            for file in sorted(named_class.glob(_TEXTS)):
                mark = file.relative_to(path).as_posix()
                text = _read(file)
                yield mark, text if isinstance(text, Flaw) else [text, label, mark, folder.name][:width]


def _others_in_words(path: Path) -> str:
    """Say how most other files in its folders end, as in " Its folders hold 6 files ending in .py: ..."."""
    endings = Counter(
        file.suffix for folder in _folders(path) for file in folder.glob("[!.]*") if file.is_file() and file.suffix
    )
    if not endings:
        return ""
    ending, count = endings.most_common(1)[0]
    found = f"{count:,} file{'s' * (count > 1)} ending in {ending}"
    return f" Its folders hold {found}: if these are texts, rename them to end in .txt."


def _splits(path: Path) -> list[Path]:
    folders = _folders(path)
    named = [folder for folder in folders if part_named(folder.name) is not None]
    return named if named and not any(list(folder.glob(_TEXTS)) for folder in folders) else []


def _classes(path: Path) -> list[Path]:
    return [folder for folder in _folders(path) if folder.name != WITHOUT_LABEL and any(folder.glob(_TEXTS))]


def _without_label(path: Path) -> list[Path]:
    return [folder for folder in [path / WITHOUT_LABEL] if folder.is_dir()]


def is_flat(path: Path) -> bool:
    """Tell whether a folder holds texts itself, and no folders of them: beside these, a file is a list or a note."""
    return path.is_dir() and any(path.glob(_TEXTS)) and not any(_classes(folder) for folder in _splits(path) or [path])


def beside_classes(path: Path) -> list[str]:
    """The names of text files that a folder with folders of texts holds itself, and that are not read."""
    return [] if not path.is_dir() or is_flat(path) else sorted(file.name for file in path.glob(_TEXTS))


def _folders(path: Path) -> list[Path]:
    return sorted(inner for inner in path.iterdir() if inner.is_dir() and not inner.name.startswith("."))


def _read(file: Path) -> str | Flaw:
    try:
        with files.opened(file) as handle:
            content = handle.read(MAX_LINE)
            if handle.read(1):
                return too_long("text", f"over {MAX_LINE:,} bytes")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    text = in_utf8(content).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return cell_flaw(text, "text") or text
