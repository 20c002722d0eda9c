"""The tasks that models of texts serve."""

from typing import Literal

Task = Literal["binary", "multiclass", "multilabel", "regression"]
