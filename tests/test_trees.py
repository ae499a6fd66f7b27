import pytest

from lengthwise.trees import Tree, escaped, is_tree, parse_tree, parse_trees, unescaped

CAT = "(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))"


def test_a_tree_survives_being_written():
    tree = parse_tree(CAT)
    assert str(tree) == CAT and tree.children[0].children[1] == Tree("NN", words=("cat",))
    assert [leaf.words for leaf in tree.leaves()] == [("the",), ("cat",), ("sleeps",)]


def test_white_space_does_not_matter_and_brackets_without_a_label_are_left_out():
    assert parse_trees(f"( {CAT} )\n\n((X\n  (A a) ))") == [parse_tree(CAT), parse_tree("(X (A a))")]


def test_a_leaf_may_have_several_words():
    assert parse_tree("(A (name os . path))").children[0].words == ("os", ".", "path")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(S (A a)", "never closed"),
        ("(S (A a)))", "never opened"),
        ("(S a (B b))", "a word beside a bracket"),
        ("(S (A))", "without words"),
        ("()", "without words"),
        ("the cat", "words outside"),
        ("", "not one tree"),
        ("(A a) (B b)", "not one tree"),
    ],
)
def test_what_is_no_tree_is_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_tree(text)


def test_trees_may_be_deeper_than_python_recurses():
    text = "(A " * 5000 + "a" + ")" * 5000
    assert str(parse_tree(text)) == text


def test_round_brackets_in_words_are_escaped():
    assert escaped("f(x)") == "f-LRB-x-RRB-" and unescaped(escaped("f(x)")) == "f(x)"


def test_a_sentence_that_begins_with_a_bracket_is_no_tree():
    assert is_tree(CAT) and not is_tree("( Applause . )") and not is_tree("the ( cat )")
