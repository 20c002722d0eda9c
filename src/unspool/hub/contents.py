"""Which files of a run's folder are on a hub, and which of these are taken from there."""

import re
from pathlib import Path

from unspool.files import MOST_BYTES, MOST_OF_ARRAYS
from unspool.report.card import CARD
from unspool.runs.checking.golden_labels import FILE as GOLDEN_LABELS
from unspool.runs.latent_space import LATENT_SPACE
from unspool.runs.model import MODEL_FILES
from unspool.runs.model_parts import INSPECTION
from unspool.runs.records import folder as run_folder
from unspool.runs.records.seen import SEEN
from unspool.runs.records.training_log import LOG

RECORDED = frozenset(
    {
        *MODEL_FILES,
        run_folder.METRICS,
        run_folder.HISTORY,
        run_folder.HISTORY_OF_BOTH_DIRECTIONS,
        run_folder.ENVIRONMENT,
        run_folder.PREDICTIONS,
        run_folder.DIGESTS,
        run_folder.GOLDEN,
        run_folder.CERTIFICATE,
        GOLDEN_LABELS,
        LATENT_SPACE,
        INSPECTION,
        SEEN,
        LOG,
    }
)
"""What is taken from a hub: the model, and what is recorded of it. Pages are made of that here."""

SHOWN = frozenset({run_folder.REPORT, CARD})
_FIGURE = re.compile(r"figures/[a-z0-9-]+\.(svg|png)")
_OF_ARRAYS = (".npz", ".keras", ".safetensors")


def files_to_send(folder: Path) -> list[str]:
    """The names of a run's own files in its folder, sorted; whatever else lies there stays."""
    names = [path.relative_to(folder).as_posix() for path in (*folder.glob("*"), *folder.glob("figures/*"))]
    return sorted(name for name in names if name in RECORDED or name in SHOWN or _FIGURE.fullmatch(name))


def most_bytes(name: str) -> int:
    """How large a recorded file may be."""
    return MOST_OF_ARRAYS if name.endswith(_OF_ARRAYS) else MOST_BYTES
