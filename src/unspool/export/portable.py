"""A trained model as one portable file: see docs/portable.md."""

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import save as save_tensors

from unspool.errors import UserError
from unspool.export.answers import task_node
from unspool.export.golden import golden_node
from unspool.export.models import Described, describe
from unspool.export.packing import Arrays, pack
from unspool.export.written import check_out, written_aside
from unspool.files import read_bounded
from unspool.runs.folder import METRICS
from unspool.runs.golden import load_golden
from unspool.runs.golden_labels import load_golden_labels
from unspool.runs.model import TrainedModel, load_trained, reader_of

FORMAT, VERSION = "unspool model", 1
DESCRIPTION, WEIGHTS, GOLDEN = "model.json", "weights.safetensors", "golden.safetensors"
ENDING = ".unspool"
_ALIGNMENT = 64
_PADDING_FIELD = 0xD935  # of a zip archive's entry: bytes that mean nothing


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        out: the file.
        size: in bytes.
        sha256: of the file.
        count: golden examples.
        agree: how many of them the runtime answered as the trainer does.
        largest: difference of a number.
        computed: what computed in the runtime, in words.
    """

    out: Path
    size: int
    sha256: str
    count: int
    agree: int
    largest: float
    computed: str

    def __str__(self) -> str:
        """In words.

        Example:
            >>> print(Exported(Path("m.unspool"), 1_400_000, "", 32, 32, 2e-7, "native code (avx2)"))
            32 of 32 golden answers agree, largest difference 2e-07; 1.4 MB
        """
        return (
            f"{self.agree} of {self.count} golden answers agree, largest difference {self.largest:.1g}; "
            f"{self.size / 1e6:.1f} MB"
        )


def export_model(folder: Path, out: Path) -> Exported:
    """Write a trained model to one file, and read it back with `unspool-runtime` to compare all golden answers.

    Args:
        folder: that `run`, `train` or an estimator's `save` wrote.
        out: the file to write; one that is there is replaced, once the new one has passed.

    Raises:
        UserError: the folder holds no model that can be exported (says which part cannot), the file cannot be written,
            the runtime is not installed, or it answers otherwise: then no file is left.
    """
    runtime = _runtime()
    check_out("--out", out, ENDING, "a portable model")
    model = load_trained(folder)
    reader_of(model, folder)
    task = task_node(model.task, model.threshold)
    labels = load_golden_labels(folder)
    described = describe(model, load_golden(folder), labels.texts if labels else [])
    with written_aside("--out", out) as aside:
        _write(aside, _members_of(model, task, described, _record(folder)))
        check = runtime.Model.load(aside).check()
        if not check.passed:
            raise UserError(
                f"The runtime does not answer as this model does: {check}, and {check.tolerance:g} is allowed. No file "
                "was written. Please report this with the model's recipe."
            )
        with aside.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = aside.stat().st_size
        os.replace(aside, out)
    return Exported(out, size, digest, check.count, check.agree, check.largest, runtime.native.explain())


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


def _members_of(
    model: TrainedModel, task: dict[str, Any], described: Described, record: dict[str, Any]
) -> dict[str, bytes]:
    plain, weights = _packed({"task": task, "reader": described.reader, **described.parts})
    examples, answers = pack(golden_node(model, described.examples) | described.more(), "golden")
    members = {WEIGHTS: save_tensors(weights), GOLDEN: save_tensors(answers)}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"unspool {_version()}",
        "title": model.recipe.title,
        **plain,
        "golden": examples,
        "record": record,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
    }
    described_json = json.dumps(content, ensure_ascii=True, allow_nan=False, indent=1).encode()
    return {DESCRIPTION: described_json} | members


def _packed(tree: dict[str, Any]) -> tuple[dict[str, Any], Arrays]:
    plain: dict[str, Any] = {}
    arrays: Arrays = {}
    for name, value in tree.items():
        plain[name], held = pack(value, name)
        arrays |= held
    return plain, arrays


def _write(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip archive of members stored as they are, each at a multiple of 64 bytes; equal members, equal bytes."""
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
    """How good the model was on its test set: the scores and the verdict of its run, where there are some."""
    path = folder / METRICS
    if not path.is_file():
        return {}
    try:
        metrics = json.loads(read_bounded(path))
        found = {name: metrics[name] for name in ("recipe", "protocol", "test", "verdict") if name in metrics}
        json.dumps(found, allow_nan=False)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {error}. Train the model again.") from error
    return found


def _version() -> str:
    import unspool

    return str(unspool.__version__)
