"""Programs with one operator changed: what good tests tell from the right one."""

import ast
import copy
from collections.abc import Iterator

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}


def mutants(program: str, name: str) -> Iterator[str]:
    """Every program that differs in one operator of the function `name`; those that read the same come once."""
    tree = ast.parse(program)
    seen = {ast.unparse(tree)}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name == name:
            for node in ast.walk(function):
                for text in _changed(tree, node):
                    if text not in seen:
                        seen.add(text)
                        yield text


def _changed(tree: ast.Module, node: ast.AST) -> Iterator[str]:
    """The program with this node's operator changed, in every way."""
    match node:
        case ast.Compare(ops=operators):
            for place, operator in enumerate(operators):
                for other in _COMPARISONS[type(operator)]:
                    node.ops = [*operators[:place], other(), *operators[place + 1 :]]
                    yield ast.unparse(tree)
            node.ops = operators
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            for other in _ARITHMETIC.get(type(operator), ()):
                node.op = other()
                yield ast.unparse(tree)
            node.op = operator
        case ast.BoolOp(op=operator):
            node.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield ast.unparse(tree)
            node.op = operator
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            before = copy.copy(node)
            node.op = ast.UAdd()
            yield ast.unparse(tree)
            node.op = before.op
