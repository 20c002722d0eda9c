import pytest

from programs import output_of
from unspool.data.named import prose
from unspool.data.tokenizers.tokens import tokenize

pytestmark = pytest.mark.whole


def found(text: str) -> list[str]:
    return [" ".join(words) for words in prose.sentences(text)]


def test_sentences_are_found_across_lines_and_lists() -> None:
    text = """The title of it
***************

The first of these is here. In the
second, vs. The Times, there is a name; is it here? "The third one is in the
quotation marks." The last is (not so) special!

1. The item of a list is found, too.

   * The “sub-item” of the list isn't lost.
     It goes on here, for an-
     other line or so.

Not this one
"""
    assert found(text) == [
        "the first of these is here",
        "in the second vs the times there is a name is it here",
        "the last is not so special",
        "the item of a list is found too",
        "the sub item of the list isn't lost",
        "it goes on here for an other line or so",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It is too short here.",
        "It is " + "much " * 28 + "too long.",
        "the first letter of this is small.",
        "There is no stop at the end of this",
        "The value of x_y is not what it was.",
        "The value of a = b is not to be had.",
        "The call of f() is not to be seen.",
        "The call of f(it) is not to be seen.",
        "The name of os.path is in the way of it.",
        "The number of them is 3 and not any more.",
        "The (parenthesis of it is not to be closed.",
        'The "quotation of it is not to be closed.',
        "Names: alpha, beta, gamma, delta, epsilon, zeta and eta.",
        "The letter x is not a word in the sense of this.",
        ">>> The line of this is not to be read as a sentence.",
        ">>> f  # It is.\nThe line of this is not to be read as a sentence.",
        "x -> The one of two\n   It is in this way.",
    ],
)
def test_what_is_no_plain_sentence_is_left_out(text: str) -> None:
    assert found(text) == []


def test_near_duplicates_are_left_out() -> None:
    kept, same_start, shorter_start, same_end = (
        tuple(sentence.split())
        for sentence in (
            "return the name of the file that is open",
            "return the name of the file at hand",
            "return the name of the socket that is open",
            "now of the file at hand it is said",
        )
    )
    other_order = tuple(reversed(kept))
    found_in_turn = [kept, same_start, other_order, shorter_start, same_end, kept]
    # same_end resembles only same_start, which was itself left out.
    assert prose.without_near_duplicates(found_in_turn) == [kept, shorter_start, same_end]


def test_docstrings_are_read_without_running_the_code() -> None:
    source = b'"""Module."""\nraise SystemExit\nclass A:\n    """Class."""\n    async def f():\n        "Function."\n'
    assert prose.docstrings(source) == ["Module.", "Class.", "Function."]
    assert prose.docstrings(b"def broken(:") == []
    assert prose.docstrings(b"x = '\\d'  # an invalid escape") == []
    assert prose.docstrings(b"\0") == []


def test_the_library_has_no_tests_and_no_installed_packages() -> None:
    files = prose.library_files()
    assert files == sorted(files)
    assert len(files) > 200
    parts = {part for path in files for part in path.parts[-3:-1]}
    assert parts.isdisjoint({"test", "tests", "site-packages", "dist-packages", "idlelib"})
    assert any(path.name == "argparse.py" for path in files)


def test_the_files_of_packages_are_theirs_without_tests() -> None:
    files = prose.package_files(("numpy", "scipy"))
    within = [path.parts[path.parts.index("site-packages") + 1 :] for path in files]
    assert [within[0][0], within[-1][0]] == ["numpy", "scipy"]
    assert not any({"test", "tests"} & set(parts) for parts in within)
    assert any(path.parts[-2:] == ("lib", "_function_base_impl.py") for path in files)


@pytest.mark.whole
def test_every_python_has_thousands_of_sentences(collected: list[tuple[str, ...]]) -> None:
    assert len(collected) > 4_000
    for words in collected:
        assert prose.MIN_WORDS <= len(words) <= prose.MAX_WORDS
        assert tokenize(" ".join(words)) == list(words)


def test_no_two_sentences_share_a_run_of_six_words(collected: list[tuple[str, ...]]) -> None:
    runs = [words[start : start + 6] for words in collected for start in range(len(words) - 5)]
    # A sentence may repeat itself; no other may repeat it.
    own = sum(len({words[start : start + 6] for start in range(len(words) - 5)}) for words in collected)
    assert len(set(runs)) == own
    assert len({tuple(sorted(words)) for words in collected}) == len(collected)


@pytest.mark.whole
def test_the_order_is_always_the_same() -> None:
    script = (
        "from unspool.data.named import prose; files = prose.library_files()[:40]\n"
        "prose.library_files = lambda: files\n"
        "print(prose.collect())"
    )
    first, second = (output_of(script, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert len(first) > 10_000
    assert first == second
