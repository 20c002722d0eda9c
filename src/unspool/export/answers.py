"""A task as a part of a portable model: labels, and the rule that chooses among them."""

from typing import Any

from unspool.errors import UserError
from unspool.tasks import Task


def task_node(task: Task, threshold: float | None) -> dict[str, Any]:
    """Describe a task.

    Raises:
        UserError: models of this task cannot be exported.
    """
    settings = task.portable(threshold)
    if settings is None:
        raise UserError(f"A model for the task {task.name} cannot be exported yet. Its folder still serves `unspool`.")
    return {"kind": task.name, "labels": list(task.names)} | settings
