"""Learning to Execute: short programs whose output is the target, and digit strings to memorise.

Zaremba and Sutskever, 2014 (https://arxiv.org/abs/1410.4615). The programs are of the published kinds, not from the
published generator: `nesting` operations one on the other over numbers of `digits` digits; targets have no full stop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lengthwise.data.sources.generated.draws import DIGITS, LETTERS, random_symbols, sequences
from lengthwise.data.sources.generated.interpreter import printed
from lengthwise.data.sources.generated.task import RANDOM, Draw, Task

Strategy = Literal["mix", "naive"]
"""`mix` draws nesting and digits of every program from 1 to what is given, `naive` takes what is given."""
Family = Literal["program", "control", "addition"]

ALPHABET = DIGITS + LETTERS + "()+-*<>=: \n"
VARIABLES = LETTERS.replace("x", "")
"""x counts in loops."""
MAX_NESTING, MAX_DIGITS = len(VARIABLES), 100
SMALL = 4
"""Factors and repeats are at most this many times the number of digits, as published."""

Number = Callable[[int, np.random.Generator], str]
"""(number of digits, generator) -> a number without zeros in front."""


def copy() -> Task:
    """123 -> 123."""
    return Task(name="copy", answer=_checked, inputs=sequences(DIGITS))


def double() -> Task:
    """123 -> 123123."""
    inputs = sequences(DIGITS, lambda length: length // 2)
    return Task(name="double", answer=lambda text: 2 * _checked(text), inputs=inputs, growth=(2, 0), min_length=2)


def reverse() -> Task:
    """123 -> 321."""
    return Task(name="reverse", answer=lambda text: _checked(text)[::-1], inputs=sequences(DIGITS), places="from_end")


def execution(family: Family, nesting: int, digits: int, strategy: Strategy) -> Task:
    """Programs and what they print: of all operations, of `control` flow alone (conditions, loops), of sums alone.

    A program's length follows from `nesting` and `digits`, not from the length asked for: that only cuts programs down
    that would be longer, which none is from `longest_program` on.
    """
    if not (1 <= nesting <= MAX_NESTING and 1 <= digits <= MAX_DIGITS):
        raise ValueError(
            f"`data.nesting` must be from 1 to {MAX_NESTING} and `data.length` from 1 to {MAX_DIGITS}, but are "
            f"{nesting} and {digits}."
        )

    def draws(number: Number, is_mixed: bool) -> Draw:
        def inputs(length: int, random: np.random.Generator) -> str:
            depth, width = nesting, digits
            if is_mixed:
                depth, width = (int(random.integers(1, most, endpoint=True)) for most in (nesting, digits))
            while len(text := _program(FAMILIES[family], depth, width, number, random)) > length and depth + width > 1:
                depth, width = (depth - 1, width) if depth else (depth, width - 1)
            return text

        return inputs

    kinds = {
        RANDOM: draws(_random_number, strategy == "mix"),
        "deepest": draws(_random_number, False),
        "carry": draws(lambda size, random: size * "9", False),
        "powers": draws(lambda size, random: "1".ljust(size, "0"), False),
    }
    # A number has no more digits than the operations that it comes from have characters.
    return Task(name=family, answer=printed, inputs=kinds, growth=(1, 0), min_length=len("print(1)"))


def longest_program(family: Family, nesting: int, digits: int) -> int:
    """The most characters of such a program: every operation, written once with the widest numbers, adds its own."""
    added = []
    for operation in FAMILIES[family]:
        draft = Draft(digits, lambda size, random: size * "9", np.random.default_rng(0), is_widest=True)
        added.append(len(operation(draft, "")) + len(draft.text()))
    return len("print()") + digits + nesting * max(added)


@dataclass
class Draft:
    """A program in the making."""

    digits: int
    draw: Number
    random: np.random.Generator
    is_widest: bool = False
    """Whether small numbers are the largest of their kind, too."""
    lines: list[str] = field(default_factory=list)

    def number(self) -> str:
        """An operand."""
        return self.draw(self.digits, self.random)

    def small(self) -> str:
        """A factor, or how often to repeat."""
        most = SMALL * self.digits
        return str(most if self.is_widest else self.random.integers(1, most, endpoint=True))

    def choice(self, *options: str) -> str:
        """One of them."""
        return options[self.random.integers(len(options))]

    def assign(self, value: str) -> str:
        """A fresh variable with this value."""
        taken = {line[0] for line in self.lines}
        name = self.choice(*(letter for letter in VARIABLES if letter not in taken))
        self.lines.append(f"{name}={value}")
        return name

    def text(self) -> str:
        """All lines, each closed."""
        return "".join(f"{line}\n" for line in self.lines)


def _program(
    operations: Sequence["Operation"], nesting: int, digits: int, number: Number, random: np.random.Generator
) -> str:
    draft = Draft(digits, number, random)
    value = draft.number()
    for which in random.integers(len(operations), size=nesting):
        value = operations[which](draft, value)
    return f"{draft.text()}print({value})"


def _add(draft: Draft, value: str) -> str:
    other = draft.number()
    return draft.choice(f"({value}+{other})", f"({other}+{value})")


def _subtract(draft: Draft, value: str) -> str:
    other = draft.number()
    return draft.choice(f"({value}-{other})", f"({other}-{value})")


def _multiply(draft: Draft, value: str) -> str:
    factor = draft.small()
    return draft.choice(f"({value}*{factor})", f"({factor}*{value})")


def _assign(draft: Draft, value: str) -> str:
    return draft.assign(value)


def _choose(draft: Draft, value: str) -> str:
    left, right, other = draft.number(), draft.number(), draft.number()
    condition = f"{left}{draft.choice('<', '>')}{right}"
    return draft.choice(f"({value} if {condition} else {other})", f"({other} if {condition} else {value})")


def _loop(draft: Draft, value: str) -> str:
    name = draft.assign(value)
    draft.lines.append(f"for x in range({draft.small()}):{name}{draft.choice('+', '-')}={draft.number()}")
    return name


Operation = Callable[[Draft, str], str]
"""(program so far, expression) -> an expression that does one thing more to it."""

FAMILIES: dict[Family, Sequence[Operation]] = {
    "program": (_add, _subtract, _multiply, _assign, _choose, _loop),
    "control": (_choose, _loop),
    "addition": (_add,),
}


def _random_number(size: int, random: np.random.Generator) -> str:
    return random_symbols(1, DIGITS[1:], random) + random_symbols(size - 1, DIGITS, random)


def _checked(text: str) -> str:
    if not text or set(text) - set(DIGITS):
        raise ValueError(f"The inputs must be digits, but are {text[:40]!r}.")
    return text
