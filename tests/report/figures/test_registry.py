"""Every figure is found by one name, and every task names figures that there are."""

import pytest

from unspool.report.figures import FIGURES
from unspool.tasks import TASKS, Reconstruction


def test_names_are_those_of_the_figures():
    assert all(name == drawing.name for name, drawing in FIGURES.items())


@pytest.mark.parametrize(
    "task",
    [*(one for one in TASKS.values() if one is not Reconstruction), Reconstruction(likelihood="gaussian")],
    ids=lambda task: task.name,
)
def test_a_task_names_figures_that_there_are(task):
    assert set(task.figures) <= set(FIGURES)
    assert len(set(task.figures)) == len(task.figures)


def test_every_figure_is_some_tasks():
    named = {name for task in TASKS.values() if task is not Reconstruction for name in task.figures}
    assert named | set(Reconstruction().figures) == set(FIGURES)
