from pathlib import Path

import pytest

from lengthwise.contracts import EOS, PAD
from lengthwise.data.codecs.codec import Unreadable, load_codec
from lengthwise.data.codecs.trees import Trees
from lengthwise.trees import parse_tree

TREES = [
    "(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))",
    "(S (NP (DT the) (JJ big) (NN dog)) (VP (VBZ sees) (NP (DT the) (NN cat))))",
    "(X (name os . path) (Constant 'a-LRB-b-RRB-'))",
    "(NN cat)",
]
SENTENCES = ["the cat sleeps", "( the big dog ) sees the cat", "import os . path 'a(b)'"]


def fitted() -> Trees:
    return Trees(300).fit(iter([*TREES, *SENTENCES]))


@pytest.mark.parametrize("text", TREES + SENTENCES)
def test_both_sides_survive(text):
    codec = fitted()
    assert codec.decode([*codec.encode(text), EOS, PAD]) == text
    assert max(codec.encode(text)) < codec.feature.size


def test_a_word_is_the_same_tokens_on_both_sides():
    codec = fitted()
    assert codec.encode(TREES[3])[1:] == codec.encode("cat")
    # Behind the label; words with brackets are the same too.
    assert codec.encode("(Constant 'a-LRB-b-RRB-')")[1:] == codec.encode("'a(b)'")


def test_a_label_stands_behind_its_first_child():
    codec = fitted()
    written = [codec._shown(token) for token in codec.encode("(S (NP (NN cat)) (VP (VBZ sleeps)))")]
    assert [text for text in written if text[0] in "()"] == ["(NN", "(NP", ")", "(S", "(VBZ", "(VP", ")", ")"]


def test_it_survives_its_file(tmp_path: Path):
    codec = fitted()
    codec.save(tmp_path / "codec.json")
    loaded = load_codec(tmp_path / "codec.json")
    assert loaded == codec and loaded.encode(TREES[1]) == codec.encode(TREES[1])
    (tmp_path / "codec.json").write_text('{"type": "lengthwise.data.codecs.trees:Trees", "size": 300}')
    with pytest.raises(ValueError, match="must be a saved Trees codec"):
        load_codec(tmp_path / "codec.json")


def test_what_is_no_tree_says_why():
    codec = fitted()
    found = codec.encode_batch(["(S (NN cat)", "(S (QQ cat))", "(NN cat)"])
    assert [str(each) for each in found[:2]] == [
        "tree with a bracket that is never closed",
        "tree with a label that train has not",
    ]
    assert not isinstance(found[2], Unreadable)
    with pytest.raises(Unreadable):
        codec.encode("(S (NN cat)")


def test_tokens_that_are_no_tree_are_shown_as_they_are():
    codec = fitted()
    shown = codec.decode(codec.encode(TREES[3]) + codec.encode(TREES[0])[-1:])
    assert shown == "(NN cat )"
    with pytest.raises(ValueError):
        parse_tree(codec.decode(codec.encode(TREES[0])[:-1]))


def test_it_must_be_fitted():
    with pytest.raises(ValueError, match="must be fitted"):
        Trees(300).encode("(NN cat)")
