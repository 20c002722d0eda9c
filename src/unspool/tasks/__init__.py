"""What can be predicted: one file a task, found through one registry."""

from unspool.tasks.base import Task
from unspool.tasks.binary import Binary
from unspool.tasks.captions import Captions
from unspool.tasks.forecasting import Forecasting
from unspool.tasks.multiclass import Multiclass
from unspool.tasks.multilabel import Multilabel
from unspool.tasks.pronunciation import Pronunciation
from unspool.tasks.reconstruction import Reconstruction
from unspool.tasks.registry import OF_PAIRS, TASKS, find_task, load_task, task_named, task_of
from unspool.tasks.regression import Regression
from unspool.tasks.summary import Summary
from unspool.tasks.super_resolution import SuperResolution
from unspool.tasks.tagging import Tagging
from unspool.tasks.translation import Translation

__all__ = [
    "OF_PAIRS",
    "TASKS",
    "Binary",
    "Captions",
    "Forecasting",
    "Multiclass",
    "Multilabel",
    "Pronunciation",
    "Reconstruction",
    "Regression",
    "Summary",
    "SuperResolution",
    "Tagging",
    "Task",
    "Translation",
    "find_task",
    "load_task",
    "task_named",
    "task_of",
]
