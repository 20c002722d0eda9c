from unspool.data.named import capitals, prose
from unspool.data.named.registry import lookup


def test_tags_say_how_a_sentence_was_written():
    text = "The name of the module is Cookie. It is the one that is in use (see the HTTP manual)."
    ((first, second),) = capitals.collect([text])
    assert first[0] == ("the", "name", "of", "the", "module", "is", "cookie")
    assert first[1] == ("Capital", "lower", "lower", "lower", "lower", "lower", "Capital.")
    assert second[0][-3:] == ("the", "http", "manual")
    assert second[1][-3:] == ("lower", "Capital", "lower.")


def test_a_sentence_stands_once():
    text = "The name of the module is in use."
    assert len(capitals.collect([text, text, "Nothing here."])) == 1


def test_passages_are_of_one_length_and_no_text_is_on_both_sides():
    words = [f"w{number}" for number in range(700)]
    found = [[(tuple(words[start : start + 7]), ("lower",) * 6 + ("lower.",))] for start in range(0, 700, 7)]
    dataset = capitals.assemble(lookup("capitals"), found)
    assert {len(text) for split in (dataset.train, dataset.test) for text in split.texts} == {capitals.PASSAGE}
    assert (len(dataset.train), len(dataset.test)) == (560 // 32, 140 // 32)
    train, test = ({token for text in split.texts for token in text} for split in (dataset.train, dataset.test))
    assert train.isdisjoint(test)
    assert capitals.assemble(lookup("capitals"), found).digest == dataset.digest


def test_it_comes_from_the_cache_the_second_time(monkeypatch):
    sentence = "The name of the module {} is in use by {} and by {}."
    texts = [sentence.format(*(f"{letter}{other}" for letter in "xyz")) for other in _different(1200)]
    monkeypatch.setattr(prose, "documentation", lambda packages: texts)
    monkeypatch.setattr(capitals, "library_key", lambda packages: "of a test")
    first = capitals.load(lookup("capitals"))
    monkeypatch.setattr(prose, "documentation", lambda packages: [])
    assert capitals.load(lookup("capitals")).digest == first.digest


def _different(count):
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [letters[n // 676] + letters[n // 26 % 26] + letters[n % 26] for n in range(count)]
