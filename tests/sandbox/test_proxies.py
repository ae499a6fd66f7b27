import pytest

from lengthwise.sandbox.proxies import CandidateError, Ended, Proxy, answer_of
from lengthwise.sandbox.values import decode, encode


def raised(name: str, *arguments: object) -> dict[str, object]:
    return {"raised": [name, f"{name}: text", encode(arguments)]}


def test_a_call_is_carried_over_and_its_answer_brought_back():
    asked = []

    def ask(request: dict[str, str]) -> dict[str, object]:
        asked.append((request["name"], decode(request["arguments"])))
        return {"value": encode((1, {2}))}

    proxy = Proxy("f", ask)
    assert proxy([1], key="x") == (1, {2}) and proxy.__name__ == "f"
    assert asked == [("f", (([1],), {"key": "x"}))]


def test_arguments_that_cannot_cross_end_the_check():
    with pytest.raises(Ended, match="the checks pass a value of type `object`.*trust=shared") as found:
        Proxy("f", lambda request: {})(object())
    assert found.value.verdict == "refused"


def test_what_a_program_raises_is_raised_here_with_its_arguments():
    with pytest.raises(KeyError) as found:
        answer_of(raised("KeyError", "k"))
    assert found.value.args == ("k",)
    for name in ("ItsOwnError", "UnicodeDecodeError", "print", "StopIteration", "StopAsyncIteration"):
        with pytest.raises(CandidateError, match=f"{name}: text"):
            answer_of(raised(name, "k"))


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException"])
def test_nothing_a_program_raises_ends_the_checks_as_if_they_held(name):
    with pytest.raises(Ended, match="the program ended itself") as found:
        answer_of(raised(name, 0))
    assert found.value.verdict == "failed"


@pytest.mark.parametrize(
    "reply",
    [{}, {"value": 1}, {"value": "["}, {"verdict": "passed"}, {"raised": ["KeyError"]}, {"raised": ["E", "", "["]}, []],
)
def test_an_answer_that_is_none_fails(reply):
    with pytest.raises(Ended) as found:
        answer_of(reply)
    assert found.value.verdict == "failed"


def test_lack_of_memory_is_a_verdict_of_its_own():
    with pytest.raises(Ended) as found:
        answer_of(raised("MemoryError"))
    assert found.value.verdict == "memory"
