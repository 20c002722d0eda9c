"""A trained model as one portable file: see docs/portable.md."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from safetensors.numpy import save as save_tensors

from unspool.errors import UserError
from unspool.export.comparison import Reduction, compared, held_examples
from unspool.export.golden import answered_again, golden_node
from unspool.export.models import describe, task_node
from unspool.export.packing import Arrays, pack
from unspool.export.pruning import numbers_of, pruned, share_within
from unspool.export.rounding import Weights
from unspool.export.tables import table_node
from unspool.export.written import check_out, size_in_words, take_place, written_aside
from unspool.files import read_bounded, reason_of
from unspool.runs.checking.golden_labels import load_golden_labels
from unspool.runs.model import load_trained, reader_of
from unspool.runs.records.folder import METRICS, given_folder
from unspool.strict_json import as_lossless_json

FORMAT, VERSION, VERSION_ROUNDED, VERSION_TRANSFORMED, VERSION_FLATTENED = "unspool model", 1, 2, 3, 4
"""A file has the lowest version that can hold its model, so that earlier runtimes can read it if possible."""
DESCRIPTION, WEIGHTS, GOLDEN = "model.json", "weights.safetensors", "golden.safetensors"
ENDING = ".unspool"
_ALIGNMENT = 64
_ROOM = 4096
"""Bytes of a file besides its members, and for the description of how it was reduced."""
_PADDING_FIELD = 0xD935  # of a zip archive's entry: bytes that mean nothing


@dataclass(frozen=True)
class Exported:
    """The outcome of an export.

    Attributes:
        out: the file.
        size: in bytes.
        sha256: of the file.
        count: the number of golden examples.
        agree: for how many of them runtime and trainer agree, with the unreduced model.
        largest: the largest difference of an output.
        computed: the code that computed in the runtime, in words.
        reduction: how answers changed by making the model smaller; None if it was not.
    """

    out: Path
    size: int
    sha256: str
    count: int
    agree: int
    largest: float
    computed: str
    reduction: Reduction | None = None

    def __str__(self) -> str:
        """In words.

        Example:
            >>> print(Exported(Path("m.unspool"), 1_400_000, "", 32, 32, 2e-7, "native code (avx2)"))
            32 of 32 golden answers agree, largest difference 2e-07; 1.4 MB
        """
        whole = " of the whole model" if self.reduction else ""
        agree = f"{self.agree} of {self.count} golden answers{whole} agree, largest difference {self.largest:.1g}"
        size = size_in_words(self.size)
        return f"{agree}\n{self.reduction}\n{size}" if self.reduction else f"{agree}; {size}"


@dataclass(frozen=True, eq=False)
class _Contents:
    """The contents of a file.

    Attributes:
        title: of the model, for people.
        tree: the parts of the description that compute, with arrays in them.
        examples: raw golden examples.
        golden: the same with their answers, as nodes.
        beside: the rest of the description.
    """

    title: str
    tree: dict[str, Any]
    examples: list[Any]
    golden: dict[str, Any]
    beside: dict[str, Any]


def whole_size(members: dict[str, bytes]) -> int:
    """The bytes of a file's members, which are nearly those of the file."""
    return sum(map(len, members.values()))


@dataclass(frozen=True)
class Smaller:
    """How to make a model smaller.

    Attributes:
        weights: the type of large matrices.
        most: the most bytes, or None for no limit.
        size_of: returns the bytes of what is made of the file's members.
    """

    weights: Weights = "float32"
    most: int | None = None
    size_of: Callable[[dict[str, bytes]], int] = whole_size

    @property
    def changes(self) -> bool:
        """Whether the model may become smaller."""
        return self.weights != "float32" or self.most is not None


def export_model(folder: str | PathLike[str], out: str | PathLike[str], smaller: Smaller = Smaller()) -> Exported:
    """Write a trained model to one file, and check with `unspool-runtime` that it gives all golden answers.

    Args:
        folder: written by `run`, `train` or an estimator's `save`.
        out: the file to write; an existing one is replaced once the new one has passed the check.
        smaller: how to make the model smaller. By how much this changes answers is measured on the golden examples, and
            on the run's test examples if its data is available.

    Raises:
        UserError: the folder has no model, or a part of it cannot be exported, the file cannot be written, the runtime
            is not installed, or the check fails; then no file is left.
    """
    runtime = _runtime()
    folder = given_folder(folder)
    out = check_out("--out", out, ENDING, "a portable model", folder)
    model = load_trained(folder)
    reader_of(model, folder)
    task = task_node(model)
    labels = load_golden_labels(folder)
    described = describe(model, folder, labels.texts if labels else [])
    tree = {"task": task, "reader": described.reader | table_node(model.recipe.data), **described.parts}
    golden = golden_node(model, described.examples) | described.more()
    if labels and len(labels.places) == len(golden["labels"]):
        golden["places"] = labels.places
    contents = _Contents(model.recipe.title, tree, described.examples.items, golden, {"record": _record(folder)})
    with ExitStack() as stack:
        aside, *others = (stack.enter_context(written_aside(out)) for _ in range(3 if smaller.changes else 1))
        check = _written(runtime, contents, others[0] if smaller.changes else aside)
        reduction = None
        if smaller.changes:
            reduction = _reduce(runtime, contents, (*others, aside), smaller, partial(held_examples, model, folder))
        with aside.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = aside.stat().st_size
        take_place(aside, out)
    return Exported(out, size, digest, check.count, check.agree, check.largest, runtime.native.explain(), reduction)


def _written(runtime: Any, contents: _Contents, path: Path, weights: Weights = "float32") -> Any:
    """Write a file, check its golden examples with the runtime, and return the result.

    Raises:
        UserError: the check fails.
    """
    _write(path, _members_of(contents, weights))
    try:
        check = runtime.Model.load(path).check()
    except (runtime.ModelError, runtime.InputError) as error:
        raise UserError(f"The runtime cannot read this model: {error} No file was written.") from error
    if not check.passed:
        raise UserError(
            f"The runtime does not answer as this model does: {check}, and {check.tolerance:g} is allowed. No file "
            "was written. Please report this with the model's recipe."
        )
    return check


def _reduce(
    runtime: Any, whole: _Contents, paths: tuple[Path, ...], smaller: Smaller, held: Callable[[], list[Any]]
) -> Reduction:
    """Write a smaller model, and compare its answers with those of the whole one.

    Its golden answers are replaced by its own, so that `check` compares machines, not models.

    Args:
        runtime: the package `unspool_runtime`.
        whole: the contents of the whole model's file.
        paths: of the whole model's file, which exists, of a draft of the smaller one, and of the smaller one.
        smaller: how to make it smaller.
        held: returns raw test examples.
    """
    before, draft, after = paths
    contents, kept = _pruned(whole, smaller)
    _write(draft, _members_of(contents, smaller.weights))
    plain, fewer = runtime.Model.load(before), runtime.Model.load(draft)
    found = compared(plain, fewer, contents.examples, held)
    reduction = Reduction(smaller.weights, kept, before.stat().st_size, **found)
    own = answered_again(contents.golden, fewer, contents.examples)
    told = replace(contents, golden=own, beside=contents.beside | {"reduced": reduction.described()})
    _written(runtime, told, after, smaller.weights)
    return reduction


def _pruned(whole: _Contents, smaller: Smaller) -> tuple[_Contents, float]:
    """The contents after pruning to the size limit, and the share of weights that are left."""
    if smaller.most is None:
        return whole, 1.0

    def at(share: float) -> _Contents:
        return replace(whole, tree=whole.tree | {"model": pruned(whole.tree["model"], share)})

    def size_of(share: float) -> int:
        return smaller.size_of(_members_of(at(share), smaller.weights)) + _ROOM

    raw = whole_size(_members_of(whole, smaller.weights))
    share = share_within(smaller.most, size_of, min(4 * smaller.most / raw, 1.0))
    found = at(share)
    return found, numbers_of(found.tree) / max(numbers_of(whole.tree), 1)


def _runtime() -> Any:
    try:
        import unspool_runtime
        import unspool_runtime.native
    except ImportError as error:
        raise UserError(
            "unspool-runtime, which checks what is exported, is not installed. Install it: pip install unspool-runtime "
            "(in a checkout: pip install ./runtime)."
        ) from error
    return unspool_runtime


def _members_of(contents: _Contents, weights: Weights) -> dict[str, bytes]:
    plain, held = _packed(contents.tree, weights)
    examples, answers = pack(contents.golden, "golden")
    members = {WEIGHTS: save_tensors(held), GOLDEN: save_tensors(answers)}
    content = {
        "format": FORMAT,
        "version": _version_of(contents.tree, weights),
        "made_by": f"unspool {_version()}",
        "title": contents.title,
        **plain,
        "golden": examples,
        **contents.beside,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
    }
    described_json = json.dumps(content, ensure_ascii=True, allow_nan=False, indent=1).encode()
    return {DESCRIPTION: described_json} | members


def _version_of(tree: dict[str, Any], weights: Weights) -> int:
    network = tree.get("model", {})
    layers = (
        network.get("encoder", network).get("layers", ()) if network.get("kind") in ("network", "autoencoder") else ()
    )
    if any(layer["kind"] == "flatten" for layer in layers):
        return VERSION_FLATTENED
    if "transformation" in tree["task"]:
        return VERSION_TRANSFORMED
    return VERSION if weights == "float32" else VERSION_ROUNDED


def _packed(tree: dict[str, Any], weights: Weights) -> tuple[dict[str, Any], Arrays]:
    plain: dict[str, Any] = {}
    arrays: Arrays = {}
    for name, value in tree.items():
        plain[name], held = pack(value, name, weights)
        arrays |= held
    return plain, arrays


def _write(path: Path, members: dict[str, bytes]) -> None:
    """Write an uncompressed zip archive, reproducibly, with each member aligned to 64 bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        assert archive.fp is not None
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            bare = archive.fp.tell() + 30 + len(name) + 4
            entry.extra = _PADDING_FIELD.to_bytes(2, "little") + _padding(-bare % _ALIGNMENT)
            archive.writestr(entry, data)


def _padding(size: int) -> bytes:
    return size.to_bytes(2, "little") + bytes(size)


def _record(folder: Path) -> dict[str, Any]:
    """The test scores and the verdict of the model's run; empty if there are none."""
    path = folder / METRICS
    if not path.is_file():
        return {}
    try:
        metrics = json.loads(read_bounded(path))
        if not isinstance(metrics, dict):
            raise ValueError("it is not a JSON object")
        found = {name: metrics[name] for name in ("recipe", "protocol", "test", "verdict") if name in metrics}
        return dict(json.loads(as_lossless_json(found)))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {reason_of(error)}. Train the model again.") from error


def _version() -> str:
    import unspool

    return str(unspool.__version__)
