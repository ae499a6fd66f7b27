import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.sources.generated import programs
from lengthwise.data.sources.generated.interpreter import printed

PAPERS = """j=8584
for x in range(8):j+=920
b=(1500+j)
print((b+7567))"""


@pytest.mark.parametrize(
    ("program", "number"),
    [
        ("print(7)", "7"),
        ("print((12+30))", "42"),
        ("print((12-30))", "-18"),
        ("print(2+3*4)", "14"),
        ("a=5\nb=(a*3)\na=1\nprint((a+b))", "16"),
        ("print((1 if 2<3 else 4))", "1"),
        ("print((1 if 2>3 else 4))", "4"),
        ("print((1 if 3<3 else 4))", "4"),
        ("a=10\nfor x in range(3):a-=4\nprint(a)", "-2"),
        ("a=0\nfor x in range(4):\n    a+=x\n    a+=a\nprint(a)", "22"),
        ("a=3\nfor x in range(0):a+=1\nprint(a)", "3"),
        ("i=8827\nc=(i-5347)\nprint((c+8704) if 2641<8500 else 5308)", "12184"),
        (PAPERS, "25011"),
    ],
)
def test_programs_print_what_was_worked_out_by_hand(program, number):
    assert printed(program) == number


@given(
    st.sampled_from(["program", "control", "addition"]), st.integers(1, 8), st.integers(1, 30), st.integers(0, 2**32)
)
def test_drawn_programs_print_what_python_prints(family, nesting, digits, seed):
    task = programs.execution(family, nesting, digits, "naive")
    program, number = task.example(10**6, np.random.default_rng(seed))
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(program, {})
    assert output.getvalue() == f"{number}\n"


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("", "pass"),
        ("x", "x"),
        ("print(a)", "a"),
        ("a=1", "a = 1"),
        ("print(1)\nprint(2)", "print\\(1\\)"),
        ("print(1, 2)", "print\\(1, 2\\)"),
        ("print(2**9)", "2 \\*\\* 9"),
        ("print(7//2)", "7 // 2"),
        ("print(-1)", "-1"),
        ("print(True)", "True"),
        ("print(1.5)", "1.5"),
        ("print('a')", "'a'"),
        ("print(1 if 2<=3 else 4)", "1 if 2 <= 3 else 4"),
        ("print(1 if 1<2<3 else 4)", "1 if 1 < 2 < 3 else 4"),
        ("import os\nprint(1)", "import os"),
        ("print(__import__('os'))", "__import__\\('os'\\)"),
        ("a=b=1\nprint(a)", "a = b = 1"),
        ("a+=1\nprint(1)", "a \\+= 1"),
        ("for x in range(2):a+=1\nprint(1)", "a"),
        ("a=1\nfor x in range(2):a*=2\nprint(a)", "a \\*= 2"),
        ("a=1\nfor x in range(2):\n    for y in range(2):a+=1\nprint(a)", "for y in range\\(2\\):"),
        ("a=1\nfor x in range(99999999):a+=1\nprint(a)", "for x in range\\(99999999\\):"),
        ("while 1:a=1\nprint(1)", "while 1:"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_names_it(program, fault):
    with pytest.raises(ValueError, match=f"A program must be .*, but has `{fault}`") as caught:
        printed(program)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("program", ["print(1", "a b", "a\0b", f"print({'(' * 500}1{')' * 500})", "print(007)"])
def test_what_cannot_be_parsed_is_refused_in_one_line(program):
    with pytest.raises(ValueError) as caught:
        printed(program)
    assert "\n" not in str(caught.value)


def test_numbers_do_not_outgrow_the_program():
    squares = "a=9\n" + "a=(a*a)\n" * 40 + "print(a)"
    with pytest.raises(ValueError, match="a number longer than the program in `a \\* a`"):
        printed(squares)
