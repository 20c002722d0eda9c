"""An inspection in words, for the terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from unspool.data.inspection import QUANTILES, Inspection
from unspool.data.parts import RARE
from unspool.data.tables.split_names import PARTS

_MOST_LABELS = 20
_MUCH_UNKNOWN = 0.1


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know, and what will be done about it."""

    found: str
    done: str


def remarks(inspection: Inspection) -> list[Remark]:
    """Say what is out of the ordinary, and what will be done about each."""
    return [*_on_rows(inspection), *_on_labels(inspection), *_on_tokens(inspection), *_on_copies(inspection)]


def describe(inspection: Inspection) -> str:
    """Render an inspection as plain text of at most 100 columns or so."""
    blocks = [
        [f"{inspection.path}: {inspection.format}, {inspection.rows:,} rows that can be used"],
        [f"  {decision}" for decision in inspection.decisions],
        _labels(inspection),
        _texts(inspection),
        ["What is out of the ordinary, and what will be done about it:", *_rendered(remarks(inspection))],
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _labels(inspection: Inspection) -> list[str]:
    rows = [("rows", *PARTS), ("all", *(f"{inspection.parts[part]:,}" for part in PARTS))]
    for name, counts in list(inspection.labels.items())[:_MOST_LABELS]:
        shares = (_share(count, inspection.parts[part]) for count, part in zip(counts, PARTS, strict=True))
        rows.append((name, *(f"{count:,} ({share})" for count, share in zip(counts, shares, strict=True))))
    lines = _aligned(rows)
    if len(inspection.labels) > _MOST_LABELS:
        lines.append(f"and {len(inspection.labels) - _MOST_LABELS:,} labels more")
    if inspection.numbers is not None:
        lines += [
            "",
            *_aligned([("training numbers", *_QUANTILE_NAMES), ("", *(f"{n:g}" for n in inspection.numbers))]),
        ]
    return lines


def _texts(inspection: Inspection) -> list[str]:
    return [
        *_aligned([("tokens in a text", *_QUANTILE_NAMES), ("training", *(f"{n:,}" for n in inspection.lengths))]),
        f"A model reads {inspection.length:,} tokens of a text: {inspection.whole:.1%} of those in training are whole.",
        f"The tokenizer has {inspection.size:,} ids, the texts {inspection.different_words:,} different words.",
        f"Of the tokens in training it does not know {inspection.unknown_in_training:.1%}, of those held out "
        f"{inspection.unknown_held_out:.1%}.",
    ]


def _on_rows(inspection: Inspection) -> Iterator[Remark]:
    for reason, count in inspection.left_out.items():
        yield Remark(f"{_rows(count)} with {reason}", "left out")
    for name, count in inspection.missing.items():
        done = "their rows are left out" if name in inspection.used else "that column is not read"
        yield Remark(f"{count:,} empty cell{'s' * (count > 1)} in column {name}", done)


def _on_labels(inspection: Inspection) -> Iterator[Remark]:
    weights = inspection.weights
    if weights:
        shown = ", ".join(f"{name} {weight:.2g}" for name, weight in list(weights.items())[:_MOST_LABELS])
        yield Remark("labels are not equally frequent", f"weighted in training, so that each counts the same: {shown}")
    rare = [name for name, counts in inspection.labels.items() if sum(counts) < RARE]
    if rare:
        shown = ", ".join(rare[:_MOST_LABELS])
        yield Remark(f"labels with fewer than {RARE} rows: {shown}", "kept in training where parts are drawn")


def _on_tokens(inspection: Inspection) -> Iterator[Remark]:
    if inspection.whole < 1:
        yield Remark(
            f"{1 - inspection.whole:.1%} of the training texts have more than {inspection.length:,} tokens",
            f"cut to {inspection.length:,}",
        )
    if inspection.unknown_held_out > _MUCH_UNKNOWN:
        yield Remark(
            f"{inspection.unknown_held_out:.0%} of the tokens outside training are unknown",
            "read as <unknown>; byte-level BPE would know them (--tokenizer bpe)",
        )


def _on_copies(inspection: Inspection) -> Iterator[Remark]:
    copies = inspection.copies
    for part in PARTS:
        exact, near = copies.within[part], copies.near_within[part]
        if near or exact:
            yield Remark(f"{_rows(exact)} of {part} with a copy there, {near:,} with a near-copy", "kept")
        exact, near = copies.from_training[part], copies.near_from_training[part]
        if near or exact:
            share = max(exact, near) / inspection.parts[part]
            yield Remark(
                f"{_rows(exact)} of {part} with a copy in training, {near:,} with a near-copy",
                f"kept; they can flatter the scores of {part} by {share:.1%} at most",
            )
    if copies.contradictory:
        yield Remark(
            f"{_rows(copies.contradictory)} with a copy that has another label", "kept; no model can be right on all"
        )


def _rendered(found: Iterable[Remark]) -> list[str]:
    return [f"  {remark.found}: {remark.done}" for remark in found] or ["  nothing"]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _share(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "-"


_QUANTILE_NAMES = tuple({0.0: "least", 0.5: "median", 1.0: "most"}.get(q, f"{q:.0%}") for q in QUANTILES)
