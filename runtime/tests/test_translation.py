"""Translators: native code and NumPy find the same, whatever stands beside a text; what is damaged is refused."""

import ctypes
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError, native
from unspool_runtime.cli import main
from unspool_runtime.ragged import Ragged
from unspool_runtime.translation.native_search import NativeSearch
from unspool_runtime.translation.searching import Search

TEXTS = ["abc abd", "?!", "x", "été 我们 12 abcabc", "b" * 60, "A B C!", "zz zz zz zz zz zz zz", "ab " * 5]
MODELS = {
    "sinusoidal": lambda: small.translator(),
    "rotary": lambda: small.translator(positions="rotary", seed=1),
    "own vocabularies and a head": lambda: small.translator(shared=False, tied=False, seed=2),
    "whole vectors": lambda: small.translator(width=64, heads=2, layers=1, seed=3),
    "gru": lambda: small.recurrent_translator(),
    "gru that resets first, dot, a head": lambda: small.recurrent_translator(
        "gru before", attention="dot", tied=False, seed=1
    ),
    "lstm, fed": lambda: small.recurrent_translator(
        "lstm", layers=2, input_feeding=True, shared=False, tied=False, seed=5
    ),
    "gru of whole vectors, fed": lambda: small.recurrent_translator(
        units=32, width=16, attention="dot", input_feeding=True, layers=3, seed=3
    ),
    "wide heads": lambda: small.translator(width=112, heads=1, layers=1, positions="rotary", seed=4),
}
SEARCHES = [(1, 1), (2, 1), (3, 3), (5, 2)]
"""Beams, and how many answers are wanted."""


@pytest.fixture
def load(tmp_path):
    return lambda tree, golden=None: Model.load(small.write(tmp_path, tree, golden))


@pytest.fixture
def code():
    found = native.library()
    if found is None:
        pytest.skip(native.explain())
    return found


def transformer(model):
    return model._engine._network


def sources(seed=0, count=7, longest=37):
    draw = small.random(seed)
    return Ragged.of([draw.integers(3, 262, size).tolist() for size in draw.integers(1, longest, count)])


def search(beam=1, returned=1, penalty=1.0, maximum=37, batch=64):
    return Search(1, 2, maximum, beam, penalty, returned, batch)


def ids(answers):
    return [[one.ids for one in row] for row in answers]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(("beam", "returned"), SEARCHES)
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_native_code_finds_what_numpy_finds(load, code, monkeypatch, kind, beam, returned, penalty):
    model, how = transformer(load(MODELS[kind]())), search(beam, returned, penalty)
    found = model.answer(sources(), how)
    monkeypatch.setenv(native.VARIABLE, "reference")
    expected = model.answer(sources(), how)
    assert ids(found) == ids(expected)
    for one, other in zip(found, expected, strict=True):
        assert [a.ended for a in one] == [a.ended for a in other]
        for name in ("score", "log_probability"):
            np.testing.assert_allclose(
                [getattr(a, name) for a in one], [getattr(a, name) for a in other], rtol=1e-5, atol=3e-5
            )


def test_texts_that_are_read_in_part_are_noted_once_for_each_model(load, caplog):
    model = load(MODELS["gru"]())
    whole = model.predict(["b" * 39])
    assert not caplog.messages
    assert model.predict(["b" * 40, "x"])[:1] == model.predict(["b" * 50]) == whole
    assert caplog.messages == [
        "Some texts are longer than the model reads: only their first 39 tokens count.",
    ]


def test_white_space_around_a_text_is_not_read(load, caplog):
    engine = load(MODELS["gru"]())._engine
    assert engine._ids([" b\r\n", "b\u3000"]) == engine._ids(["b", "b"])
    assert not engine.note_on_cut(["b" + " " * 50])


@pytest.mark.parametrize("kind", ["sinusoidal", "gru", "lstm, fed"])
def test_some_answers_end_and_some_are_cut(load, kind):
    found = transformer(load(MODELS[kind]())).answer(sources(count=30), search(3))
    assert {row[0].ended for row in found} == {True, False}
    assert all(len(row[0].ids) < 37 if row[0].ended else len(row[0].ids) == 37 for row in found)


@pytest.mark.parametrize("kind", ["sinusoidal", "gru", "lstm, fed"])
@pytest.mark.parametrize("beam", [1, 4])
def test_an_answer_has_the_same_bits_alone_in_other_batches_and_with_more_threads(load, code, monkeypatch, beam, kind):
    model, given = transformer(load(MODELS[kind]())), sources(count=20)
    together = model.answer(given, search(beam))
    for batch in (1, 3):
        assert model.answer(given, search(beam, batch=batch)) == together
    assert [model.answer(Ragged.of([one.tolist()]), search(beam))[0] for one in given] == together
    monkeypatch.setattr(native, "threads", lambda: 3)
    assert model.answer(given, search(beam, batch=4)) == together


@pytest.mark.parametrize("kind", ["sinusoidal", "rotary", "gru", "lstm, fed"])
def test_every_instruction_set_finds_the_same(load, code, kind):
    model, best = transformer(load(MODELS[kind]())), code.unspool_isa()
    expected = ids(model.answer(sources(), search(3, 3)))
    try:
        for isa in (b"avx512", b"avx2", b"baseline"):
            if code.unspool_choose(isa):
                assert ids(model.answer(sources(), search(3, 3))) == expected
    finally:
        code.unspool_choose(best)


def test_a_beam_of_one_beginning_is_greedy_and_a_wider_one_no_worse(load, kernels):
    model = transformer(load(MODELS["sinusoidal"]()))
    greedy, wide = (model.answer(sources(count=5), search(beam, penalty=0.0)) for beam in (1, 8))
    for one, other in zip(greedy, wide, strict=True):
        assert other[0].score >= one[0].score - 1e-5 or not one[0].ended


@pytest.mark.parametrize("kind", ["sinusoidal", "gru"])
def test_greedy_without_scores_finds_the_same(load, code, kind):
    model = transformer(load(MODELS[kind]()))
    assert ids(model.answer(sources(), search(), scored=False)) == ids(model.answer(sources(), search()))


@pytest.mark.parametrize("made", [small.translator, small.recurrent_translator])
def test_a_model_that_never_ends_stops_at_the_maximum(load, kernels, made):
    tree = made(tied=False)
    tree["model"]["head"]["bias"][2] = -1e4
    for beam in (1, 3):
        found = transformer(load(tree)).answer(sources(count=3), search(beam, maximum=50))
        assert all(len(row[0].ids) == 50 and not row[0].ended for row in found)


def test_an_end_that_is_likeliest_follows_one_id(load, kernels):
    tree = small.translator(tied=False)
    tree["model"]["head"]["bias"][2] = 1e4
    for beam in (1, 3):
        found = transformer(load(tree)).answer(sources(count=3), search(beam))
        assert all(len(row[0].ids) == 1 and row[0].ids != [2] and row[0].ended for row in found)


def test_padding_is_never_written(load, kernels):
    tree = small.translator(tied=False)
    tree["model"]["head"]["bias"][0] = 1e3
    for beam in (1, 3):
        found = transformer(load(tree)).answer(sources(count=3), search(beam, beam))
        assert all(one.ids and min(one.ids) > 0 for row in found for one in row if not one.ended)


def test_of_equal_ids_the_smallest_comes_first(load, kernels):
    tree = small.translator(tied=False)
    head = tree["model"]["head"]
    head["kernel"][:, [40, 30, 200]] = head["kernel"][:, [20]]
    head["bias"][[40, 30, 20, 200]] = 50
    model = transformer(load(tree))
    assert {one for row in model.answer(sources(count=3), search()) for one in row[0].ids} == {20}
    found = model.answer(sources(count=3), search(4, 4, maximum=1))
    assert [[one.ids for one in row] for row in found] == [[[20], [30], [40], [200]]] * 3


def overflowing(kind):
    if kind == "gru":  # its states are at most 1
        tree = small.recurrent_translator(tied=False)
        tree["model"]["head"]["kernel"] = np.float32(3e38) * np.sign(tree["model"]["head"]["kernel"])
        return tree
    tree = small.translator()
    for name in ("hidden", "result"):
        tree["model"]["decoder"][0][name]["kernel"] *= np.float32(1e25)
    return tree


@pytest.mark.parametrize("kind", ["sinusoidal", "gru"])
def test_numbers_that_overflow_are_told(load, kernels, kind):
    model = load(overflowing(kind))
    for ask in (model.predict, model.translate, lambda texts: model.translate(texts, beam=1)):
        with pytest.raises(InputError, match=r"Example 0 \(counted from 0\): the answer is NaN or infinity"):
            ask(TEXTS)


def test_texts_are_translated_with_scores(load, kernels):
    model = load(small.translator())
    found = model.translate(TEXTS, count=3)
    assert [row[0].text for row in found] == model.predict(TEXTS)
    assert all(a.score >= b.score or b.ended < a.ended for row in found for a, b in pairwise(row))
    assert model.outputs(TEXTS).ravel().tolist() == [row[0].score for row in found]
    assert (model.task, model.labels, model.reads) == ("translation", (), "texts")
    assert model.predict([]) == []


def test_a_text_that_is_found_in_several_splits_counts_once(load, kernels):
    model = load(small.translator())
    found = model.translate(TEXTS, count=80)
    assert all(len({one.text for one in row}) == len(row) for row in found)
    assert min(map(len, found)) < 80
    fewer = model.translate(TEXTS, count=30, beam=80)
    assert [[one.text for one in row] for row in fewer] == [[one.text for one in row[:30]] for row in found]


def test_golden_answers_are_compared_as_texts(load, kernels):
    first = load(small.translator())
    outputs, labels = first.outputs(TEXTS), first.predict(TEXTS)
    assert load(small.translator(), small.golden_texts(TEXTS, outputs, labels)).check().passed
    other = [*labels[:-1], labels[-1] + "x"]
    assert load(small.translator(), small.golden_texts(TEXTS, outputs, other)).check().agree == len(TEXTS) - 1
    assert load(small.translator(), small.golden_texts(TEXTS, outputs - 1e-3, labels)).check().agree == 0


def test_the_command_prints_translations(tmp_path, capsys):
    path = small.write(tmp_path, small.translator())
    (tmp_path / "in.txt").write_text("abc\nx\n")
    assert main([str(path), str(tmp_path / "in.txt")]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told == [{"prediction": text} for text in Model.load(path).predict(["abc", "x"])]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda model: model.predict("one text"), "Give a list of examples"),
        (lambda model: model.translate(["a", 3]), r"Example 1 \(counted from 0\) is int"),
        (lambda model: model.translate(["a"], count=0), "from 1 to 100"),
        (lambda model: model.translate(["a"], count=3, beam=2), "The beam is 2: it must be .* from 3 to 100"),
        (lambda model: model.translate(["a"], maximum=5000), "The maximum is 5000: it must be .* from 1 to 4096"),
        (
            lambda model: model.translate(["a", "\ud800"]),
            r"Example 1 .*: it contains half a character, U\+D800\. Remove it",
        ),
        (lambda model: model.translate(["a", " "]), "Example 1 .* is empty or blank"),
        (lambda model: model.translate(["b" * 70_000]), "A word of a text has 70,000 bytes"),
        (lambda model: model.probabilities(["a"]), "there are no probabilities"),
        (lambda model: model.encode(["a"]), "is no autoencoder"),
        (lambda model: model.stream(), "cannot read a stream"),
        (lambda model: model.decide(model.outputs(["a"])), "Use predict or translate"),
    ],
)
def test_what_it_cannot_do_is_told(load, kernels, ask, message):
    with pytest.raises(InputError, match=message):
        ask(load(small.translator()))


def test_another_model_does_not_translate(load):
    with pytest.raises(InputError, match="its task is binary"):
        load(small.words_network()).translate(["a"])


def with_layer(**values):
    tree = small.recurrent_translator()
    tree["model"]["layers"][0] |= values
    return tree


def altered(tree, part, **values):
    tree[part] |= values
    return tree


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (altered(small.translator(), "task", maximum=1 << 20), "maximum"),
        (altered(small.translator(), "task", beam=101), "beam"),
        (altered(small.translator(), "task", end=0), "end"),
        (altered(small.translator(), "task", start=262), "start"),
        (altered(small.translator(), "task", length_penalty=-1.0), "length_penalty"),
        (altered(small.translator(), "reader", length=5000), "length"),
        (altered(small.translator(), "model", heads=3), "share the width evenly"),
        (altered(small.translator(), "model", heads=20), "share the width evenly"),
        (altered(small.translator(), "model", target_size=263), "fewer than the 263"),
        (altered(small.translator(), "model", encoder=[]), "do not fit each other"),
        (altered(small.translator(), "model", feed_forward=25), "hidden"),
        (altered(small.translator(size=261), "model"), "shorter than the tokenizer has ids"),
        (altered(small.recurrent_translator(), "model", units=8), r"\(18, 9\), not float32 \(16, 8\)"),
        (altered(small.recurrent_translator(), "model", cell="lstm"), "'recurrent' does not fit the cell"),
        (altered(small.recurrent_translator(), "model", cell="rnn"), "cell is 'rnn'"),
        (altered(small.recurrent_translator(), "model", input_feeding=True), "kernel"),
        (altered(small.recurrent_translator(), "model", layers=[]), "there are no layers"),
        (altered(small.recurrent_translator(), "model", query=None), "query"),
        (altered(small.recurrent_translator(), "model", target_size=263), "fewer than the 263"),
        (altered(small.recurrent_translator(size=261), "model"), "shorter than the tokenizer has ids"),
        (with_layer(first=[]), "its units or states do not fit"),
        (with_layer(decoder=small.recurrent_translator(units=8)["model"]["layers"][0]["decoder"]), "do not fit"),
        (altered(small.translator(), "reader", kind="texts"), "does not fit the task"),
        (altered(small.words_network(), "reader", kind="byte pairs"), "does not fit the task"),
        (altered(small.translator(), "reader", bytes=np.zeros(256, np.int32)), "two bytes have one id"),
        (altered(small.translator(), "reader", bytes=np.arange(2, 258).astype(np.int32)), "is not that of a piece"),
        (altered(small.translator(), "reader", merges=np.array([[3, 300, 259]], np.int32)), "joins what is no piece"),
        (altered(small.translator(), "reader", merges=np.array([[3, 4, 5]], np.int32)), "or another one's"),
        (altered(small.translator(), "reader", classes=np.full(7, 4, np.uint8)), "do not fit each other"),
        (altered(small.translator(), "reader", starts=np.zeros(7, np.int32)), "do not fit each other"),
    ],
)
def test_a_damaged_description_is_refused(load, tree, message):
    with pytest.raises(ModelError, match=message):
        load(tree)


def test_pieces_that_double_with_each_merge_are_refused(load):
    merges = [[259 + i - 1 if i else 3, 259 + i - 1 if i else 3, 259 + i] for i in range(60)]
    with pytest.raises(ModelError, match="merge 10 makes a piece that is too long"):
        load(altered(small.translator(size=400), "reader", merges=np.array(merges, np.int32)))


def test_ids_that_the_model_does_not_read_are_refused(load):
    model = transformer(load(small.translator()))
    for bad in (0, 262, -1):
        with pytest.raises(InputError, match="is not one that the model reads"):
            model.answer(Ragged.of([[1, bad]]), search())


@pytest.mark.parametrize("kind", ["sinusoidal", "gru"])
def test_a_source_without_ids_is_answered(load, code, monkeypatch, kind):
    model = transformer(load(MODELS[kind]()))
    found = model.answer(Ragged.of([[], [5, 6]]), search(2))
    monkeypatch.setenv(native.VARIABLE, "reference")
    assert ids(model.answer(Ragged.of([[], [5, 6]]), search(2))) == ids(found)


def test_pieces_are_joined_in_the_order_of_their_ranks(load):
    tokens = load(small.translator())._engine._tokens
    assert tokens.encode("ABCab abc ac", 100)[:4] == [260, 259, 35, 260]
    assert tokens.encode(" ac", 100) == [261, 102]
    assert tokens.encode("abcab abc", 2) == [260, 259]
    assert tokens.decode([260, 2, 259, 3 + 0xC3]) == "abcab\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("text", ["don't  we'll\t\n x", "a1b2 ?!", "été٣٤  \u2003z", "ああ\x00 \u3041b"])
def test_decoding_gives_the_text_back(load, text):
    tokens = load(small.translator())._engine._tokens
    assert tokens.decode(tokens.encode(text, 1000)) == text


def test_threads_that_translate_at_once_share_one_native_model():
    made, start = [], threading.Barrier(4)

    class Code:
        unspool_isa = staticmethod(lambda: b"isa")
        unspool_fake_free = staticmethod(lambda _: None)

        @staticmethod
        def unspool_fake_new(_):
            time.sleep(0.05)  # so that the other threads come here, too
            made.append(len(made) + 1)
            return made[-1]

    def packed(_):
        start.wait()
        return search._packed(Code).value

    search = NativeSearch("fake", lambda _: ctypes.c_int())
    with ThreadPoolExecutor(4) as threads:
        assert [*threads.map(packed, range(4))] == [1] * 4
    assert made == [1]
