"""The file formats of tables, told apart mostly by file extension."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from unspool.data.tables import delimited, folder, json_lines, json_list, labelled_lines, parquet, ucr
from unspool.data.tables.compression import ending_of
from unspool.data.tables.problems import Flaw
from unspool.errors import AdvisedError, UserError

Row: TypeAlias = tuple[Any, list[Any] | Flaw]
"""The position of a row, and its cells or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes:
        name: shown to users.
        read: opens a file; returns the names of its columns, and its rows.
        counts: what the number in a `Place` counts, such as rows.
        delimiter: returns the delimiter of a file; None where the notation of numbers is not inferred.
        quotes_are_text: returns whether the quotes in a file are text, not quoting; None where they always are.
    """

    name: str
    read: Callable[[Path], tuple[tuple[str, ...], Iterator[Row]]]
    counts: str = "row"
    delimiter: Callable[[Path], str] | None = None
    quotes_are_text: Callable[[Path], bool] | None = None


CSV = Format("CSV", delimited.read, delimiter=delimited.delimiter_of, quotes_are_text=delimited.quotes_are_text)
TSV = Format("TSV", delimited.read, delimiter=delimited.delimiter_of, quotes_are_text=delimited.quotes_are_text)
UCR = Format("text of the UCR archive", ucr.read_headerless)
JSON_LINES = Format("JSON lines", json_lines.read)
JSON = Format("JSON", json_list.read)
PARQUET = Format("Parquet", parquet.read)
LABELLED_LINES = Format("text with labels as in fastText", labelled_lines.read)
FOLDER = Format("folder of text files", folder.read)

BY_ENDING = {
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".json": JSON,
    ".parquet": PARQUET,
}
"""Formats by file extension."""

_CONVERT = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "Save the sheet as CSV in UTF-8."),
    **dict.fromkeys((".gz", ".zip", ".bz2", ".xz", ".zst"), "Unpack it, and give the table inside."),
    ".npy": 'Save the array as x, with the labels as y, in one .npz file: np.savez("series.npz", x=x, y=y).',
    ".arff": "Load it (scipy.io.arff.loadarff), and save the series as x and the labels as y in a .npz file.",
    ".mat": "Load it (scipy.io.loadmat), and save the series as x and the labels as y in a .npz file.",
    **dict.fromkeys(
        (".wav", ".flac", ".mp3", ".ogg", ".edf", ".h5", ".hdf5"),
        "Save the numbers of all recordings as x, their lengths as lengths and their labels as y in a .npz file.",
    ),
    **dict.fromkeys((".tmx", ".xlf", ".xliff"), "Write its pairs to a CSV file with the columns source and target."),
    **dict.fromkeys(
        (".sqlite", ".sqlite3", ".db"),
        'Write its table as CSV, as with sqlite3 -header -csv FILE "SELECT * FROM TABLE" > table.csv.',
    ),
    **{
        ending: f"Load it (pandas.{reader}), and write it as CSV: to_csv(path, index=False)."
        for endings, reader in (
            ((".feather", ".arrow"), "read_feather"),
            ((".orc",), "read_orc"),
            ((".dta",), "read_stata"),
            ((".sav",), "read_spss"),
            ((".sas7bdat", ".xpt"), "read_sas"),
            ((".pkl", ".pickle"), "read_pickle, if you trust its author"),
        )
        for ending in endings
    },
}


def format_in(path: Path) -> Format:
    """Return the format of an existing file or folder, judged by its content, too.

    Raises:
        UserError: it is not a table, or it is a folder of tables.
    """
    if path.is_dir():
        return _format_of_folder(path)
    if holds_labelled_lines(path):
        return LABELLED_LINES
    return UCR if path.is_file() and ucr.headerless_columns(path) is not None else format_of(path)


def holds_labelled_lines(path: Path) -> bool:
    """Whether a file of no other format has a label before the text of its first line, see `labelled_lines`."""
    return path.is_file() and not named_as_table(path) and labelled_lines.begins_with_label(path)


def _format_of_folder(path: Path) -> Format:
    inside = sorted(path.iterdir())
    tables = [one for one in inside if ending_of(one) in BY_ENDING]
    if tables and not any(one.is_dir() for one in inside):
        one_of_them = f"Give the path of one of them, such as {tables[0]}."
        named = {one.name.partition(".")[0].lower(): one for one in tables}
        both = {"train", "test"} <= named.keys()
        raise AdvisedError(
            f"{path} is a folder with tables in it.",
            f"Give the path of one of them, as in {named['train']} --test {named['test']}." if both else one_of_them,
            one_of_them,
        )
    return FOLDER


def named_as_table(path: Path) -> bool:
    """Whether a file is, by its extension, a table, or a workbook or archive that may hold one."""
    return ending_of(path) in BY_ENDING or path.suffix.lower() in _CONVERT


def format_of(path: Path) -> Format:
    """Return the format of a table by its file extension.

    Raises:
        UserError: no format has that extension.
    """
    form = BY_ENDING.get(ending_of(path))
    if form is None:
        known = ", ".join(BY_ENDING)
        what_to_do = _CONVERT.get(
            path.suffix.lower(),
            "Convert or rename it. To train on two aligned text files for translation, name the second one, too "
            "(--target FILE).",
        )
        to_users = _CONVERT.get(path.suffix.lower(), "Convert or rename it.")
        raise AdvisedError(f"{path} has {_ending(path)}: a table ends in one of {known}.", what_to_do, to_users)
    return form


def format_to_write(path: Path) -> Format:
    """Return the format in which a table is written, by its file extension.

    Raises:
        UserError: no format has that extension.
    """
    form = BY_ENDING.get(path.suffix.lower())
    if form is None or form is JSON:
        written = [ending for ending, one in BY_ENDING.items() if one is not JSON]
        raise UserError(
            f"{path} has {_ending(path)}: tables are written as CSV, TSV, JSON lines or Parquet. Let the name end in "
            f"one of {', '.join(written)}."
        )
    return form


def _ending(path: Path) -> str:
    return f"the ending {path.suffix!r}" if path.suffix else "no ending"
