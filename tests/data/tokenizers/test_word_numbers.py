from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.word_numbers import WordNumbers, no_counts, with_counts_of

TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8).map(" ".join), max_size=6)


@given(TEXTS, TEXTS, st.integers(0, 9), st.integers(1, 3))
def test_the_most_frequent_words_are_those_of_a_plain_count(
    first: list[str], second: list[str], at_most: int, seen: int
) -> None:
    numbers, counts = WordNumbers(), no_counts()
    for texts in (first, second):
        counts = with_counts_of(numbers.of(texts), counts)
    numbers.of(["z z z"])  # seen, but not counted
    plain = Counter(word for text in first + second for word in text.split())
    expected = [word for word in sorted(plain, key=lambda word: (-plain[word], word)) if plain[word] >= seen]
    assert numbers.most_frequent(counts, at_most, seen) == expected[:at_most]


def test_words_beyond_the_bound_share_a_number_and_are_never_frequent() -> None:
    numbers = WordNumbers(most_words=2)
    found = numbers.of(["a b c", "c d a"])
    assert found.tolist() == [[1, 2, 0], [0, 0, 1]]
    assert numbers.most_frequent(with_counts_of(found, no_counts()), 5, seen=1) == ["a", "b"]
