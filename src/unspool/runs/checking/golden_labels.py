"""The whole way from a raw example to its label: what golden examples were called where the model was trained.

Golden inputs and answers (see `golden`) speak of the network alone. A tokenizer whose words changed places, a reader or
labels in another order would leave them as they are, and every prediction wrong.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from unspool.atomic_writes import write_aside
from unspool.errors import UserError
from unspool.evaluation.certificate import Check, not_applicable
from unspool.files import DAMAGE, read_bounded, reason_of
from unspool.readers import reads_texts
from unspool.runs.checking.certificate_file import digest_of_file
from unspool.runs.checking.golden import Golden, positions_of
from unspool.runs.records.seen import SEEN

FILE = "golden.json"
ROUNDING_SHARE = 0.01
"""Of labels that may differ on another machine or with other versions: probabilities that lie at a border."""

_CLOSE = 1e-4
"""By how much two numbers may differ that are computed in another order, relative to the larger."""

_LABELS, _FILES = "labels", "files"
_WHOLE_WAY = "the whole path from each raw example to its label, run again"
_OTHER_FILES = "the folder's files, compared with those that training wrote"
_EARLIER = "the model is from an earlier version, which saved nothing to compare with"


@dataclass(frozen=True)
class GoldenLabels:
    """The labels of N golden examples, and the files that they were read with.

    Attributes:
        texts: N raw texts, or none where the model reads no texts, or cells beside them: then its golden inputs are
            what it begins with.
        labels: N labels, as JSON has them.
        files: the SHA-256 of each file that stands between a raw example and its label, and of the file with the
            fingerprints of training examples, by name.
        places: of a model that forecasts, the series of each of the N examples and the time of the first step that is
            forecast, as a table has them; none where an earlier version wrote none.
    """

    texts: list[str] = field(repr=False)
    labels: list[Any] = field(repr=False)
    files: dict[str, str]
    places: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def save(self, folder: Path) -> None:
        """Write golden.json."""
        write_aside(folder / FILE, json.dumps(asdict(self), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def golden_texts(inputs: Any, raw: Callable[[], Iterable[Any]]) -> list[str]:
    """The raw texts of those inputs that `golden_of` chooses; none where they are not known, or are not texts alone.

    Args:
        inputs: the N inputs that it chooses from.
        raw: gives the N examples as they were before the reader.
    """
    chosen = {position: place for place, position in enumerate(positions_of(inputs).tolist())}
    found = {chosen[number]: one for number, one in enumerate(raw()) if number in chosen and type(one) is str}
    return [found[place] for place in range(len(chosen))] if len(found) == len(chosen) else []


def golden_labels(
    model: Any,
    golden: Golden,
    texts: list[str],
    folder: Path,
    files: Iterable[str],
    places: Sequence[tuple[str, str]] = (),
) -> GoldenLabels:
    """Note the labels of a model's golden examples.

    Args:
        model: a `TrainedModel`.
        golden: its golden inputs.
        texts: see `GoldenLabels`.
        folder: that the model has been saved to.
        files: the names of the files in it whose digests are kept.
        places: see `GoldenLabels`.
    """
    digests = {name: digest_of_file(folder / name) for name in sorted(files)}
    return GoldenLabels(texts, _labels(model, golden, texts), digests, list(places))


def load_golden_labels(folder: Path) -> GoldenLabels | None:
    """Read golden.json; None where an earlier version wrote none.

    Raises:
        UserError: it is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return TypeAdapter(GoldenLabels).validate_python(json.loads(read_bounded(path)))
    except DAMAGE as error:
        raise UserError(
            f"{path} is damaged: {reason_of(error)}. Train the model again, or get another copy."
        ) from error


def refuse_changed(folder: Path, besides: Collection[str] = ()) -> None:
    """Make sure that the files of a model's folder are those that training wrote.

    After most changes to a JSON file, a model can still be loaded: one with another threshold, other words, or labels
    in another order. Missing files pass, since whatever reads them names them; so do folders of earlier versions,
    which have no digests.

    Args:
        folder: of the model.
        besides: the names of files that may have changed.

    Raises:
        UserError: a file has changed, or cannot be read; names it.
    """
    kept = load_golden_labels(folder)
    for name, digest in kept.files.items() if kept else ():
        try:
            there = name not in besides and _is_there(folder, name)
            changed = there and not _is_as_written(folder, name, digest)
        except OSError as error:
            raise UserError(f"{folder / name} cannot be read: {error.strerror}.") from error
        if changed:
            without = (
                f"Remove {SEEN} to go without: examples that the model was trained on are then not recognised."
                if name == SEEN
                else f"If you changed the file on purpose, remove {FILE}; `unspool check` then refuses the model."
            )
            raise UserError(
                f"{folder / name} is not as training wrote it: {FILE} holds another SHA-256 for it. Get another copy "
                f"of the folder, or train the model again. {without}"
            )


def label_checks(
    model: Any, golden: Golden, folder: Path, certified: Collection[str], elsewhere: bool
) -> tuple[Check, Check]:
    """Compare a folder's files, and the labels of its golden examples, with those of training.

    Args:
        model: a `TrainedModel` that was read from the folder.
        golden: its golden inputs.
        folder: of the model.
        certified: the names of the files in it that stand between a raw example and its label.
        elsewhere: whether versions or machine have changed since, on which its last bits may depend.
    """
    kept = load_golden_labels(folder)
    if kept is None and golden.labelled:
        missing = f"{FILE}, which training wrote, is missing: get another copy of the folder, or train the model again"
        return _refused(_FILES, _OTHER_FILES, missing), _refused(_LABELS, _WHOLE_WAY, missing)
    if kept is None:
        return not_applicable(_FILES, _OTHER_FILES, _EARLIER), not_applicable(_LABELS, _WHOLE_WAY, _EARLIER)
    return _files_check(kept, folder, certified), _labels_check(kept, _labels(model, golden, kept.texts), elsewhere)


def _files_check(kept: GoldenLabels, folder: Path, certified: Collection[str]) -> Check:
    expected = {*kept.files, *certified} - ({SEEN} if not _is_there(folder, SEEN) else set())  # one can go without
    others = [name for name in sorted(expected) if not _is_as_written(folder, name, kept.files.get(name))]
    reason = f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} not as training wrote it" if others else ""
    return Check(_FILES, _OTHER_FILES, 0.0, None, not others, reason)


def _refused(name: str, changed: str, reason: str) -> Check:
    return Check(name, changed, 0.0, None, False, reason)


def _labels_check(kept: GoldenLabels, now: list[Any], elsewhere: bool) -> Check:
    bound = ROUNDING_SHARE if elsewhere else 0.0
    before, after = list(_leaves(kept.labels)), list(_leaves(now))
    if len(before) != len(after):
        return Check(_LABELS, _WHOLE_WAY, bound, None, False, f"there are {len(after)} labels, not {len(before)}")
    other = [(one, two) for one, two in zip(before, after, strict=True) if not _same(one, two)]
    share = len(other) / max(1, len(before))
    reason = f"{len(other)} of {len(before)} labels, such as {other[0][0]!r}, now {other[0][1]!r}" if other else ""
    return Check(_LABELS, _WHOLE_WAY, bound, None, share <= bound, reason)


def _labels(model: Any, golden: Golden, texts: list[str]) -> list[Any]:
    """Decided as `predict` does, in plain values."""
    of_texts = bool(texts) and model.reader is not None and reads_texts(model.reader)
    inputs = model.reader.read(texts) if of_texts else golden.inputs
    found: list[Any] = json.loads(json.dumps(model.decide(model.outputs(inputs))[0]))
    return found


def _leaves(labels: Any) -> Iterable[Any]:
    if not isinstance(labels, list):
        yield labels
        return
    yield len(labels)  # so that no label goes over to the next example
    for one in labels:
        yield from _leaves(one)


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return bool(np.isclose(one, two, rtol=_CLOSE, atol=_CLOSE, equal_nan=False))
    return bool(one == two)


def _is_there(folder: Path, name: str) -> bool:
    return Path(name).name == name and (folder / name).is_file()


def _is_as_written(folder: Path, name: str, digest: str | None) -> bool:
    """Whether a file has a SHA-256; Git on Windows may have changed its line ends, which say nothing in these files."""
    if digest is None or not _is_there(folder, name):
        return False
    path = folder / name
    if digest_of_file(path) == digest:
        return True
    return (
        path.suffix in (".json", ".toml")
        and hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() == digest
    )
