"""Where tagged texts come from: CoNLL-style files, and tables."""

from collections.abc import Mapping

from unspool.data.source import Given, Source
from unspool.data.tables.compression import ending_of
from unspool.data.tables.formats import BY_ENDING, JSON, JSON_LINES
from unspool.data.tables.problems import OnError
from unspool.data.texts.conll import CONLL, read_conll
from unspool.data.texts.line_files import holds_lines, line_table
from unspool.data.texts.tagged_texts import ONE_ROW_PER_TEXT, TAG_NAMES, TaggedTexts
from unspool.data.texts.token_lists import NAME_TOKENS, columns_of_lists, read_token_lists
from unspool.data.texts.token_rows import TokenColumns, columns_of_tokens, holds_spans_by_row, read_token_rows
from unspool.data.usual_names import TEXT_NAMES, usual
from unspool.errors import UserError

_FEW = 20
"""Up to so many texts may all have a single token; of more, each is probably a token of a longer text."""


def holds_tagged_texts(given: Given, asked: bool = False, text: str | None = None) -> bool:
    """Tell whether a file holds texts with a tag for each token.

    A file with one of the endings of `CONLL` does, and so does JSON with lists of texts in two columns that are as
    long as each other in the first rows. For tables with a row for each token see `holds_token_rows`.

    Args:
        given: the file or folder.
        asked: whether a person said so; any table may then hold them, with tokens and tags parted by spaces too.
        text: the column with the tokens, if it was named.
    """
    source = Source.of(given, "skip")
    ending = ending_of(source.path)
    if ending in CONLL or (asked and ending in BY_ENDING):
        return True
    if BY_ENDING.get(ending) not in (JSON, JSON_LINES) or not source.path.is_file():
        return False
    return columns_of_lists(source.table.first(), text) is not None


def holds_token_rows(given: Given, asked: bool = False, series: str | None = None, text: str | None = None) -> bool:
    """Tell whether a file is a table with a token and its tag in each row.

    It is if a person names the column with the tokens and that which says which text each belongs to, or if these have
    usual names and the tags are such as O and B-person, or asked for.

    Args:
        given: the file or folder.
        asked: whether a person asked for tags.
        series: the column that says which text a token belongs to, if it was named.
        text: the column with the tokens, if it was named.
    """
    source = Source.of(given, "skip")
    if BY_ENDING.get(ending_of(source.path)) is None or not source.path.is_file():
        return False
    if series is not None and text is not None:
        return True
    first = source.table.first()
    return columns_of_tokens(first, series, text) is not None if asked else holds_spans_by_row(first, series, text)


def read_tagged_texts(
    given: Given,
    *,
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
    split: str | None = None,
    on_error: OnError = "stop",
    labelled: bool = True,
) -> TaggedTexts:
    """Read texts and their tags into memory.

    A CoNLL-style file has a token on each line, then a tab or spaces and, as the last column, its tag; a blank line
    ends a text. Tabs separate the columns of a line that has any, so that a token may contain spaces. In CoNLL-U files,
    the part of speech (UPOS) is the tag; the lines of contractions and of omitted words are skipped. A table has lists
    in two columns, or texts in which spaces part the tokens and the tags; or a token in each row, and a column that
    says which text it belongs to, see `TokenColumns`. Without tags, a text file may have a text in each line, with
    spaces between its tokens.

    Args:
        given: the file; of a table with a row for each token, the source's series is the column that says which text
            it belongs to, or None to look for it.
        text: the column with the tokens, or None to look for it.
        label: the column with the tags, or None to look for it.
        group: a column: texts with the same value stay in one part.
        split: a column that says the part of each text.
        on_error: what is done about a text that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether there must be tags; else they are not looked at.

    Raises:
        UserError: the file cannot be read, a column is missing or is named of a file without columns, no text can be
            used, or one is not and `on_error` is "stop".

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> path = Path(tempfile.mkdtemp()) / "names.conll"
        >>> _ = path.write_text("Ada\\tB-person\\nwrote\\tO\\n\\nParis\\tB-place\\n")
        >>> read_tagged_texts(path).texts
        [('Ada', 'wrote'), ('Paris',)]
    """
    source = Source.of(given, on_error)
    path = source.path
    named = {"series": source.series, "text": text, "label": label, "group": group, "split": split}
    if path.suffix.lower() in CONLL:
        for option, name in named.items():
            if name is not None:
                raise UserError(f"{path}: --{option} names a column, but the columns of such a file have no names.")
        found = read_conll(path, on_error, labelled)
    elif not labelled and holds_lines(path):
        found = read_token_lists(line_table(path, TEXT_NAMES[0], on_error), text, None, group, split, labelled)
    else:
        columns = _columns_of_rows(source, named, labelled)
        if columns is None:
            found = read_token_lists(source.table, text, label, group, split, labelled)
        else:
            found = read_token_rows(source.table, columns)
        _refuse_single_tokens(found, labelled)
    if not len(found):
        raise UserError(f"{path}: no text can be used.")
    return found


def _columns_of_rows(source: Source, named: Mapping[str, str | None], labelled: bool) -> TokenColumns | None:
    """The columns of a table with a row for each token; None if it has a row for each text."""
    columns, label = source.table.columns, named["label"]
    found = columns_of_tokens(source.table.first(), named["series"], named["text"])
    if found is None and named["series"] is None:
        return None
    if found is None:
        found = named["series"] or "", named["text"] or ""
    if labelled and label is None:
        label = usual([name for name in columns if name not in found], TAG_NAMES)
    for what, name in (("tokens", found[1]), ("tags", label))[: 2 if labelled else 1]:
        if not name:
            option = "--text" if what == "tokens" else "--label"
            raise UserError(
                f"{source.path}: the column with the {what} cannot be told among {', '.join(columns)}. Name it "
                f"({option})."
            )
    return TokenColumns(*found, label if labelled else None, named["group"], named["split"])


def _refuse_single_tokens(found: TaggedTexts, labelled: bool) -> None:
    if len(found) <= _FEW or any(len(tokens) > 1 for tokens in found.texts):
        return
    path = found.path
    if found.series is not None:
        raise UserError(
            f"{path}: by column {found.series}, each token of column {found.text} is a text of its own. Name the "
            f"column that says which text a token belongs to{' (--series)' if labelled else ''}."
        )
    says = "that says which text a token belongs to"
    fix = f"Name the column {says} (--series)" if labelled else f"{NAME_TOKENS}, or add a column sentence {says}"
    raise UserError(f"{path}: each row has a single token in column {found.text}. {fix}, or {ONE_ROW_PER_TEXT}.")
