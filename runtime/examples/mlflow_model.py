"""An unspool model as an MLflow model, made from this code: nothing is pickled.

mlflow.pyfunc.save_model("mlflow-reviews", python_model="mlflow_model.py", artifacts={"model": "reviews.unspool"})
mlflow.pyfunc.load_model("mlflow-reviews").predict(["a fine film"])
"""

from typing import Any

import mlflow
import pandas as pd

from unspool_runtime import Model


class UnspoolModel(mlflow.pyfunc.PythonModel):
    """Turns a list of texts, or the column "text" of a table, into a table of labels and probabilities."""

    def load_context(self, context: Any) -> None:
        """Load the model."""
        self.model = Model.load(context.artifacts["model"])

    def predict(self, context, model_input, params=None):  # no type hints: MLflow would check inputs against them
        """One row for each text."""
        texts = model_input["text"] if isinstance(model_input, pd.DataFrame) else model_input
        outputs = self.model.outputs(list(texts))
        found = pd.DataFrame({"label": self.model.decide(outputs)})
        found[[*self.model.labels]] = self.model.probabilities_of(outputs)
        return found


mlflow.models.set_model(UnspoolModel())
