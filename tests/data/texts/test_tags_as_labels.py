"""Labels that look like tags of tokens."""

import json
from pathlib import Path

import pytest

from unspool.data.texts.tags_as_labels import refuse_tags
from unspool.errors import UserError

PATH = Path("a.csv")


def test_tags_of_single_tokens_are_refused():
    tags = ["O", "O", "B-PER", "I-PER", "U-LOC"]
    with pytest.raises(UserError, match=r"column Tag, such as B-PER, look like tags of tokens.*one row for each text"):
        refuse_tags(PATH, "Word", ["a", "b", "Ada", "Smith", "Rome"], "Tag", tags)


@pytest.mark.parametrize("tags", [["B-PER O O", "O O"], ["NN VB ADV", "NN VB"]])
def test_lists_of_tags_are_refused(tags):
    with pytest.raises(UserError, match=r"--task tagging --text 'the text' --label tags.*--task multiclass"):
        refuse_tags(PATH, "the text", ["Ada sings here", "dogs bark"], "tags", tags)


@pytest.mark.parametrize("labels", [["pos", "neg"], ["very good", "bad"], ["O", "A"], ["O", "AB-"], [1, None]])
def test_classes_are_no_tags(labels):
    refuse_tags(PATH, "text", ["a fine film", "two hours I want back"], "label", labels)


@pytest.mark.parametrize("written", [list, json.dumps], ids=["lists", "as text"])
def test_lists_are_tags_only_if_a_label_repeats_in_one(written):
    texts = ["dogs bark at dogs", "Ada sings"]
    refuse_tags(PATH, "text", texts, "label", [written(["NN", "VB", "IN", "PRP"]), written(["NN", "VB"])])
    with pytest.raises(UserError, match=r"a tag for each token.*--task multilabel"):
        refuse_tags(PATH, "text", texts, "label", [written(["NN", "VB", "IN", "NN"]), written(["NN", "VB"])])
