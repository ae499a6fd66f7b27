import ast

import pytest

from lengthwise.data.sources.trees.python_tree import anonymous, tree_of, with_written_constants, words_of
from lengthwise.trees import parse_tree, unescaped


def tree(source: str) -> str:
    node = ast.parse(source).body[0]
    with_written_constants(node, source)
    return str(tree_of(node))


def test_a_function_is_a_line_of_words_and_a_tree():
    source = "def f(self, x=0x10, *rest):  # why\n    return self.a + x\n"
    assert " ".join(words_of(source)) == "def f ( self , x = 0x10 , * rest ) : ⇥ return self . a + x ⇤"
    assert tree(source) == (
        "(FunctionDef (name f) (arguments (arg self) (default (arg x) (Constant 0x10)) (vararg (arg rest)))"
        " (Return (BinOp:Add (Attribute (Name self) (attr a)) (Name x))))"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("pass", "(Pass pass)"),
        ("x = [], ()", "(Assign (Name x) (Tuple (List [) (Tuple -LRB-)))"),
        ("a < b", "(Expr (Compare:Lt (Name a) (Name b)))"),
        ("a < b <= c", "(Expr (Compare (Name a) (Lt (Name b)) (LtE (Name c))))"),
        ("x[:1]", "(Expr (Subscript (Name x) (Slice (upper (Constant 1)))))"),
        ("x[:]", "(Expr (Subscript (Name x) (Slice :)))"),
        ("a if b else c", "(Expr (IfExp (Name a) (Name b) (Name c)))"),
        ("{a: b, **c}", "(Expr (Dict (Name a) (Name b) (DoubleStarred (Name c))))"),
        ("f(*a, k=1)", "(Expr (Call (Name f) (Starred (Name a)) (keyword (arg k) (Constant 1))))"),
        ("'a (b)' 'c'", "(Expr (Constant 'a␣-LRB-b-RRB-' 'c'))"),
        ("import os.path as p", "(Import (alias (name os . path) (asname p)))"),
        ("global a, b", "(Global (names a) (names b))"),
        ("if a:\n  b\nelse:\n  c", "(If (Name a) (Expr (Name b)) (orelse (Expr (Name c))))"),
        ("def f(a, /, *, b: int = 1) -> c: ...", None),
    ],
)
def test_every_kind_of_node_is_a_tree(source, expected):
    assert expected is None or tree(source) == expected
    assert str(parse_tree(tree(source))) == tree(source)


def test_arguments_keep_their_kinds_apart():
    assert "(arg a) (slash /) (star *) (default (annotated (arg b) (Name int)) (Constant 1))" in tree(
        "def f(a, /, *, b: int = 1) -> c: ..."
    )


def test_words_of_the_tree_stand_in_the_order_of_the_source():
    source = "@d(1)\ndef f(a, b=2, *c, e=3, **g) -> h:\n    with a as b, c: x = y = [i for i in z if i] or {1: 2}\n"
    node = ast.parse(source).body[0]
    with_written_constants(node, source)
    words, place = words_of(source), 0
    for leaf in tree_of(node).leaves():
        for word in leaf.words:
            place = words.index(unescaped(word), place) + 1


def test_a_tree_without_names_and_constants():
    assert str(anonymous(parse_tree("(Assign (Name x) (Constant 3))"))) == "(Assign (Name name) (Constant constant))"
