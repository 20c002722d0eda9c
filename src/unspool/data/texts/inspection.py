"""What there is to know of people's texts before anything is trained, and what will be done about it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.data.balance import Balance, balance_of, quantiles
from unspool.data.duplicates import Duplicates, count_duplicates
from unspool.data.labels import Label, as_number
from unspool.data.parts import TRAINING
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged
from unspool.data.tables.problems import by_reason
from unspool.data.texts.blocks import MOST_ROWS, Blocks, BlockSearch
from unspool.data.texts.examples import TextBatch, TextExamples
from unspool.data.texts.length import choose_length
from unspool.data.texts.near_duplicates import BANDS, Bands, bands
from unspool.data.texts.side_columns import SideCells, SideColumns, TextRow
from unspool.data.texts.stored_texts import StoredTexts
from unspool.data.texts.telling_columns import MOST_ROWS as MOST_TELLING
from unspool.data.texts.telling_columns import TellingColumn, telling_columns
from unspool.data.tokenizers.tokenizer import Tokenizer, TokenizerKind, fit_tokenizer
from unspool.data.tokenizers.word_numbers import WordNumbers, no_counts, with_counts_of
from unspool.data.tokenizers.word_tokenizer import WordTokenizer, chosen_words
from unspool.data.tokenizers.words import words as split_words
from unspool.files import cache_folder
from unspool.progress import bar, spinner

MOST_NAMES = 20
"""Labels whose names are looked for in the texts."""


@dataclass(frozen=True, slots=True)
class NameInTexts:
    """A label whose name is a word of the training texts.

    Attributes:
        label: its name.
        own: share of its own texts with that word.
        others: share of the texts with other labels.
    """

    label: str
    own: float
    others: float


@dataclass(frozen=True, slots=True)
class TextInspection:
    """What was seen in labelled texts, and what was chosen for them.

    Attributes:
        path: of the file or folder.
        format: what kind it is.
        rows: how many can be used, in all parts.
        left_out: how many cannot be used, by reason.
        decisions: what was decided about columns, task and parts, and why.
        balance: how the labels are spread over the parts.
        lengths: the quantiles of `QUANTILES` of the training texts' lengths, in tokens, the start included.
        length: how many tokens a model reads at most.
        whole: share of the training texts that are read whole.
        different_words: in all parts.
        size: how many ids the tokenizer has.
        unknown_in_training: share of the training tokens that the tokenizer does not know.
        unknown_held_out: the same for validation and test together.
        used: the columns that are read.
        missing: empty cells by column, where there are some; those of the label are among the decisions.
        joined: the columns of the text, where there are several.
        side: the columns beside the text.
        duplicates: texts that stand more than once.
        tokenizer: fitted on the training texts.
        split: the words of all texts, with a space between them, in the order of the examples.
        ids: of all texts, where the tokenizer's tokens are no words.
        blocks: whether rows that stand together belong together, where parts are not drawn by groups or by time.
        names_in_texts: the labels whose names are words of training texts, unless there are many labels.
        telling_columns: the columns beside the texts that alone almost give the label.
    """

    path: str
    format: str
    rows: int
    left_out: dict[str, int]
    decisions: tuple[str, ...]
    balance: Balance
    lengths: tuple[int, ...]
    length: int
    whole: float
    different_words: int
    size: int
    unknown_in_training: float
    unknown_held_out: float
    used: tuple[str, ...]
    missing: dict[str, int]
    joined: tuple[str, ...]
    side: SideColumns
    duplicates: Duplicates
    tokenizer: Tokenizer = field(repr=False)
    split: StoredTexts = field(repr=False)
    ids: StoredRagged | None = field(default=None, repr=False)
    blocks: Blocks | None = None
    names_in_texts: tuple[NameInTexts, ...] = ()
    telling_columns: tuple[TellingColumn, ...] = ()

    def encoded(self) -> Iterator[Ragged]:
        """The ids of all texts, some at a time, as the tokenizer encodes them: without splitting a text again."""
        if self.ids is not None:
            yield from self.ids.pieces()
            return
        assert isinstance(self.tokenizer, WordTokenizer)
        for texts in self.split.read():
            yield self.tokenizer.encode_words(text.split() for text in texts)


def inspect_texts(examples: TextExamples, kind: TokenizerKind = "words", size: int | None = None) -> TextInspection:
    """Look through the texts, split each once, and fit the tokenizer to those for training.

    Args:
        examples: from `read_examples`.
        kind: of the tokenizer, "words" or "bpe".
        size: of its vocabulary, or None for its rule.

    Raises:
        UserError: the tokenizer cannot be made, or the disk is full.
    """
    gathered = _gather(examples)
    tokenizer: Tokenizer
    ids = None
    if kind == "words":
        tokenizer = WordTokenizer(chosen_words(gathered.numbers, gathered.training_counts, size))
        lengths, unknown = gathered.lengths + 1, gathered.unknown(tokenizer)
    else:
        training = (text for batch in examples.stream("training") for text in batch.texts)
        with spinner("Learning pieces of words"):
            tokenizer = fit_tokenizer(training, kind, size)
        ids = _encoded(examples, tokenizer)
        lengths, unknown = ids.lengths, (0.0, 0.0)
    of_training = lengths[examples.all_parts == TRAINING]
    length = choose_length(of_training)
    first = examples.scans[0]
    prints = np.concatenate([scan.whole for scan in examples.scans])
    near = prints if examples.columns.side else gathered.bands  # with other cells beside it, a text is another row
    return TextInspection(
        path=str(first.table.path),
        format=first.table.format.name,
        rows=len(examples),
        left_out=_left_out(examples),
        decisions=examples.decisions,
        balance=balance_of(examples.labels, examples.all_labels, examples.all_parts),
        lengths=tuple(int(value) for value in quantiles(of_training)),
        length=length,
        whole=float(np.mean(of_training <= length)),
        different_words=len(gathered.numbers),
        size=tokenizer.size,
        unknown_in_training=unknown[0],
        unknown_held_out=unknown[1],
        used=examples.columns.used,
        missing={name: count for name, count in first.missing.items() if count and name != examples.columns.label},
        joined=examples.columns.parts,
        side=examples.columns.side,
        duplicates=count_duplicates(prints, near, examples.all_parts, examples.all_labels),
        tokenizer=tokenizer,
        split=gathered.split,
        ids=ids,
        blocks=gathered.blocks.result(_labels_or_tenths(examples)) if gathered.blocks is not None else None,
        names_in_texts=gathered.names.result(),
        telling_columns=telling_columns(
            examples.columns.side, gathered.cells, gathered.cell_labels, numbers=not examples.labels.names
        ),
    )


def _labels_or_tenths(examples: TextExamples) -> Sequence[object]:
    """The labels of the first file; numbers, which hardly ever recur, are replaced by the tenth that they fall into."""
    labels = examples.scans[0].labels[:MOST_ROWS]
    if examples.labels.names:
        return labels
    numbers = np.array([as_number(label) for label in labels], dtype=np.float64)  # NaN where there is no label
    bounds = np.nanquantile(numbers, np.arange(0.1, 1, 0.1), method="inverted_cdf")
    return list(np.searchsorted(bounds, numbers))


class _NameSearch:
    """Looks for the names of labels in training texts, whatever their capitals."""

    def __init__(self, labels: Iterable[Label]):
        different = {label for label in set(labels) if isinstance(label, str)}
        self._label_of = {label.lower(): label for label in different if len(different) <= MOST_NAMES}
        self._rows: Counter[str] = Counter()
        self._own: Counter[str] = Counter()
        self._all: Counter[str] = Counter()

    def add(self, split: Sequence[Sequence[str]], labels: Sequence[Label]) -> None:
        """Count the names in texts that are split into words."""
        if self._label_of:
            for words, label in zip(split, labels, strict=True):
                there = {self._label_of[name] for name in self._label_of.keys() & {word.lower() for word in words}}
                self._rows[str(label)] += 1
                self._own[str(label)] += label in there
                self._all.update(there)

    def result(self) -> tuple[NameInTexts, ...]:
        """The labels whose names are there."""
        count = self._rows.total()
        return tuple(
            NameInTexts(name, self._own[name] / own, (self._all[name] - self._own[name]) / max(count - own, 1))
            for name in sorted(self._all)
            if (own := self._rows[name])
        )


@dataclass(slots=True)
class _Gathered:
    """What one reading of the texts gives: (N,) lengths in words and (N, BANDS) for N rows, and counts of words."""

    numbers: WordNumbers
    lengths: NDArray[np.int64]
    bands: Bands
    training_counts: NDArray[np.int64]
    held_out_counts: NDArray[np.int64]
    split: StoredTexts
    blocks: BlockSearch | None
    names: _NameSearch
    cells: list[SideCells] = field(default_factory=list)
    cell_labels: list[Label] = field(default_factory=list)

    def unknown(self, tokenizer: WordTokenizer) -> tuple[float, float]:
        """Return the share of words that the tokenizer does not know, in training and in the other parts."""
        shares = []
        for counts in (self.training_counts, self.held_out_counts):
            known = self.numbers.total(tokenizer.vocabulary, counts)
            shares.append(1 - known / max(int(counts.sum()), 1))
        return shares[0], shares[1]


def _gather(examples: TextExamples) -> _Gathered:
    count, of_file = len(examples), len(examples.scans[0])
    columns = examples.columns
    found = _Gathered(
        WordNumbers(),
        np.zeros(count, np.int64),
        np.zeros((count, BANDS), np.uint64),
        no_counts(),
        no_counts(),
        StoredTexts(),
        BlockSearch() if columns.group is None and columns.time is None else None,
        _NameSearch(examples.all_labels),
    )
    for here, batch in _with_progress(examples, "Looking through the texts"):
        split = [split_words(text) for text in batch.texts]
        for number, text in enumerate(split, start=here.start):
            found.split.add(number, " ".join(text))
        words = found.numbers.of_words(split)
        found.lengths[here], found.bands[here] = words.lengths, bands(words)
        if found.blocks is not None and here.start < of_file:
            found.blocks.add(words)
        in_training = batch.parts == TRAINING
        rows = np.flatnonzero(in_training).tolist()
        found.names.add([split[row] for row in rows], [batch.labels[row] for row in rows])
        for row in rows[: max(MOST_TELLING - len(found.cells), 0)]:
            if isinstance(given := batch.texts[row], TextRow):
                found.cells.append(given.cells)
                found.cell_labels.append(batch.labels[row])
        found.training_counts = with_counts_of(words.take(np.flatnonzero(in_training)), found.training_counts)
        found.held_out_counts = with_counts_of(words.take(np.flatnonzero(~in_training)), found.held_out_counts)
    return found


def _encoded(examples: TextExamples, tokenizer: Tokenizer) -> StoredRagged:
    batches = _with_progress(examples, "Cutting the texts into tokens")
    return StoredRagged.write((tokenizer.encode(batch.texts) for _, batch in batches), cache_folder(), tokenizer.size)


def _with_progress(examples: TextExamples, title: str) -> Iterator[tuple[slice, TextBatch]]:
    begin = 0
    with bar(title, len(examples)) as advance:
        for batch in examples.stream():
            yield slice(begin, begin + len(batch.texts)), batch
            begin += len(batch.texts)
            advance(len(batch.texts))


def _left_out(examples: TextExamples) -> dict[str, int]:
    total = sum((scan.left_out for scan in examples.scans), Counter())
    return by_reason(total)
