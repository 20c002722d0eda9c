"""`unspool check`: the certificate of a model's folder, kept in it and shown in its report."""

from pathlib import Path

from unspool.evaluation.certificate import Certificate
from unspool.runs.checking.certificate import certificate_of
from unspool.runs.checking.certificate_file import write_certificate
from unspool.runs.model import certified_files, read_trained
from unspool.runs.records.folder import is_run
from unspool.runs.rewriting import rewrite_report


def check(folder: Path) -> Certificate:
    """Check that a model's predictions are consistent; write certificate.json, and its report again.

    What is checked of the file alone, that it gives again what was trained, is checked best in a process that has not
    trained the model.

    Returns:
        What was found, whether it passes or not.

    Raises:
        UserError: it is no such folder, it has no golden inputs, or a file in it is damaged.
    """
    read_trained(folder)
    certificate = certificate_of(folder, certified_files(folder), lambda: read_trained(folder))
    write_certificate(certificate, folder)
    if is_run(folder):
        rewrite_report(folder)
    return certificate
