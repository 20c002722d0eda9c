"""`unspool check`: the certificate of a model's folder, kept in it and shown in its report."""

import errno
from pathlib import Path

from unspool.errors import UserError
from unspool.evaluation.certificate import Certificate
from unspool.runs.checking.certificate import certificate_of
from unspool.runs.checking.certificate_file import write_certificate
from unspool.runs.model import certified_files, read_trained
from unspool.runs.records.folder import is_run
from unspool.runs.rewriting import rewrite_report

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


def check(folder: Path) -> Certificate:
    """Check that a model's predictions are consistent; write certificate.json, and its report again.

    What is checked of the file alone, that it gives again what was trained, is checked best in a process that has not
    trained the model.

    Returns:
        What was found, whether it passes or not.

    Raises:
        UserError: it is no such folder, it has no golden inputs, a file in it is damaged, or it cannot be written.
    """
    certificate, unwritten = check_anywhere(folder)
    if unwritten is not None:
        raise unwritten
    return certificate


def check_anywhere(folder: Path) -> tuple[Certificate, UserError | None]:
    """The same where the folder may be read-only, as models in containers often are.

    Returns:
        What was found; and why nothing was written, or None.

    Raises:
        UserError: as of `check`, but for read-only folders.
    """
    read_trained(folder)
    certificate = certificate_of(folder, certified_files(folder), lambda: read_trained(folder))
    try:
        write_certificate(certificate, folder)
    except UserError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno not in _READ_ONLY:
            raise
        return certificate, error
    if is_run(folder):
        rewrite_report(folder)
    return certificate, None
