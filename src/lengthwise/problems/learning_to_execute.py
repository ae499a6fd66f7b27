"""Learning to Execute (Zaremba and Sutskever 2014): programs to run, one character a token, and digits to memorise."""

from lengthwise.data.codecs.symbols import Symbols
from lengthwise.data.problem import Problem
from lengthwise.data.sources.generated import programs
from lengthwise.data.sources.generated.draws import DIGITS
from lengthwise.data.sources.generated.programs import Family, Strategy
from lengthwise.data.sources.generated.task import Generated, Task
from lengthwise.metrics.accuracy import exact_match, symbol_accuracy


def copy(*, length: int = 20) -> Problem:
    """Up to `length` digits again (published: 55): 123 -> 123."""
    return _problem(programs.copy(), Symbols(DIGITS), 1, length)


def double(*, length: int = 20) -> Problem:
    """Up to `length` digits twice (published: 55): 123 -> 123123."""
    return _problem(programs.double(), Symbols(DIGITS), 2, 2 * length)


def reverse(*, length: int = 20) -> Problem:
    """Up to `length` digits backwards (published: 55): 123 -> 321."""
    return _problem(programs.reverse(), Symbols(DIGITS), 1, length)


def program(*, nesting: int = 2, length: int = 5, strategy: Strategy = "mix") -> Problem:
    """What programs of all operations print; `nesting` operations on numbers of `length` digits."""
    return _execution("program", nesting, length, strategy)


def control(*, nesting: int = 2, length: int = 5, strategy: Strategy = "mix") -> Problem:
    """What programs of conditions and loops print."""
    return _execution("control", nesting, length, strategy)


def addition(*, nesting: int = 2, length: int = 5, strategy: Strategy = "mix") -> Problem:
    """What programs of sums print: print((12345+67890)) -> 80235."""
    return _execution("addition", nesting, length, strategy)


def _execution(family: Family, nesting: int, length: int, strategy: Strategy) -> Problem:
    task = programs.execution(family, nesting, length, strategy)
    longest = programs.longest_program(family, nesting, length)
    return _problem(task, Symbols(programs.ALPHABET), longest, longest)


def _problem(task: Task, symbols: Symbols, min_length: int, max_length: int) -> Problem:
    source = Generated(task=task, min_length=min_length, max_length=max_length)
    return Problem(
        source=source,
        inputs=symbols,
        targets=symbols,
        metrics={"exact match": exact_match, "symbol accuracy": symbol_accuracy},
        max_length=max_length + 1,
        growth=task.growth,
        places=task.places,
        licence=source.licence,
    )
