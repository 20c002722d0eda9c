"""A model of unspool as an MLflow model, from this code: nothing is pickled.

mlflow.pyfunc.save_model("mlflow-reviews", python_model="mlflow_model.py", artifacts={"model": "reviews.unspool"})
mlflow.pyfunc.load_model("mlflow-reviews").predict(["a fine film"])
"""

from typing import Any

import mlflow
import pandas as pd

from unspool_runtime import Model


class UnspoolModel(mlflow.pyfunc.PythonModel):
    """Texts to a table of labels and of the probability of each: a list, or the column "text" of a table."""

    def load_context(self, context: Any) -> None:
        """Load the model."""
        self.model = Model.load(context.artifacts["model"])

    def predict(self, context, model_input, params=None):  # MLflow would check types that are written here
        """A row for each text."""
        texts = model_input["text"] if isinstance(model_input, pd.DataFrame) else model_input
        outputs = self.model.outputs(list(texts))
        found = pd.DataFrame({"label": self.model.decide(outputs)})
        found[[*self.model.labels]] = self.model.probabilities_of(outputs)
        return found


mlflow.models.set_model(UnspoolModel())
