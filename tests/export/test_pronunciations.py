"""Models that pronounce, written and read back: network and joint n-grams rank together as in training."""

from dataclasses import replace
from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.candidates.pronunciations.counting import fit_joint_ngrams
from unspool.cli import main
from unspool.data.named.pronunciations import joined
from unspool.descriptions.networks import EncoderDecoder, Transformer
from unspool.errors import UserError
from unspool.export import export_model, export_onnx, export_page
from unspool.export.packing import pack
from unspool.export.translation import ranked_node
from unspool.runs.model import load_trained
from unspool.tasks import Pronunciation
from unspool.training import fit

from .test_encoder_decoder import kernels  # noqa: F401  a fixture

unspool_runtime = pytest.importorskip("unspool_runtime")
pytest.importorskip("tokenizers")

from unspool_runtime.node import Node  # noqa: E402
from unspool_runtime.translation.pronouncing import Ranking  # noqa: E402

SOUNDS = {"a": "AH", "b": "B", "t": "T", "x": "K S", "é": "EY", "e": ""}
WORDS = ["".join(parts) for parts in product(SOUNDS, repeat=3)]
FIRST = [" ".join(" ".join(SOUNDS[part] for part in parts).split()) or "AH" for parts in product(SOUNDS, repeat=3)]
SECOND = [one.replace("AH", "EY") for one in FIRST]
SAID = [joined(both) for both in zip(FIRST, SECOND, strict=True)]
NGRAMS = fit_joint_ngrams(WORDS * 4, [one.lower().split() for one in FIRST + 3 * SECOND])  # prefer the second
ASKED = ["xab", "été", "tabx", "?!", "q", "Exa", "b b", *WORDS[::7]]


@pytest.fixture(scope="module")
def fitted():
    reader, task = Pronunciation.fitted(WORDS, SAID, size=300, lowercase=True, beam=6)
    return reader, replace(task, ngrams=NGRAMS, weight=0.4)


KINDS = [
    EncoderDecoder(units=16, width=16),
    pytest.param(Transformer(layers=1, width=16, heads=2), marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=KINDS, ids=["recurrent", "transformer"])
def trained(request, fitted):
    """A little: it ends most answers."""
    reader, task = fitted
    keras.utils.set_random_seed(0)
    network = task.build(request.param, reader.inputs)
    task.compile(network, request.param, keras.optimizers.Adam(0.01))
    fit(network, *task.examples(reader.read(WORDS), task.encode(SAID), False), batch_size=32, epochs=40, verbose=0)
    return network, request.param


@pytest.fixture
def folder(trained, folder_of, fitted):
    (network, config), (reader, task) = trained, fitted
    return folder_of(network, reader, task, reader.read(WORDS[:12]), config)


def test_pronunciations_and_scores_are_the_trainers(kernels, folder, tmp_path, capsys):  # noqa: F811
    out = tmp_path / "m.unspool"
    assert main(["export", str(folder), "--out", str(out)]) == 0
    assert "golden answers agree" in capsys.readouterr().out
    trained, found = load_trained(folder), unspool_runtime.Model.load(out)
    assert trained.task.weight == 0.4
    theirs = trained.task.translate(trained.network, trained.reader.read(ASKED))
    ours = found.translate(ASKED, count=6)
    said = [text.strip() for text in trained.task.decode(theirs.tokens)]
    rows = [said[start : start + 6] for start in range(0, len(said), 6)]
    once = [[place for place, text in enumerate(row) if text not in row[:place]] for row in rows]  # split differently
    assert [[one.text for one in some] for some in ours] == [
        [row[place] for place in places] for row, places in zip(rows, once, strict=True)
    ]
    scores = [row[places] for row, places in zip(theirs.scores, once, strict=True)]
    np.testing.assert_allclose(
        [one.score for some in ours for one in some], np.concatenate(scores), rtol=1e-5, atol=1e-5
    )
    assert found.predict(ASKED) == said[::6] == trained.decide(trained.outputs(trained.reader.read(ASKED)))[0]
    # The n-grams change the order, and a greedy search has none.
    assert (np.diff(theirs.log_probabilities, axis=1) > 0).any()
    greedy = trained.task.searching(1).translate(trained.network, trained.reader.read(ASKED))
    assert [row[0].text for row in found.translate(ASKED, beam=1)] == [
        text.strip() for text in trained.task.decode(greedy.best)
    ]


@settings(max_examples=50, deadline=None)
@given(st.text("abtxéq", max_size=6), st.lists(st.sampled_from(["ah", "b", "t", "k", "s", "ey", "zh"]), max_size=6))
def test_ngrams_give_the_trainers_numbers_to_the_bit(word, said):
    plain, arrays = pack(ranked_node({}, NGRAMS, 0.5), "model")
    read = Ranking.read(Node(plain, arrays)).ngrams
    assert read.log_probabilities([word], [said]).tolist() == NGRAMS.log_probabilities([word], [said]).tolist()
    assert read.say([word]) == NGRAMS.say([word])


def test_a_page_gives_the_trainers_numbers(node):
    words = ["xab", "été", "aa", "q", "?!", "bxx"]
    said = [["k", "s", "ah", "b"], ["ey", "t", "ey"], ["ah"], [], ["b"], ["b", "k", "s", "k", "s"], ["zh"]]
    pairs = [(word, one) for word in words for one in said]
    pairs += [(word, one.lower().split()) for word, one in zip(WORDS[::9], SECOND[::9], strict=True)]
    orders = [{name: getattr(one, name).tolist() for name in ("sizes", "units", "counts")} for one in NGRAMS.orders]
    of = {"letters": NGRAMS.letters, "phonemes": NGRAMS.phonemes, "units": NGRAMS.units.ravel().tolist()}
    found = node(
        """
const array = (data) => ({ data: Int32Array.from(data), shape: [data.length / 3, 3] });
const arrays = ({ sizes, units, counts }) => ({ sizes: array(sizes), units: array(units), counts: array(counts) });
const model = new JointNgrams({ ...given.of, units: array(given.of.units), orders: given.orders.map(arrays) });
print(given.pairs.map(([word, said]) => model.logProbability(word, said)));
""",
        {"of": of, "orders": orders, "pairs": pairs},
    )
    np.testing.assert_allclose(found, NGRAMS.log_probabilities(*zip(*pairs, strict=True)), rtol=1e-12)
    assert len({round(one, 6) for one in found}) > 5


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("model.orders.0.units", lambda one: one[::-1], "not in order"),
        ("model.orders.0.counts", lambda one: -one, "do not fit"),
        ("model.orders.1.sizes", lambda one: one[1:], "do not fit"),
        ("model.orders.1.sizes", lambda one: one * 2, "do not fit"),
        ("model.orders.2.units", lambda one: one + 1000, "unknown units"),
        ("model.units", lambda one: one[1:], "unit 0 is not the end of a word"),
        ("model.units", lambda one: np.where(np.arange(len(one))[:, None] > 0, 99, one), "unknown letter or phoneme"),
        ("model.units", lambda one: np.concatenate([one[:1], one[1:2], one[1:-1]]), "occurs twice"),
    ],
)
def test_damaged_ngrams_are_refused(name, change, said):
    plain, arrays = pack(ranked_node({}, NGRAMS, 0.5), "model")
    arrays[name] = np.ascontiguousarray(change(arrays[name]), np.int32)
    with pytest.raises(unspool_runtime.ModelError, match=said):
        Ranking.read(Node(plain, arrays))


def test_a_weight_out_of_bounds_is_refused():
    plain, arrays = pack(ranked_node({}, NGRAMS, 1.5), "model")
    with pytest.raises(unspool_runtime.ModelError, match="'weight' is not from 0 to 1"):
        Ranking.read(Node(plain, arrays))


@pytest.mark.parametrize(("beam", "count"), [(6, 6), (3, 2), (1, 1)])
def test_a_page_ranks_as_the_runtime_does(folder, tmp_path, javascript, beam, count):
    out = tmp_path / "m.unspool"
    export_model(folder, out)
    asked = [one for one in ASKED if one]
    check, found = javascript(out, asked, f"model.translator.translate(one, {beam}, {count})")
    assert check["passed"], check
    wanted = unspool_runtime.Model.load(out).translate(asked, count=count, beam=beam)
    assert [[one["text"] for one in some] for some in found] == [[one.text for one in some] for some in wanted]
    scores = [[one["score"] for some in found for one in some], [one.score for some in wanted for one in some]]
    np.testing.assert_allclose(*scores, rtol=1e-4, atol=1e-4)


def test_there_is_a_page(folder, tmp_path):
    page = export_page(folder, tmp_path / "m.html")
    assert "which answers 19 golden examples again" in str(page)
    assert "class JointNgrams" in (tmp_path / "m.html").read_text()


def test_there_is_no_graph(folder, tmp_path):
    pytest.importorskip("onnxruntime")
    with pytest.raises(UserError, match="ranks pronunciations by joint n-grams has no ONNX graph"):
        export_onnx(folder, tmp_path / "m.onnx")
    assert not [*tmp_path.glob("*.onnx")]
