import numpy as np

from unspool.models import Steps, Tagger, Tokens, tagger
from unspool.training import predict


def test_padding_changes_no_answer():
    network = tagger(Tagger(units=4, embedding=3, outputs=3), Tokens(size=9))
    ids = np.array([[0, 0, 5, 6, 7]], dtype=np.int32)
    bare, padded = predict(network, ids[:, 2:]), predict(network, ids)
    np.testing.assert_allclose(padded[:, 2:], bare, atol=1e-6)
    assert np.allclose(bare.sum(axis=-1), 1)


def test_steps_of_nan_change_no_answer():
    network = tagger(Tagger(units=4, outputs=2, layers=2), Steps(features=2))
    steps = np.random.RandomState(0).normal(size=(1, 4, 2)).astype(np.float32)
    longer = np.concatenate([np.full((1, 3, 2), np.nan, np.float32), steps], axis=1)
    np.testing.assert_allclose(predict(network, longer)[:, 3:], predict(network, steps), atol=1e-6)


def test_it_reads_in_both_directions_unless_told_otherwise():
    counts = [
        tagger(Tagger(units=4, embedding=3, bidirectional=both), Tokens(size=9)).count_params()
        for both in (True, False)
    ]
    assert counts == [9 * 3 + 2 * 4 * 4 * (3 + 4 + 1) + 2 * (8 + 1), 9 * 3 + 4 * 4 * (3 + 4 + 1) + 2 * (4 + 1)]
