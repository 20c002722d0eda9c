"""The simple models that a translation has to beat."""

from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.baselines.translation import copied_source, nearest_text, word_by_word
from unspool.evaluation.measures.translation import MEASURES
from unspool.evaluation.text_arrays import as_array, texts_of

TRAINING = [("das haus", "the house"), ("das buch", "the book"), ("ein buch", "a book"), ("ein haus", "a house")]
NEW = [("das neue haus", "the new house"), ("ein buch !", "a book !")]


def part(pairs):
    sources, targets = zip(*pairs, strict=True)
    return RawPart(lambda: iter(sources), as_array(targets))


def parts(training, new):
    return RawParts(part(training), part(new), part(new), MEASURES["exact_match"])


def test_word_by_word_keeps_what_it_does_not_know():
    found = word_by_word(parts(TRAINING, NEW))
    assert texts_of(found.outputs) == ["the neue house", "a book !"]
    assert (found.name, found.threshold, found.held_out) == ("word-by-word", None, 0.5)


def test_word_by_word_writes_blanks_as_the_training_targets_do():
    marked = [("das haus !", "the house!"), ("das buch , ein haus", "the book, a house"), ("ein buch !", "a book!")]
    found = word_by_word(parts([*TRAINING, *marked], [("ein haus , das buch !", "a house, the book!")]))
    assert texts_of(found.outputs) == ["a house, the book!"]


def test_the_nearest_text_is_one_of_training():
    found = nearest_text(parts(TRAINING, NEW))
    assert texts_of(found.outputs) == ["the house", "a book"]
    assert found.held_out == 0.0
    assert found.title == "the translation of the nearest training text (TF-IDF)"


def test_the_nearest_text_is_found_by_the_split_that_is_asked_for():
    known = [("zebra", "Z"), ("housing", "H"), ("treed", "T")]
    found = nearest_text(parts(known, [("tree", "T"), ("house", "H")]), split=list, answer=str.lower)
    assert texts_of(found.outputs) == ["t", "h"]


def test_texts_without_spaces_have_words_too():
    known = [("今天很冷", "cold today"), ("我喜欢猫", "I like cats"), ("你喜欢狗", "you like dogs")]
    new = part([("我也喜欢猫", "I like cats, too"), ("今天不冷", "not cold today")])
    found = nearest_text(RawParts(part(known), new, new, MEASURES["chrf"]))
    assert texts_of(found.outputs) == ["I like cats", "cold today"]


def test_vowel_signs_are_a_part_of_their_word():
    found = word_by_word(parts([("हिन्दी", "hindi"), ("किताब", "book")], [("हिन्दी किताब", "hindi book")]))
    assert texts_of(found.outputs) == ["hindi book"]


def test_the_source_itself_is_a_translation_where_little_changes():
    found = copied_source(parts(TRAINING, [("the hosue", "the house"), ("a book", "a book")]))
    assert texts_of(found.outputs) == ["the hosue", "a book"]
    assert (found.name, found.held_out) == ("copied-source", 0.5)
