"""The report and the model card of a finished run, written again from what its folder says."""

from pathlib import Path

import numpy as np

from unspool.errors import UserError
from unspool.files import DAMAGE, reason_of
from unspool.report.card import write_card
from unspool.report.page import write_report
from unspool.runs.records.record import read_result


def rewrite_report(folder: Path) -> Path:
    """Write the report of a run's folder and its model card again, and give the report's path.

    Raises:
        UserError: it is no such folder, or what it says cannot be shown: a measure that a figure needs is missing, say.
    """
    result = read_result(folder)
    try:
        with np.errstate(all="ignore"):
            write_card(result, folder)
            return write_report(result, folder)
    except DAMAGE as error:
        raise UserError(
            f"{folder} is damaged: no report can be made of what it says ({type(error).__name__}: {reason_of(error)}). "
            "Run the recipe again."
        ) from error
