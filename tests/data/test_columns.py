import json
from pathlib import Path

import pytest

from unspool.data.columns import Columns, find_columns
from unspool.data.tables.table import Table, read_table
from unspool.errors import UserError


@pytest.fixture
def table(tmp_path: Path):
    def make(**columns: list[object]) -> Table:
        path = tmp_path / "a.jsonl"
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_table(path)

    return make


LONG = ["a long text", "another long one"] * 30
SHORT = ["good", "bad"] * 30
NUMBERS = list(range(60))


def test_usual_names_are_taken_whatever_their_case_and_order(table) -> None:
    columns = find_columns(table(Sentiment=LONG, Review=SHORT, length=NUMBERS))
    assert columns == Columns("Review", "Sentiment")
    assert columns.why == (
        "the text is in column Review: by its name",
        "the label is in column Sentiment: by its name",
        "ignored column: length",
    )


def test_categories_are_no_texts_if_a_column_of_words_hardly_recurs(table) -> None:
    words = [f"{first}{second}" for first in "abcdef" for second in "ghijklmnop"]
    moral = ["fairness.virtue", "care.vice"] * 30
    columns = find_columns(table(cat=moral, term=words))
    assert (columns.text, columns.label) == ("term", "cat")
    assert columns.why[0] == "the text is in column term: few of its texts repeat"
    ids = [f"u{number}" for number in range(60)]
    assert find_columns(table(cat=moral, number=ids)).text == "cat"
    assert find_columns(table(cat=LONG, term=words)).text == "cat"
    motifs = ["AKLWGHTRED", "GDEAAKPPLM", "KLLPWWSTRA", "RREDAKLMNG", "WWPPKLAAGD", "LKMNAKTREG", "PPAKLLMNRE"] * 8 + [
        "A"
    ] * 4
    assert find_columns(table(who=words, motif=motifs, active=SHORT)).text == "motif"


def test_labelled_series_whose_names_would_be_read_as_texts_are_refused(table) -> None:
    """A model of these names would be right about each row of a recording of which it has seen another row."""
    names = [f"recording {number // 10}" for number in range(60)]
    labels = [("idle", "run")[number // 10 % 2] for number in range(60)]
    series = {"recording": names, "t": NUMBERS, "activity": labels}
    with pytest.raises(
        UserError, match=r"name these columns \(--series recording --label activity\); to read column recording"
    ):
        find_columns(table(**series))
    with pytest.raises(UserError, match="are consecutive and have the same label in column activity, but different"):
        find_columns(table(**series), label="activity")
    assert find_columns(table(**series), text="recording").label == "activity"
    assert find_columns(table(**series | {"recording": names[::7] * 6 + names[:6]})).text == "recording"
    same = {"t": [number // 10 for number in range(60)]}
    assert find_columns(table(**series | same), label="activity").text == "recording"
    assert find_columns(table(**series | {"activity": labels[5:] + labels[:5]})).text == "recording"


def test_labelled_series_that_two_columns_name_are_refused_with_both(table) -> None:
    persons, trials = [f"person {n // 30}" for n in range(60)], [n // 10 % 3 for n in range(60)]
    series = {"person": persons, "trial": trials, "x": NUMBERS, "activity": [("idle", "run")[n % 2] for n in trials]}
    with pytest.raises(
        UserError,
        match=r"each value in columns person and trial are consecutive and have the same label in column activity.*"
        r"\(--series person,trial --label activity\); to read column person",
    ):
        find_columns(table(**series), label="activity")
    assert find_columns(table(**series), text="person", label="activity").text == "person"
    each = series | {"activity": ["idle", "run"] * 30}
    assert find_columns(table(**each), label="activity").text == "person"


def test_labelled_series_in_the_order_of_time_are_refused_too(table) -> None:
    machines = [f"machine {number % 6}" for number in range(60)]
    days = [f"2026-01-{1 + number // 6:02}" for number in range(60)]
    series = {"day": days, "machine": machines, "heat": NUMBERS, "state": [("ok", "worn")[n % 2] for n in range(60)]}
    with pytest.raises(
        UserError, match=r"column machine, each at a different time in column day, have the same label in"
    ):
        find_columns(table(**series))
    assert find_columns(table(**series), text="machine").label == "state"
    assert find_columns(table(**series | {"day": ["2026-01-01"] * 60})).text == "machine"


def test_the_number_of_a_review_is_not_its_text(table) -> None:
    meals, numbers = [f"noodle soup {number}" for number in range(60)], list(map(str, NUMBERS))
    columns = find_columns(table(review=numbers, variety=meals, stars=SHORT))
    assert (columns.text, columns.why[0]) == ("variety", "the text is in column variety: its texts are the longest")
    assert find_columns(table(text=numbers, label=meals)).text == "text"
    assert find_columns(table(review=numbers, comment=SHORT, variety=meals, stars=SHORT)).text == "comment"
    rated = find_columns(table(review=["1", "2", "3", "4", "5"] * 12, variety=meals))
    assert (rated.text, rated.label) == ("variety", "review")
    assert find_columns(table(text=numbers, kind=["a plane", "a train"] * 30)).text == "text"


def test_the_longest_texts_and_the_only_other_column_are_taken(table) -> None:
    columns = find_columns(table(mood=SHORT, words=LONG, id=NUMBERS))
    assert columns == Columns("words", "mood")
    assert columns.why == (
        "the text is in column words: its texts are the longest",
        "the label is in column mood: no other column can be the label",
        "ignored column: id",
    )


def test_the_only_column_of_few_values_is_taken(table) -> None:
    columns = find_columns(table(words=LONG, price=NUMBERS, mood=SHORT, same=["x"] * 60))
    assert columns.label == "mood"
    assert columns.why[1] == "the label is in column mood: it is the only one that has at most 20 different values"


@pytest.mark.parametrize("name", ["column 3", "Unnamed: 2"])
def test_a_mostly_empty_column_without_a_name_is_no_label_if_there_is_another(table, name) -> None:
    rest = ["", "", "", "x", "", "y"] * 10
    columns = find_columns(table(v1=SHORT, v2=LONG, **{name: rest}))
    why = "the label is in column v1: it is the only one that has a name and at most 20 different values"
    assert (columns.label, columns.why[1]) == ("v1", why)
    assert find_columns(table(v1=NUMBERS, v2=LONG, **{name: rest})).label == name
    with pytest.raises(UserError, match=f"could be v1 or {name}"):
        find_columns(table(v1=SHORT, v2=LONG, **{name: SHORT}))


def test_a_mostly_empty_column_with_a_name_may_be_the_label_of_texts_that_are_mostly_unlabelled(table) -> None:
    with pytest.raises(UserError, match="could be origin or stance"):
        find_columns(table(origin=SHORT, words=LONG, stance=["", "", "", "for", "", "against"] * 10))


def test_ratios_are_labels_not_dates(table) -> None:
    assert find_columns(table(tune=LONG, meter=["3/4", "4/4", "6/8"] * 20)).label == "meter"
    assert find_columns(table(words=LONG, stars=["3.5/5", "4/5", "5/5"] * 20, day=["1/2/2026"] * 60)).label == "stars"


@pytest.mark.parametrize("days", [["3/7", "3/11", "3/15"], ["7/3", "11/3", "15/3"], ["7/4", "11/4", "15/4"]])
def test_days_without_a_year_are_no_labels(table, days) -> None:
    assert find_columns(table(words=LONG, day=days * 20, mood=SHORT)).label == "mood"


def test_a_split_is_found_where_its_values_say_so(table) -> None:
    split = ["train", "test", "Dev"] * 20
    assert find_columns(table(text=LONG, label=SHORT, Split=split)).split == "Split"
    assert find_columns(table(text=LONG, label=SHORT, split=SHORT)).split is None
    assert find_columns(table(text=LONG, label=SHORT, other=split)).split is None
    assert find_columns(table(text=LONG, label=SHORT, other=split), split="other").split == "other"


def test_what_is_named_is_taken(table) -> None:
    columns = find_columns(
        table(text=LONG, label=SHORT, a=SHORT, b=LONG, c=NUMBERS), text="b", label="a", group="c", time="c", id="c"
    )
    assert columns == Columns("b", "a", group="c", time="c", id="c")
    assert columns.used == ("b", "a", "c")


def test_rows_with_the_same_text_may_be_held_out_together(table) -> None:
    given = table(form=LONG, sense=LONG, label=SHORT)
    assert find_columns(given, text="form", group="form", label="label").group == "form"
    with pytest.raises(UserError, match="column form cannot be both the text and the id"):
        find_columns(given, text="form", group="form", label="label", id="form")
    assert find_columns(given, text="form,sense", group="form", label="label").text == "form,sense"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"text": "revew"},
            r"a\.jsonl has no column 'revew' for the text\. Did you mean review\? Its columns are review,",
        ),
        ({"group": "author"}, r"has no column 'author' for the group\. Its columns are review, mood, place"),
        ({"text": "mood", "label": "mood"}, "column mood cannot be both the text and the label"),
        ({}, r"the label could be mood or place\. Name its column \(--label\): there are review, mood, place"),
        ({"text": "mood", "label": "place", "split": "mood"}, "column mood cannot be both the text and the split"),
    ],
)
def test_what_cannot_be_found_is_told(table, settings: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_columns(table(review=LONG, mood=SHORT, place=["here", "there"] * 30), **settings)


def test_several_columns_that_may_be_the_label_are_listed(table) -> None:
    places = ["here", "there"] * 30
    with pytest.raises(UserError, match=r"the label could be mood, place or city\. Name"):
        find_columns(table(review=LONG, mood=SHORT, place=places, city=places))


def test_other_texts_are_named_with_what_reads_them_together(table) -> None:
    titles, codes = [f"film {number}" for number in range(60)], [f"tt{number}" for number in range(60)]
    found = find_columns(table(title=titles, review=LONG, code=codes, mood=SHORT), label="mood")
    assert "to read several columns as one text: --text review,title" in found.why
    assert not any(
        "several" in why for why in find_columns(table(review=LONG, code=codes, mood=SHORT), label="mood").why
    )


def test_names_with_spaces_are_in_quotes(table) -> None:
    titles = [f"film {number}" for number in range(60)]
    columns = {"film title": titles, "review": LONG, "mood": SHORT, "film maker": ["here", "there"] * 30}
    why = find_columns(table(**columns), label="mood").why
    assert "to read several columns as one text: --text 'review,film title'" in why
    assert "to read columns beside the text: --categorical 'film maker'" in why


def test_a_table_of_numbers_has_no_text(table) -> None:
    with pytest.raises(UserError, match=r"has no column with texts in it\. Its columns are a, b"):
        find_columns(table(a=NUMBERS, b=NUMBERS))


def test_numbers_over_time_are_told_from_texts_with_what_forecasts_them(table) -> None:
    days = [f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}" for number in range(60)]
    with pytest.raises(UserError, match=r"no column with texts.* as column day suggests, say how many .*\(--horizon\)"):
        find_columns(table(day=days, sold=NUMBERS))
    years, sources = [1990 + number // 4 for number in range(60)], ["coal", "oil", "gas", "wind"] * 15
    for settings in ({}, {"day": days}):
        with pytest.raises(UserError, match=r"column source recur, .*To forecast output, say how many .*\(--horizon\)"):
            find_columns(table(year=years, source=sources, output=NUMBERS, **settings))


def test_an_empty_column_of_texts_is_told_rather_than_the_label_read_as_the_text(table) -> None:
    with pytest.raises(UserError, match=r"column text has no texts in it\. Name the column with the texts \(--text\)"):
        find_columns(table(text=[""] * 60, label=SHORT))
    with pytest.raises(UserError, match=r"column text has no texts in it\. .* Nested objects, such as those in text"):
        find_columns(table(text=[{"body": "a film"}] * 60, label=SHORT))
    assert find_columns(table(comment=[""] * 60, words=LONG, label=SHORT)).text == "words"


def test_numbers_with_a_decimal_comma_are_no_texts(table) -> None:
    with pytest.raises(
        UserError, match=r"column x has numbers with a decimal comma, such as '0,5'\. Write a decimal poi"
    ):
        find_columns(table(time=NUMBERS, x=[f"{number},5" for number in range(60)], label=SHORT))


def test_names_of_files_are_no_texts_unless_they_are_named(table) -> None:
    files = [f"recordings/{number}.wav" for number in range(60)]
    with pytest.raises(UserError, match=r"column file holds names of files, such as 'recordings/0.wav'"):
        find_columns(table(file=files, label=SHORT))
    assert find_columns(table(file=files, label=SHORT), text="file").text == "file"
    assert find_columns(table(file=files, note=["a description that is longer"] * 60, label=SHORT)).text == "note"


def test_nested_objects_are_named_if_there_are_no_texts(table) -> None:
    with pytest.raises(UserError, match=r"Nested objects, such as those in doc, are not read: pandas\.json_normalize"):
        find_columns(table(doc=[{"body": "a film"}] * 60, label=SHORT))


@pytest.mark.parametrize("lists", [[[1, 2.5, 3]] * 60, [[[1, 2], [3, 4]]] * 60])
def test_the_error_says_to_name_columns_of_lists(table, lists) -> None:
    with pytest.raises(UserError, match=r"values, are read as series if these columns are named \(--channels\)"):
        find_columns(table(values=lists, label=SHORT))


def test_lists_of_fractions_are_no_labels(table) -> None:
    with pytest.raises(
        UserError, match=r"column target holds lists of numbers.*\(--channels target --label NAME\).*--horizon"
    ):
        find_columns(table(item_id=LONG, target=[[1.5, 2, 3]] * 60))
    assert find_columns(table(review=LONG, target=[[1, 2, 3]] * 60)).label == "target"


def test_texts_of_numbers_may_be_series(table) -> None:
    found = find_columns(table(pixels=["70 80 82 90 91 17"] * 60, label=SHORT))
    assert "to read the numbers as series instead: --channels pixels" in found.why
    assert not any("as series" in one for one in find_columns(table(review=LONG, label=SHORT)).why)


def test_a_column_named_like_a_label_is_not_taken_for_the_text(table) -> None:
    with pytest.raises(UserError, match="has no column with texts in it"):
        find_columns(table(label=SHORT, a=NUMBERS))
    assert find_columns(table(category=LONG, mood=SHORT), label="mood").text == "category"


def test_a_table_without_other_columns_has_no_label(table) -> None:
    with pytest.raises(UserError, match=r"the label cannot be determined\. Name its column \(--label\): there are"):
        find_columns(table(review=LONG, id=NUMBERS))


def test_a_table_of_one_column_needs_another(table) -> None:
    with pytest.raises(UserError, match=r"has one column, review, and none with labels\. Add a column that says"):
        find_columns(table(review=LONG))


def test_a_table_that_may_hold_pairs_says_how_to_name_them(table) -> None:
    days = [f"2026-01-{number % 28 + 1:02}" for number in range(60)]
    with pytest.raises(
        UserError, match=r"Name its column \(--label\); or, .* name both \(--source, --target\): there are"
    ):
        find_columns(table(when=LONG, iso=days))


def test_dates_and_numbers_are_no_text_and_no_label(table) -> None:
    days = [f"2026-01-{number * number % 28 + 1:02}T12:00:00Z" for number in range(60)]
    codes = [f"{number:040}" for number in range(60)]
    found = find_columns(table(seen=days, text_date=days, words=SHORT, code=codes, mood=["x", "y"] * 30), label="mood")
    assert found.text == "words"
    assert found.why[-1] == "ignored columns: seen, text_date, code"
    assert find_columns(table(day=days, words=LONG, mood=SHORT)).label == "mood"
    with pytest.raises(UserError, match="no column with texts in it"):
        find_columns(table(text=days, label=SHORT), label="label")


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("A fine film,pos\nA bore,neg\nA joy,pos\n", "A fine film, pos"),
        ("A fine film,4.5\nA bore,1.0\nA joy,5.0\n", "A fine film, 4.5"),
        ("1;I had to laugh at it all evening;x\n2;Not a thing in it is worth seeing;y\n", "1, I had to laugh"),
    ],
)
def test_a_first_line_that_is_an_example_is_refused(tmp_path: Path, lines: str, shown: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(lines)
    with pytest.raises(UserError, match=rf"a\.csv, line 1: '{shown}.*Add a header line above it"):
        find_columns(read_table(path))


def test_a_header_is_none_of_these(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    sentences = "Say in your own words how the course was,mood\nI learned a lot of things,good\nNot much at all,bad\n"
    for content in (
        "text,2019,2020,label\na fine film,1,2,x\na dull film,3,4,y\n",
        "What did you like most about the course?,mood\nThe end,good\nThe food,bad\n",
    ):
        path.write_text(content)
        assert find_columns(read_table(path)).label in ("label", "mood")
    path.write_text(sentences)
    with pytest.raises(UserError, match="If line 1 is the header, name its columns"):
        find_columns(read_table(path))
    assert find_columns(read_table(path), label="mood").text == "Say in your own words how the course was"


def test_columns_of_numbers_may_be_the_label(table) -> None:
    with pytest.raises(UserError, match=r"the label could be mood or place, or a number such as shares\. Name"):
        find_columns(table(review=LONG, mood=SHORT, place=["here", "there"] * 30, shares=[str(n) for n in range(60)]))


def test_a_column_may_be_named_like_one_of_its_values_if_another_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    kinds = [("True", "group", "hate"), ("False", "none", "none")] * 5
    rows = [f"comment {number} of mine,{','.join(of)}" for number, of in enumerate(kinds)]
    path.write_text("\n".join(["comment,is_biased,bias,hate", *rows]))
    assert find_columns(read_table(path), label="hate").text == "comment"
    with pytest.raises(UserError, match="could be is_biased, bias or hate"):
        find_columns(read_table(path))
    for first in ("a comment,True,rare,hate", "a comment,,,hate", "a comment,True,group,rare"):
        path.write_text("\n".join([first, *rows]))
        with pytest.raises(UserError, match=r"line 1: .*looks like an example"):
            find_columns(read_table(path))
    path.write_text("\n".join(["a comment,x,y,hate", *(f"comment {number},,,hate" for number in range(9))]))
    with pytest.raises(UserError, match=r"line 1: .*looks like an example"):
        find_columns(read_table(path))


def test_numbers_over_time_are_not_taken_for_texts(table) -> None:
    shops, days = ["north", "south"] * 15, [f"2026-01-{1 + row // 2:02}" for row in range(30)]
    sales = table(shop=shops, day=days, sold=NUMBERS[:30])
    with pytest.raises(UserError, match=r"column shop recur, and column day .* To forecast sold, .*\(--horizon\)"):
        find_columns(sales)
    assert find_columns(sales, text="shop", label="sold").text == "shop"
    assert find_columns(table(shop=LONG[:30], day=days, mood=SHORT[:30])).label == "mood"
    assert (
        find_columns(table(shop=[f"shop {row % 10}" for row in range(30)], day=days, sold=NUMBERS[:30])).text == "shop"
    )


def test_steps_at_even_times_are_not_taken_for_texts(table) -> None:
    """The activity of each step was read as its text, and one of the numbers as a label."""
    times, activity = [f"{1_700_000_000 + row}" for row in range(30)], ["walk", "sit", "run"] * 10
    steps = table(timestamp=times, user=["a"] * 15 + ["b"] * 15, x=NUMBERS[:30], y=NUMBERS[:30], activity=activity)
    with pytest.raises(
        UserError, match=r"column timestamp gives the time\. .* To classify series, .* \(--series, --lab"
    ):
        find_columns(steps)
    message = (
        r"column timestamp rises evenly .* \(--series user --label activity, and --task tagging .* \(--text user\)"
    )
    with pytest.raises(UserError, match=message):
        find_columns(steps, label="activity")
    assert find_columns(steps, text="user", label="activity").text == "user"


def test_the_same_word_in_all_rows_is_no_text_if_another_column_may_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("unit,name,kind\nkilometres,Ann,a\nkilometres,Bob,b\nkilometres,Cy,a\n")
    table = read_table(tmp_path / "a.csv")
    assert (find_columns(table).text, find_columns(table, label="kind").text) == ("name", "name")
