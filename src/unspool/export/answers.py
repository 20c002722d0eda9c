"""A task as a part of a portable model: labels, and the rule that chooses among them."""

from typing import Any

from unspool.errors import UserError
from unspool.export.translation import translation_node
from unspool.tasks import Reconstruction, Task, Translation

HALF = 0.5
_KINDS = ("binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging")


def task_node(task: Task, threshold: float | None) -> dict[str, Any]:
    """Describe a task.

    Raises:
        UserError: models of this task cannot be exported.
    """
    if isinstance(task, Translation):
        return translation_node(task)
    if task.name not in _KINDS:
        raise UserError(f"A model for the task {task.name} cannot be exported yet. Its folder still serves `unspool`.")
    node: dict[str, Any] = {"kind": task.name, "labels": list(task.names)}
    if task.name in ("binary", "multilabel"):
        node["threshold"] = HALF if threshold is None else threshold
    if task.name == "regression":
        node |= {"mean": task.mean, "scale": task.scale}  # type: ignore[attr-defined]
    if isinstance(task, Reconstruction):
        node["likelihood"] = task.likelihood
    return node
