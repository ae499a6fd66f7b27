"""Tasks that count along a sequence: parity, counting, prefix sums, matching brackets."""

import numpy as np

from lengthwise.data.sources.generated.arithmetic import check_base, to_digits
from lengthwise.data.sources.generated.draws import DIGITS, letters, over, random_symbols, sequences
from lengthwise.data.sources.generated.task import RANDOM, Draw, Task

BRACKETS = "()[]{}<>"


def parity() -> Task:
    """1 where the number of ones is odd: 1101 -> 1."""
    return Task(
        name="parity",
        answer=over(DIGITS[:2], lambda inputs: str(inputs.count("1") % 2)),
        inputs=_with_single(DIGITS[:2]),
        growth=(0, 1),
    )


def counting(num_symbols: int) -> Task:
    """How often the first symbol stands there, in as many decimal digits as the length of the inputs has: abaa -> 3."""

    def answer(inputs: str) -> str:
        return to_digits(inputs.count(inputs[:1]), 10, len(str(len(inputs))))

    alphabet = letters(num_symbols)
    return Task(name="counting", answer=over(alphabet, answer), inputs=_with_single(alphabet))


def prefix_sums(base: int) -> Task:
    """Sums of all digits so far, modulo the base: 1101 -> 1001 (base 2)."""

    def answer(inputs: str) -> str:
        return "".join(str(total) for total in np.cumsum([int(digit) for digit in inputs]) % base)

    check_base(base)
    return Task(name="prefix_sums", answer=over(DIGITS[:base], answer), inputs=_with_single(DIGITS[:base]))


def brackets(num_kinds: int) -> Task:
    """For every bracket whether it has a partner: + if so and - if not: (()[ -> -++-; Dyck words are all +."""
    if not 1 <= num_kinds <= len(BRACKETS) // 2:
        raise ValueError(f"`data.num_kinds` must be from 1 to {len(BRACKETS) // 2}, but is {num_kinds}.")
    alphabet = BRACKETS[: 2 * num_kinds]
    draws = {
        # Half Dyck words, half broken ones: uniformly random brackets are hardly ever nested.
        RANDOM: lambda length, random: (_broken if random.integers(2) else _balanced)(length, random, alphabet),
        "balanced": lambda length, random: _balanced(length, random, alphabet),
        "broken": lambda length, random: _broken(length, random, alphabet),
        "nested": lambda length, random: _nested(length, random, alphabet),
        "uniform": lambda length, random: random_symbols(length, alphabet, random),
        "open": lambda length, random: length * alphabet[0],
    }
    return Task(name="brackets", answer=matched, inputs=draws, min_length=2)


def matched(word: str) -> str:
    """The marks of a word of brackets; a closing bracket that fits nothing closes all that stands open."""
    marks, opened = ["-"] * len(word), list[int]()
    for at, bracket in enumerate(word):
        if bracket not in BRACKETS:
            raise ValueError(f"There must be brackets out of {BRACKETS}, but {word[:40]!r} holds {bracket!r}.")
        kind, is_closing = divmod(BRACKETS.index(bracket), 2)
        if not is_closing:
            opened.append(at)
        elif opened and BRACKETS.index(word[opened[-1]]) // 2 == kind:
            marks[at] = marks[opened.pop()] = "+"
        else:
            # No pair may reach over it.
            opened.clear()
    return "".join(marks)


def _balanced(length: int, random: np.random.Generator, alphabet: str) -> str:
    """A Dyck word of about this length, all kinds alike."""
    word, opened = list[str](), list[int]()
    for left in range(length - length % 2, 0, -1):
        if opened and (len(opened) >= left or random.integers(2)):
            word.append(alphabet[2 * opened.pop() + 1])
        else:
            opened.append(int(random.integers(len(alphabet) // 2)))
            word.append(alphabet[2 * opened[-1]])
    return "".join(word)


def _broken(length: int, random: np.random.Generator, alphabet: str) -> str:
    """A Dyck word with one bracket exchanged."""
    word = _balanced(length, random, alphabet)
    at = int(random.integers(len(word)))
    return word[:at] + random_symbols(1, alphabet.replace(word[at], ""), random) + word[at + 1 :]


def _nested(length: int, random: np.random.Generator, alphabet: str) -> str:
    """All open first, then all close."""
    kinds = random.integers(len(alphabet) // 2, size=length // 2)
    return "".join(alphabet[2 * kind] for kind in kinds) + "".join(alphabet[2 * kind + 1] for kind in kinds[::-1])


def _with_single(alphabet: str) -> dict[str, Draw]:
    """Draws over an alphabet, with a kind of one odd symbol among equal ones."""

    def single(length: int, random: np.random.Generator) -> str:
        at = int(random.integers(length))
        return at * alphabet[0] + alphabet[1] + (length - at - 1) * alphabet[0]

    return {**sequences(alphabet), "single": single}
