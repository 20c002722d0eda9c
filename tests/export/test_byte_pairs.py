"""Classifiers of texts whose tokens are pieces of words: the runtime reads the ids of training, and answers alike."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.cli import main
from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
from unspool.descriptions.networks import Seq2Vec
from unspool.export.golden import PROBES
from unspool.export.packing import pack
from unspool.export.readers import reader_node
from unspool.models import seq2vec
from unspool.readers import TextReader
from unspool.runs.model import load_trained
from unspool.tasks import Binary

pytest.importorskip("tokenizers")
unspool_runtime = pytest.importorskip("unspool_runtime")

from unspool_runtime import native  # noqa: E402
from unspool_runtime.node import Node  # noqa: E402
from unspool_runtime.readers import BytePairTextsReader  # noqa: E402

TEXTS = ["a fine film, isn't it?", "a dull film", "très bien 12", "我喜欢这部电影 👍"] * 3
SCRIPTS = st.one_of(
    st.characters(exclude_categories=("Cs",)),
    st.sampled_from(" \t\n'!1a²٣éI我か한ขअعЖ\u00a0\u2003\x85\u200d👍😀"),
    st.sampled_from("afilm 'st"),
)


@pytest.fixture(scope="module")
def reader():
    return TextReader(BytePairTokenizer.fit(TEXTS, size=300), length=12)


def ids_of(reader, text):
    plain, arrays = pack(reader_node(reader), "reader")
    ((_, steps),) = BytePairTextsReader(Node(plain, arrays)).batches([text])
    return steps.tokens[0].tolist()


@settings(max_examples=200, deadline=None)
@given(text=st.text(SCRIPTS))
def test_a_text_has_the_ids_of_training(reader, text):
    assert ids_of(reader, text) == reader.read([text])[0].tolist()


def test_the_start_is_kept_where_there_is_room_for_it(reader):
    assert ids_of(reader, "")[0] == 1
    assert 1 not in ids_of(reader, "a fine film " * 5)


@pytest.mark.parametrize("kernels", ["native", "reference"])
@pytest.mark.parametrize("description", [Seq2Vec(units=6), Seq2Vec(units=6, pooling="mean_max", bigrams=50)])
def test_a_classifier_is_exported_and_answers_as_it_did(
    folder_of, reader, tmp_path, capsys, monkeypatch, kernels, description
):
    monkeypatch.delenv(native.VARIABLE, raising=False)
    if kernels == "reference":
        monkeypatch.setenv(native.VARIABLE, "reference")
    elif native.library() is None:
        pytest.skip(native.explain())
    keras.utils.set_random_seed(0)
    network = seq2vec(description, reader.inputs)
    folder = folder_of(network, reader, Binary(("dull", "fine")), reader.read(TEXTS[:4]), description, threshold=0.5)
    out = tmp_path / "m.unspool"
    assert main(["export", str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith("11 of 11 golden answers agree, largest difference ")
    trained, found = load_trained(folder), unspool_runtime.Model.load(out)
    texts = [*TEXTS, *PROBES]
    np.testing.assert_allclose(found.outputs(texts)[:, 0], trained.outputs(trained.reader.read(texts)), atol=1e-5)
    np.testing.assert_allclose(found.outputs(texts[:1]), found.outputs(texts)[:1], atol=1e-6)
