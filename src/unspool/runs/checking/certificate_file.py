"""certificate.json: what was found of a model's consistency, beside the digests of the model's files."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from unspool.atomic_writes import write_json_aside
from unspool.evaluation.certificate import Certificate
from unspool.files import read_bounded
from unspool.runs.records.folder import CERTIFICATE


def write_certificate(certificate: Certificate, folder: Path) -> None:
    """Write certificate.json."""
    write_json_aside(folder / CERTIFICATE, asdict(certificate))


def read_certificate(folder: Path) -> Certificate | None:
    """Read certificate.json; None where there is none, or it is of other files than the model's.

    Raises:
        OSError, ValueError: it is damaged.
    """
    path = folder / CERTIFICATE
    if not path.is_file():
        return None
    certificate = TypeAdapter(Certificate).validate_json(read_bounded(path))
    if not certificate.models:
        return None
    for name, digest in certificate.models.items():
        if Path(name).name != name or not (folder / name).is_file() or digest_of_file(folder / name) != digest:
            return None
    return certificate


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
