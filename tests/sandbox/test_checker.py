from collections.abc import Iterator

import pytest
from isolation import TIERS, sandbox_of

from lengthwise.sandbox import Limits, Program, Result, Sandbox
from lengthwise.sandbox.values import decode

LIMITS = Limits(cpu_seconds=0.5, wall_seconds=20.0, memory_bytes=256 << 20)


@pytest.fixture(scope="module", params=TIERS)
def sandbox(request) -> Iterator[Sandbox]:
    with sandbox_of(request.param, LIMITS) as sandbox:
        yield sandbox


def run(sandbox: Sandbox, code: str, checks: str = "assert f(2) == 4", **settings) -> Result:
    return sandbox.run(Program(code=code, checks=checks, names=["f"], **settings))


def test_a_right_program_passes_and_what_it_used_is_told(sandbox):
    result = run(sandbox, "print('hello')\ndef f(x):\n    s = bytearray(100 << 20)\n    return x * 2")
    assert result.verdict == "passed" and result.message == "" and result.output == "hello\n"
    assert 0 < result.cpu_seconds < 0.5 and 100 << 20 < result.peak_memory < 200 << 20
    assert result.tier == sandbox.tier and result.trust == "apart"


@pytest.mark.parametrize(
    ("code", "verdict", "message"),
    [
        ("def f(x): return x * 3", "failed", "AssertionError"),
        ("def g(x): return x", "failed", "AttributeError"),
        ("def f(x): return 1 +", "failed", "SyntaxError"),
        ("def f(x): raise KeyError('k')", "failed", "KeyError: 'k'"),
        ("def f(x):\n    while True: pass", "timed out", "over 0.5 seconds of work or sleep"),
        ("import time\ndef f(x): time.sleep(60)", "timed out", "over 0.5 seconds of work or sleep"),
        ("def f(x): return bytearray(1 << 40)", "memory", "MemoryError"),
        ("import os\ndef f(x): os.abort()", "failed", "the program"),
        ("def f(x): return object()", "failed", "the program returned a value of type `object`"),
        ("raise SystemExit(0)", "failed", "the program ended itself"),
    ],
)
def test_every_way_to_be_wrong_has_its_verdict(sandbox, code, verdict, message):
    result = run(sandbox, code)
    assert (result.verdict, result.message[: len(message)]) == (verdict, message) or message in result.message
    assert result.verdict == verdict


def test_checks_that_never_call_the_program_prove_nothing(sandbox):
    result = run(sandbox, "def f(x): pass", "assert True")
    assert (result.verdict, result.message) == ("refused", "the checks never call the program")


def test_checks_may_use_helpers_of_the_prompt(sandbox):
    prompt = "def double(x): return 2 * x\ndef f(x):\n    '''Twice x.'''\n"
    assert run(sandbox, prompt + "    return x + x", "assert f(3) == double(3)", prompt=prompt).is_passed
    # A program that redefines a helper changes its own alone.
    cheat = prompt + "    return 0\ndef double(x): return 0"
    assert not run(sandbox, cheat, "assert f(3) == double(3)", prompt=prompt).is_passed


def test_arguments_are_the_checks_own(sandbox):
    cheat = "def f(x):\n    x.clear()\n    return []"
    assert not run(sandbox, cheat, "x = [3, 1]\nassert f(x) == sorted(x)").is_passed


def test_checks_that_need_the_programs_classes_run_with_it_and_say_so(sandbox):
    code = "class C:\n    def f(self): return 1\ndef f(x): return C()"
    result = run(sandbox, code, "assert isinstance(f(1), C) and C().f() == 1", trust="shared")
    assert result.is_passed and result.trust == "shared"
    assert not run(sandbox, code, "assert C().f() == 2", trust="shared").is_passed
    # Why it is marked: there a program that wants to cheat can.
    liar = "class C:\n    def __eq__(self, other): return True\ndef f(x): return C()"
    assert run(sandbox, liar, "assert f(1) == 7", trust="shared").is_passed


def test_many_calls_are_quick_enough(sandbox):
    checks = "for i in range(3000): assert f(i) == i * 2"
    assert sandbox.run(Program(code="def f(x): return x * 2", checks=checks, names=["f"]), Limits()).is_passed


def test_files_are_bounded_in_every_tier(sandbox):
    code = """
import time
def f(x):
    try:
        for n in range(100):
            open(str(n), "wb").write(b"x" * (1 << 20))
    finally:
        time.sleep(0.3)
    return x * 2
"""
    limits = Limits(cpu_seconds=2.0, tmp_bytes=8 << 20)
    result = sandbox.run(Program(code=code, checks="assert f(2) == 4", names=["f"]), limits)
    assert result.verdict == "failed" and ("No space left" in result.message or "bytes of files" in result.message)


def test_calls_and_answers_are_told_where_they_are_recorded(sandbox):
    code = "def f(x):\n    if x == 2: raise ValueError\n    return x, [x]"
    checks = "for x in (1, 2, 3):\n    try: f(x)\n    except ValueError: pass"
    result = run(sandbox, code, checks, is_recorded=True)
    calls = [(decode(arguments), decode(value)) for arguments, value in result.calls]
    assert calls == [(((1,), {}), (1, [1])), (((3,), {}), (3, [3]))] and run(sandbox, code, checks).calls == []
