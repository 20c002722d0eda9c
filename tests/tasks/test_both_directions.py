"""Reversed pairs of texts, so that a network learns both directions."""

from unspool.readers import PairReader
from unspool.tasks import Translation
from unspool.tasks.both_directions import in_both_directions
from unspool.tasks.translation import END

TARGETS = ["a man", "a dog"] * 3
READER = PairReader.fit(["ein mann", "ein hund"] * 3, TARGETS, size=270)
TASK = Translation.of(READER, TARGETS)


def test_in_both_directions_each_pair_is_there_twice():
    sources, targets = READER.read(["ein mann", "ein hund"]), TASK.encode(["a man", "a dog and more"])
    both, read, written = in_both_directions(TASK, sources, targets)
    assert both.decode(read) == ["ein mann", "ein hund", "a man", "a dog and more"]
    assert both.decode(written) == ["a man", "a dog and more", "ein mann", "ein hund"]
    assert [ids[0] for ids in read.tolist()] == [1] * 4
    assert both.outputs == READER.tokenizer.size
    (_, shifted), said = both.examples(read, written, balanced=False)
    assert (shifted[2].tolist(), said[2].tolist()) == (sources[0].tolist(), [*sources[0].tolist()[1:], END])


def test_long_sources_can_be_written_whole():
    long = "ein mann und " * 10
    both, _, written = in_both_directions(TASK, READER.read([long]), TASK.encode(["a man"]))
    assert both.maximum > len(written[1]) == min(READER.length, len(READER.read([long])[0])) - 1
