"""More inputs like those that a problem's tests use: changed by type, within what the tests show to be allowed.

After EvalPlus (Liu et al. 2023, arXiv 2305.01210), whose contracts are written by hand; here they are read off the
tests: a number that is never negative stays so, a text has the characters seen, a list that is never empty never is.
"""

import ast
import random
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_ITEMS = 40
"""Of a text or a list that grows."""
_ALPHABETS = ((string.ascii_lowercase, 8), (string.ascii_uppercase, 8), (string.digits, 4))
"""Sets of characters that are all allowed where so many of them were seen."""


@dataclass
class Domain:
    """What the values at one place of the arguments have in common."""

    values: list[Any] = field(default_factory=list)
    """Simple ones that were seen, for reuse."""
    numbers: list[int | float] = field(default_factory=list)
    characters: set[str] = field(default_factory=set)
    lengths: list[int] = field(default_factory=list)
    items: "Domain | None" = None
    """Of lists, sets and dictionaries' keys."""
    mapped: "Domain | None" = None
    """Of dictionaries' values."""
    is_sorted: bool = True
    is_distinct: bool = True
    constants: tuple[Any, ...] = ()
    """What the solution itself compares with: where it turns is worth asking."""

    def see(self, value: Any) -> None:
        """Widen the domain to hold a value."""
        if isinstance(value, (bool, type(None))):
            self.values.append(value)
        elif isinstance(value, (int, float)):
            self.values.append(value)
            self.numbers.append(value)
        elif isinstance(value, str):
            self.values.append(value)
            self.characters |= set(value)
            self.lengths.append(len(value))
        elif isinstance(value, dict):
            self._see_items(list(value))
            self.mapped = self.mapped or Domain(constants=self.constants)
            for each in value.values():
                self.mapped.see(each)
        elif isinstance(value, (list, tuple, set, frozenset)):
            self._see_items(list(value))
            self.is_sorted &= not isinstance(value, (list, tuple)) or _is_sorted(value)
            self.is_distinct &= len(value) < 2 or _is_distinct(value)

    def _see_items(self, items: list[Any]) -> None:
        self.lengths.append(len(items))
        self.items = self.items or Domain(constants=self.constants)
        for each in items:
            self.items.see(each)

    def changed(self, value: Any, draw: random.Random) -> Any:
        """Another value of the domain, near this one."""
        match value:
            case bool():
                return draw.choice([each for each in self.values if isinstance(each, bool)] or [value])
            case int() | float():
                return self._number(value, draw)
            case str():
                return self._text(value, draw)
            case list():
                return self._list(value, draw)
            case tuple():
                return tuple(self._list(list(value), draw, is_fixed=len(set(self.lengths)) == 1))
            case set() | frozenset():
                return type(value)(self._list(list(value), draw))
            case dict() if value and self.items and self.mapped:
                key = draw.choice(list(value))
                mapped = self.mapped.changed(value[key], draw)
                rest = {k: v for k, v in value.items() if k != key}
                other = self.items.changed(key, draw)
                return draw.choice(
                    [{**value, key: mapped}, {**value, other: mapped}, {**rest, other: mapped}, rest or value]
                )
        return value

    def holds(self, value: Any) -> bool:
        """Whether a number or a text is one that was seen, or might have been."""
        if isinstance(value, str):
            return set(value) <= self.characters and len(value) >= min(self.lengths)
        return isinstance(value, (int, float)) and bool(self.numbers) and value >= self._least

    @property
    def _least(self) -> int | float:
        """Of numbers."""
        low, high = min(self.numbers), max(self.numbers)
        return 1 if low >= 1 else 0 if low >= 0 else low - max(4, 2 * int(high - low))

    def _number(self, value: int | float, draw: random.Random) -> int | float:
        low, high, least = min(self.numbers), max(self.numbers), self._least
        span = max(4, 2 * int(high - low))
        whole = isinstance(value, int)
        near = [
            value + 1,
            value - 1,
            -value,
            draw.choice(self.numbers),
            draw.randint(int(least), int(high) + span),
            0,
            1,
        ]
        near += self._turns(whole)
        if not whole:
            near += [value + draw.choice((0.5, 0.25, -0.5, 0.01)), value * 2, draw.uniform(least, high + 1)]
        found = max(least, draw.choice(near))
        return int(found) if whole else float(round(found, 4))

    def _turns(self, is_whole: bool) -> list[int | float]:
        """The solution's numbers, and those beside them."""
        kinds = int if is_whole else (int, float)
        known = [each for each in self.constants if isinstance(each, kinds) and not isinstance(each, bool)]
        return [each + step for each in known for step in (-1, 0, 0, 1)]

    def _text(self, value: str, draw: random.Random) -> str:
        seen = self._alphabet()
        texts = [each for each in self.constants if isinstance(each, str) and 0 < len(each) <= MOST_ITEMS]
        texts += [chr(int(each)) for each in self._turns(is_whole=True) if 32 <= each < 127]
        allowed = [each for each in texts if set(each) <= set(seen)]
        if re.search(r"\d", value) and draw.random() < 0.5:
            return self._other_number(value, draw)
        place = draw.randint(0, len(value))
        others = [each for each in self.values if isinstance(each, str)]
        found: str = draw.choice(
            [
                value[:place] + draw.choice(seen) + value[place:],
                value[:place] + value[place + 1 :],
                value[:place] + draw.choice(seen) + value[place + 1 :],
                value[::-1],
                value + value[:place],
                draw.choice(others) + value[place:],
                value[:place] + draw.choice(allowed or seen) + value[place:],
                value[:place] + value[place : place + 1].swapcase() + value[place + 1 :],
                value[:-1] + draw.choice(allowed or seen),
                "".join(draw.choice(seen) for _ in range(draw.randint(min(self.lengths), max(self.lengths) + 2))),
            ]
        )
        if len(set(self.lengths)) == 1 and self.lengths[0]:
            found = (found + value)[: self.lengths[0]]
        is_known = set(found) <= set(seen) and len(found) >= min(self.lengths)
        return found[:MOST_ITEMS] if is_known else value

    def _alphabet(self) -> list[str]:
        found = set(self.characters)
        for letters, least in _ALPHABETS:
            if len(found & set(letters)) >= least:
                found |= set(letters)
        return sorted(found) or [""]

    def _other_number(self, text: str, draw: random.Random) -> str:
        """The text with one of its written numbers changed to one that the solution knows, as long as before."""
        runs = list(re.finditer(r"\d+", text))
        turns = [each for each in self._turns(is_whole=True) if each >= 0]
        if not runs or not turns:
            return text
        run = draw.choice(runs)
        return text[: run.start()] + str(draw.choice(turns)).zfill(len(run[0])) + text[run.end() :]

    def _list(self, value: list[Any], draw: random.Random, *, is_fixed: bool = False) -> list[Any]:
        items = self.items
        if items is None or not (value or items.values or items.lengths):
            return value
        found, place = list(value), draw.randrange(len(value)) if value else 0
        way = draw.randrange(6)
        if value and (way == 0 or is_fixed):
            found[place] = items.changed(found[place], draw)
        elif value and way == 1 and len(value) > min(self.lengths):
            del found[place]
        elif value and way == 2:
            found.insert(draw.randint(0, len(found)), found[place])
        elif value and way == 3:
            draw.shuffle(found)
        elif value and way == 4:
            found.insert(place, items.changed(found[place], draw))
        elif items.values:
            found.insert(place, draw.choice(items.values))
        if self.is_distinct and len(value) > 1:
            found = [each for n, each in enumerate(found) if each not in found[:n]]
        if self.is_sorted and len(value) > 2 and _is_sorted(value):
            found = _sorted(found)
        return found[:MOST_ITEMS] if len(found) >= min(self.lengths) else value


def _is_sorted(values: Sequence[Any]) -> bool:
    try:
        return all(a <= b for a, b in zip(values, values[1:], strict=False))
    except TypeError:
        return False


def _sorted(values: list[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return values


def _is_distinct(values: Any) -> bool:
    found = list(values)
    return all(each not in found[:n] for n, each in enumerate(found))


def constants_of(program: str) -> tuple[Any, ...]:
    """The numbers and texts that stand in a program; of a docstring nothing."""
    tree = ast.parse(program)
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in texts]
    return tuple(dict.fromkeys(each for each in found if type(each) in (int, float, str) and str(each)))


def more_inputs(
    seen: Sequence[tuple[Any, ...]], count: int, constants: tuple[Any, ...] = (), seed: int = 0
) -> list[tuple[Any, ...]]:
    """At most `count` different argument lists, none of those seen, each a few changes away from one that was."""
    draw = random.Random(seed)
    domains = [Domain(constants=constants) for _ in range(max(map(len, seen), default=0))]
    for arguments in seen:
        for domain, value in zip(domains, arguments, strict=False):
            domain.see(value)
    known = {repr(arguments) for arguments in seen}
    found: list[tuple[Any, ...]] = []
    pool = list(seen)
    for _ in range(20 * count):
        if len(found) == count or not any(pool):
            break
        # Half of them from what was seen: changes upon changes end in what no test would ask.
        arguments = list(draw.choice(pool if draw.random() < 0.5 else seen))
        if draw.random() < 0.1:
            arguments = _together(arguments, domains, draw)
        for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
            place = draw.randrange(len(arguments)) if arguments else 0
            if arguments:
                arguments[place] = domains[place].changed(arguments[place], draw)
        if repr(tuple(arguments)) not in known:
            known.add(repr(tuple(arguments)))
            found.append(tuple(arguments))
            pool.append(tuple(arguments))
    return found


def _together(arguments: list[Any], domains: Sequence[Domain], draw: random.Random) -> list[Any]:
    """All numbers times one factor, or arguments in another order that each place allows: what holds between them
    stays.
    """
    if all(type(each) in (int, float) for each in arguments) and draw.random() < 0.5:
        factor = draw.choice((2, 3, 5))
        return [each * factor for each in arguments]
    mixed = draw.sample(arguments, len(arguments))
    kinds = [type(each) for each in arguments]
    is_allowed = all(map(Domain.holds, domains, mixed)) and [type(each) for each in mixed] == kinds
    return mixed if is_allowed else arguments
