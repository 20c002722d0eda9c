"""Tasks for small test examples."""

import numpy as np

from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.tasks import Binary, Multiclass

BINARY, CLASSES = Binary(("neg", "pos")), Multiclass(("a", "b", "c"))


def with_task(examples, task, truth=(0, 0, 0)):
    return ExamplesOfTest(examples.run, task, np.array(truth), examples.rows, examples.counted)
