"""What a small program prints: Python's own parser, and an interpreter of the few forms that such programs have."""

import ast
import operator

MAX_REPEATS = 10_000
MAX_DIGITS = 4000
"""Python writes no decimals above 4,300 digits."""

OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
COMPARISONS = {ast.Lt: operator.lt, ast.Gt: operator.gt}


def printed(program: str) -> str:
    """The number that the program's last line prints; it is never longer than the program.

    ValueError in one line where the program is anything but assignments of +, -, * and `a if b<c else d`, loops
    `for x in range(n):` around += and -=, and one print(...) at the end.
    """
    try:
        *statements, last = ast.parse(program).body or [ast.Pass()]
        run = _Run(program)
        for statement in statements:
            run.execute(statement)
        match last:
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[value], keywords=[])):
                return str(run.value(value))
        raise _refused(last)
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError(f"The inputs must be a program that can be parsed, but are {program[:40]!r}.") from None


class _Run:
    """The variables of a program while it runs."""

    def __init__(self, program: str) -> None:
        self.variables: dict[str, int] = {}
        # One place is left for a sign.
        self.limit = 10 ** min(len(program) - 1, MAX_DIGITS)

    def execute(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.variables[name] = self.value(value)
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))], keywords=[]),
                body=body,
                orelse=[],
            ) if count <= MAX_REPEATS:
                for self.variables[name] in range(count):
                    for each in body:
                        self.change(each)
            case _:
                raise _refused(statement)

    def change(self, statement: ast.stmt) -> None:
        """A statement of a loop's body: no other loop, so that running takes no longer than it must."""
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, value=value):
                current = self.value(ast.Name(id=name, ctx=ast.Load()))
                self.variables[name] = self.checked(OPERATIONS[type(sign)](current, self.value(value)), statement)
            case _:
                raise _refused(statement)

    def value(self, expression: ast.expr) -> int:
        match expression:
            case ast.Constant(value=number) if type(number) is int:
                return self.checked(number, expression)
            case ast.Name(id=name) if name in self.variables:
                return self.variables[name]
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
                return self.checked(OPERATIONS[type(sign)](self.value(left), self.value(right)), expression)
            case ast.IfExp(test=ast.Compare(left=left, ops=[sign], comparators=[right]), body=body, orelse=other) if (
                type(sign) in COMPARISONS
            ):
                is_true = COMPARISONS[type(sign)](self.value(left), self.value(right))
                return self.value(body if is_true else other)
        raise _refused(expression)

    def checked(self, number: int, where: ast.AST) -> int:
        if abs(number) >= self.limit:
            raise _refused(where, "a number longer than the program in ")
        return number


def _refused(node: ast.AST, what: str = "") -> ValueError:
    found = ast.unparse(node).partition("\n")[0][:40]
    return ValueError(
        "A program must be assignments of +, -, * and `a if b<c else d`, loops `for x in range(n):` around += and -=, "
        f"and a last line print(...), but has {what}`{found}`."
    )
