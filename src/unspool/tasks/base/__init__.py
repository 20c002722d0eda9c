"""The base class of tasks: everything that depends on what is predicted, saved with the model.

What a task must or may define is in four files, by subject: `labels`, `network`, `decisions` and `evaluation`; `task`
combines them. To add a task, write a file beside this folder, enter it in `registry`, and add its tests and its page of
the docs.
"""

from unspool.tasks.base.decisions import TaskDecisions
from unspool.tasks.base.evaluation import TaskEvaluation
from unspool.tasks.base.labels import ShownLabels, TaskLabels
from unspool.tasks.base.network import PREDICTION_BATCH, Outputs, Part, TaskNetwork
from unspool.tasks.base.task import FILE, WHAT, Task

__all__ = [
    "FILE",
    "PREDICTION_BATCH",
    "WHAT",
    "Outputs",
    "Part",
    "ShownLabels",
    "Task",
    "TaskDecisions",
    "TaskEvaluation",
    "TaskLabels",
    "TaskNetwork",
]
