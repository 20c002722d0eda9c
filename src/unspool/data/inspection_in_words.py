"""An inspection of texts or series in words, for the terminal."""

import math
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass

from unspool.data.balance import QUANTILES, Balance
from unspool.data.drawn_parts import RARE
from unspool.data.duplicates import EARLIER, Duplicates
from unspool.data.file_description import aligned, described
from unspool.data.kept_in_cache import shown_path
from unspool.data.labels import as_number
from unspool.data.names_in_words import first_and_more
from unspool.data.series.inspection import SeriesInspection
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.inspection import TextInspection
from unspool.data.texts.telling_columns import TellingColumn

_LIKE_MISSING = ("na", "n/a", "nan", "null", "-", "?")
_STAND_IN = "kept as it is; if it stands for a missing number, leave these cells empty"
_MOST_SHOWN = 20
_MUCH_UNKNOWN = 0.1
_TELLING = 0.9
_QUANTILE_NAMES = tuple({0.0: "least", 0.5: "median", 1.0: "most"}.get(q, f"{q:.0%}") for q in QUANTILES)
_TINY, _DIGITS = 1e-10, 1e-6
"""Deviations of channels, and shares of their means, below which models may see no change."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know, and what will be done about it."""

    found: str
    done: str


def remarks(inspection: TextInspection | SeriesInspection) -> list[Remark]:
    """Say what is out of the ordinary, and what will be done about each."""
    what = "row" if isinstance(inspection, TextInspection) else "series"
    found = [Remark(f"{_count(count, what)} with {why}", "left out") for why, count in inspection.left_out.items()]
    found += _on_labels(inspection.balance, what)
    found += _on_texts(inspection) if isinstance(inspection, TextInspection) else _on_channels(inspection)
    return [*found, *_on_duplicates(inspection.duplicates, inspection.balance, what)]


def describe(inspection: TextInspection | SeriesInspection) -> str:
    """Render an inspection as plain text."""
    if isinstance(inspection, TextInspection):
        format = f"{inspection.format}, " if shown_path(inspection.path) == inspection.path else ""
        head = f"{shown_path(inspection.path)}: {format}{_count(inspection.rows, 'row')} that can be used"
        body = _texts(inspection)
    else:
        head = f"{shown_path(inspection.path)}: {inspection.series:,} series that can be used"
        body = _series(inspection)
    told = [f"{remark.found}: {remark.done}" for remark in remarks(inspection)]
    return described(head, inspection.decisions, [_balance(inspection.balance), body], told)


def _balance(balance: Balance) -> list[str]:
    rows = [("", *PARTS), ("all", *(f"{balance.parts[part]:,}" for part in PARTS))]
    for name, counts in list(balance.labels.items())[:_MOST_SHOWN]:
        shares = (_share(count, balance.parts[part]) for count, part in zip(counts, PARTS, strict=True))
        rows.append((name, *(f"{count:,} ({share})" for count, share in zip(counts, shares, strict=True))))
    lines = aligned(rows)
    if len(balance.labels) > _MOST_SHOWN:
        lines.append(f"and {len(balance.labels) - _MOST_SHOWN:,} labels more")
    if balance.numbers is not None:
        numbers = (f"{number:g}" for number in balance.numbers)
        lines += ["", *aligned([("label", *_QUANTILE_NAMES), ("training", *numbers)])]
    return lines


def _texts(inspection: TextInspection) -> list[str]:
    return [
        *aligned([("tokens in a text", *_QUANTILE_NAMES), ("training", *(f"{n:,}" for n in inspection.lengths))]),
        f"A network reads {inspection.length:,} tokens of a text: {_percent(inspection.whole, 1)} of those in training "
        "are whole.",
        f"Its tokenizer has {inspection.size:,} ids, the texts {inspection.different_words:,} different words.",
        f"Of the tokens in training it does not know {inspection.unknown_in_training:.1%}, of those held out "
        f"{inspection.unknown_held_out:.1%}.",
    ]


def _series(inspection: SeriesInspection) -> list[str]:
    lengths = (f"{steps:,}" for steps in inspection.lengths)
    lacking = any(channel.missing for channel in inspection.channels)
    missing = ("missing",) if lacking else ()
    rows: list[tuple[str, ...]] = [("channel", "least", "mean", "deviation", "most", *missing)]
    for channel in inspection.channels[:_MOST_SHOWN]:
        numbers = (channel.least, channel.mean, channel.deviation, channel.most)
        rows.append((channel.name, *(f"{number:.4g}" for number in numbers), *([f"{channel.missing:,}"] * lacking)))
    lines = [*aligned([("time steps", *_QUANTILE_NAMES), ("training", *lengths)]), "", *aligned(rows)]
    if len(inspection.channels) > _MOST_SHOWN:
        lines.append(f"and {len(inspection.channels) - _MOST_SHOWN:,} channels more")
    return lines


def _on_labels(balance: Balance, what: str) -> Iterator[Remark]:
    weights = balance.weights
    if weights:
        learned = [f"{name} {_weight(weight)}" for name, weight in weights.items() if balance.labels[name][0]]
        shown = first_and_more(learned, _MOST_SHOWN)
        yield Remark(
            "labels are not equally frequent",
            f"kept as they are; --set training.class_weight=balanced trains a network in which each counts the same "
            f"(weights {shown})",
        )
    written = _alike(balance.labels, lambda name: " ".join(name.casefold().split()))
    equal = _alike(balance.labels, as_number)
    for what_they_do, pairs in (("differ only in capitals or spaces", written), ("are the same number", equal)):
        if pairs:
            yield Remark(
                f"labels that {what_they_do}: {first_and_more(pairs, _MOST_SHOWN)}",
                "kept as different labels; write them alike if they mean the same",
            )
    joined = [name for name in balance.labels if _holds_others(name, balance.labels)]
    if joined:
        yield Remark(
            f"labels made up of other labels: {first_and_more(joined, _MOST_SHOWN, '; ')}",
            "kept as labels of their own; if an example may have several labels, separate them by ; or |",
        )
    missing = [name for name in balance.labels if name.casefold() in _LIKE_MISSING]
    if missing:
        yield Remark(
            f"labels that look like missing ones: {', '.join(missing)}",
            "kept as labels; empty these cells if the rows have no label",
        )
    unseen = [name for name, counts in balance.labels.items() if not any(counts[:2])]
    if unseen:
        yield Remark(
            f"labels that only the test has: {first_and_more(unseen, _MOST_SHOWN)}",
            "cannot be learned, so they are never predicted",
        )
    rare = [name for name, counts in balance.labels.items() if sum(counts) < RARE and name not in unseen]
    for held_out, done in ((False, "all are in training"), (True, "too few to learn or to score reliably")):
        names = [name for name in rare if any(balance.labels[name][1:]) == held_out]
        if names:
            yield Remark(f"labels with fewer than {_count(RARE, what)}: {first_and_more(names, _MOST_SHOWN)}", done)


def _holds_others(name: str, names: Collection[str]) -> bool:
    parts = [part.strip() for part in re.split(r"[,/+&]", name)]
    return len(parts) > 1 and all(part in names for part in parts)


def _alike(names: Iterable[str], key: Callable[[str], Hashable]) -> list[str]:
    """Names that share a key other than None, joined by "and"."""
    alike: dict[Hashable, list[str]] = {}
    for name in names:
        alike.setdefault(key(name), []).append(name)
    return [" and ".join(several) for shared, several in alike.items() if shared is not None and len(several) > 1]


def _on_texts(inspection: TextInspection) -> Iterator[Remark]:
    for name, count in inspection.missing.items():
        done = "their rows are left out" if name in inspection.used else "that column is not read"
        if name in inspection.joined:
            done = "read as empty, unless all columns of the text are: these rows are left out"
        if name in inspection.side.numeric:
            done = "read as the mean of the training rows, and marked as missing"
        if name in inspection.side.categorical:
            done = "a category of its own"
        yield Remark(f"{_count(count, 'empty cell')} in column {name}", done)
    if inspection.blocks is not None and inspection.blocks.found:
        yield Remark(
            f"neighbouring rows share rare words {inspection.blocks.times:.0f} times as often as rows in random order: "
            "they probably belong together (one film, one author, one document)",
            "kept; a random split puts rows of one group on both sides, which makes scores too high. Name the column "
            "that identifies the groups (--group), or add one, such as a number for every 100 rows",
        )
    for one in inspection.names_in_texts:
        if one.own >= _TELLING and one.others <= 1 - _TELLING:
            own, others = _percent(one.own), _percent(one.others)
            where = f"{own} of the training texts with this label, and in {others} of the others"
            yield Remark(
                f"the word {one.label} is in {where}",
                "kept, but it gives the label away; if new texts will not contain it, remove it: scores are too high",
            )
    for column in inspection.telling_columns:
        yield Remark(
            _told_by(column),
            "kept; if it becomes known only after the label, leave it out: otherwise scores are too high",
        )
    if inspection.whole < 1:
        long = f"{_percent(1 - inspection.whole, 1)} of the training texts have more than {inspection.length:,} tokens"
        yield Remark(long, f"cut to {inspection.length:,} for a network; other models read whole texts")
    if inspection.unknown_held_out > _MUCH_UNKNOWN:
        yield Remark(
            f"{inspection.unknown_held_out:.0%} of the tokens outside training are unknown",
            "a network does not read them, except as BPE (--model network --tokenizer bpe)",
        )


def _told_by(column: TellingColumn) -> str:
    if math.isnan(column.right):
        return f"the numbers in column {column.name} have the same order as the labels, or the reverse"
    alone = "whether its cell is empty" if column.empty else "its value"
    share = f"{_percent(column.right)} of the training rows"
    return f"column {column.name} gives the label away: {alone} is enough to tell the label of {share}"


def _on_channels(inspection: SeriesInspection) -> Iterator[Remark]:
    steps, channels = inspection.lengths[-1], len(inspection.channels)
    if steps == inspection.lengths[0] and steps < channels:
        yield Remark(
            f"each series has {channels:,} channels and only {_count(steps, 'step')}",
            f"read as they are; if these are {_count(steps, 'channel')} of {channels:,} steps, as sktime and aeon "
            "arrange arrays, swap them: x.transpose(0, 2, 1)",
        )
    constant = [channel.name for channel in inspection.channels if channel.least == channel.most]
    if constant:
        yield Remark(
            f"channels with one number only: {', '.join(constant[:_MOST_SHOWN])}", "kept; they carry no information"
        )
    for channel in [one for one in inspection.channels if one.stand_in is not None][:_MOST_SHOWN]:
        assert channel.stand_in is not None
        yield Remark(channel.stand_in.in_words(f"channel {channel.name}"), _STAND_IN)
    tiny = [one.name for one in inspection.channels if 0 < one.deviation < _TINY]
    if tiny:
        yield Remark(
            f"channels with a standard deviation below {_TINY:g}: {', '.join(tiny[:_MOST_SHOWN])}",
            "kept, but some models may take them for constant; scale them up, for example from A to nA",
        )
    close = [one.name for one in inspection.channels if 0 < one.deviation < _DIGITS * abs(one.mean)]
    if close:
        yield Remark(
            f"channels that vary by less than a millionth of their mean: {', '.join(close[:_MOST_SHOWN])}",
            "read with seven digits, which may not be enough; subtract the mean of each channel first",
        )
    steady = [one.name for one in inspection.channels if one.steady]
    if steady and inspection.lengths[-1] > 1:
        yield Remark(
            f"channels that never change within a series: {', '.join(steady[:_MOST_SHOWN])}",
            "kept; leave out any that are not known for new series, such as another label",
        )
    yield from _on_columns(inspection.telling)


def _on_columns(telling: tuple[str, ...]) -> Iterator[Remark]:
    if telling:
        several = len(telling) > 1
        yield Remark(
            f"column{'s' * several} {', '.join(telling[:_MOST_SHOWN])}: each value has one label only",
            f"kept as {'steps' if several else 'a step'}; leave out any that only restates the label, as scores would "
            "be too high",
        )


def _on_duplicates(duplicates: Duplicates, balance: Balance, what: str) -> Iterator[Remark]:
    for part in PARTS:
        exact, near = duplicates.within[part], duplicates.near_within[part]
        if near or exact:
            yield Remark(_duplicated(exact, near, what, part, f"another {what} of {part}"), "kept")
        exact, near = duplicates.from_earlier[part], duplicates.near_from_earlier[part]
        if near or exact:
            share = max(exact, near) / balance.parts[part]
            they = "they" if max(exact, near) > 1 else "it"
            yield Remark(
                _duplicated(exact, near, what, part, f"a {what} of {EARLIER[part]}"),
                f"kept; {they} can flatter the scores of {part} by {share:.1%} at most",
            )
    if duplicates.contradictory:
        found = f"{_count(duplicates.contradictory, what)} with a duplicate that has another label"
        yield Remark(found, "kept; no model can be right on all")


def _duplicated(exact: int, near: int, what: str, part: Part, of: str) -> str:
    """Say how many examples of a part are duplicates of which others; near-duplicates include duplicates."""
    count, kind = (near, "near-duplicate") if near > exact else (exact, "duplicate")
    are = f"are {kind}s" if count != 1 else f"is a {kind}"
    of_them = f", {exact:,} of them word for word" if 0 < exact < near else ""
    return f"{_count(count, what)} of {part} {are} of {of}{of_them}"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1 and what != 'series')}"


def _share(count: int, total: int) -> str:
    return _percent(count / total) if total else "-"


def _percent(share: float, digits: int = 0) -> str:
    """A share in percent; 0% or 100% only if it is none or all."""
    least = 10.0**-digits
    if 0 < share < least / 200:
        return f"<{least:.{digits}f}%"
    if 1 - least / 200 <= share < 1:
        return f">{100 - least:.{digits}f}%"
    return f"{share:.{digits}%}"


def _weight(weight: float) -> str:
    return f"{weight:.2g}" if weight < 99.5 else f"{weight:,.0f}"
