from dataclasses import replace

import keras
import numpy as np
import pytest

from unspool.data.tokenizers.vocabulary import UNKNOWN, Vocabulary
from unspool.descriptions.networks import Seq2Vec
from unspool.readers import VocabularyReader
from unspool.runs.integrated_gradients import IntegratedGradients
from unspool.runs.model import TrainedModel
from unspool.runs.recipes.file import load_recipe
from unspool.tasks import Binary, Multiclass, Regression

WORDS = [f"w{number}" for number in range(30)]
TEXTS = [" ".join(WORDS[start : start + 5]) for start in range(0, 24, 4)]
IN_ROWS = VocabularyReader(Vocabulary(tuple(WORDS)), 40, 0, length=20)
TASKS = [Binary(("no", "yes")), Multiclass(("a", "b", "c")), Regression(mean=3.0, scale=0.5)]


def model_of(task, reader, **settings):
    """An untrained network, whose outputs differ from text to text."""
    config = Seq2Vec(cell="rnn", units=6, embedding=8, outputs=task.outputs, **settings)
    keras.utils.set_random_seed(5)
    network = task.build(config, reader.inputs)
    embedding = network.get_layer("embedding")
    embedding.set_weights([20 * embedding.get_weights()[0]])
    return TrainedModel(replace(load_recipe("sentences-rnn"), model=config), reader, task, None, network)


@pytest.mark.parametrize("mask_padding", [True, False])
def test_the_weights_add_up_to_the_models_own_score(mask_padding):
    model = model_of(TASKS[0], IN_ROWS, mask_padding=mask_padding)
    inputs = IN_ROWS.read(TEXTS)
    outputs = model.outputs(inputs)
    unknown = model.outputs(np.where(inputs > UNKNOWN, UNKNOWN, inputs))
    explanations = IntegratedGradients(model, IN_ROWS).explain(inputs, outputs)
    for found, output, base in zip(explanations, outputs, unknown, strict=True):
        sign = 1 if output >= 0.5 else -1
        wanted = sign * (np.log(output / (1 - output)) - np.log(base / (1 - base)))
        assert abs(wanted) > 0.05
        assert sum(found.weights) == pytest.approx(wanted, abs=2e-3)
        assert found.error < 2e-3
        assert found.tokens[0] == "<start>"
        assert len(found.tokens) == len(found.weights) == 6


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("mask_padding", [True, False])
def test_the_error_is_against_the_output_that_is_explained(task, mask_padding):
    model = model_of(task, IN_ROWS, mask_padding=mask_padding)
    inputs = IN_ROWS.read(TEXTS)
    outputs = model.outputs(inputs)
    explain = IntegratedGradients(model, IN_ROWS).explain
    assert max(found.error for found in explain(inputs, outputs)) < 2e-3
    # As if the copy of the network that is explained answered otherwise than the model.
    moved = outputs * {"binary": 0.5, "multiclass": [0.5, 1.0, 1.5], "regression": 1.1}[task.name]
    assert min(found.error for found in explain(inputs, moved)) > 0.02


def test_a_saturated_probability_does_not_count_as_an_error():
    model = model_of(TASKS[0], IN_ROWS, mask_padding=False)
    head = model.network.get_layer("head")
    head.set_weights([head.get_weights()[0], head.get_weights()[1] + 40])
    inputs = IN_ROWS.read(TEXTS)
    outputs = model.outputs(inputs)
    assert set(outputs) == {1.0}
    assert max(found.error for found in IntegratedGradients(model, IN_ROWS).explain(inputs, outputs)) < 2e-3
