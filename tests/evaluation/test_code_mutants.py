from lengthwise.evaluation.code_mutants import mutants

PROGRAM = """
def helper(a):
    return a + 1

def f(a, b):
    if a < b and not a:
        return a + b
    a *= -b
    return a
"""


def test_each_mutant_differs_in_one_operator_of_the_function():
    found = list(mutants(PROGRAM, "f"))
    assert len(found) == len(set(found)) and all("return a + 1" in each for each in found)
    for text in ("a <= b and", "a >= b and", "a < b or", "+a:", "return a - b", "a //= -b", "a += -b", "a *= +b"):
        assert sum(text in each for each in found) == 1, text
    assert len(found) == 8


def test_the_program_itself_is_none_and_another_function_gives_others():
    assert [each.count("a - 1") for each in mutants(PROGRAM, "helper")] == [1]
    assert list(mutants("def f(x): return x", "f")) == []
