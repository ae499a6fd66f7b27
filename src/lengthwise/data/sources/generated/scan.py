"""SCAN: commands in a small language and the actions they ask for.

Lake and Baroni, "Generalization without systematicity", 2018 (https://arxiv.org/abs/1711.00350): all 20,910 commands of
their grammar, and three of their splits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lengthwise.contracts import Example
from lengthwise.data.problem import Report, Source
from lengthwise.data.sources.generated.held_out import share

SplitName = Literal["simple", "length", "add_jump"]

VERBS = {"walk": ["I_WALK"], "look": ["I_LOOK"], "run": ["I_RUN"], "jump": ["I_JUMP"]}
TURNS = {"left": ["I_TURN_LEFT"], "right": ["I_TURN_RIGHT"]}
TURNED = {**VERBS, "turn": []}
"""What may stand before a side: `turn` only turns."""
TIMES = {"twice": 2, "thrice": 3}

COMMAND_WORDS = (*TURNED, *TURNS, "opposite", "around", *TIMES, "and", "after")
ACTION_WORDS = (*(verb[0] for verb in VERBS.values()), *(turn[0] for turn in TURNS.values()))

NUM_SIMPLE_TEST = 4182
MAX_TRAIN_ACTIONS = 22
NUM_JUMPS = 1467
"""How often the published training set of `add_jump` holds the command `jump`: in a tenth of its 14,670 rows."""
VALIDATION_SHARE = 0.05


def commands() -> list[str]:
    """All commands, in a fixed order."""
    turned = [f"{verb} {manner}{side}" for verb in TURNED for manner in ("", "opposite ", "around ") for side in TURNS]
    phrases = [phrase + times for phrase in (*VERBS, *turned) for times in ("", *(f" {word}" for word in TIMES))]
    joined = [f"{first} {joint} {second}" for first in phrases for joint in ("and", "after") for second in phrases]
    return phrases + joined


def actions(command: str) -> str:
    """What a command asks for: jump left twice -> I_TURN_LEFT I_JUMP I_TURN_LEFT I_JUMP."""
    if " and " in command:
        phrases = command.split(" and ", maxsplit=1)
    else:
        # What stands behind `after` is done first.
        phrases = reversed(command.split(" after ", maxsplit=1))
    return " ".join(action for phrase in phrases for action in _repeated(phrase))


def _repeated(phrase: str) -> list[str]:
    *words, last = phrase.split() or [""]
    return TIMES[last] * _once(words) if last in TIMES else _once([*words, last])


def _once(words: list[str]) -> list[str]:
    match words:
        case [verb] if verb in VERBS:
            return VERBS[verb]
        case [verb, side] if verb in TURNED and side in TURNS:
            return TURNS[side] + TURNED[verb]
        case [verb, "opposite", side] if verb in TURNED and side in TURNS:
            return 2 * TURNS[side] + TURNED[verb]
        case [verb, "around", side] if verb in TURNED and side in TURNS:
            return 4 * (TURNS[side] + TURNED[verb])
    raise ValueError(f"A command must be one of SCAN's grammar, such as jump around left twice, but has {words}.")


@dataclass(frozen=True, kw_only=True)
class Scan(Source):
    """All commands in one of three splits; a twentieth of the published training set is validation.

    `simple`: 4,182 commands are the test, chosen by a hash (the published ones were drawn at random, and are others).
    `length`: tested on commands of more than 22 actions.
    `add_jump`: tested on all commands that hold `jump` among other words; train knows it alone.
    """

    split: SplitName = "simple"
    name: str = field(init=False, default="SCAN")
    licence: str = field(init=False, default="none: computed")
    is_split_exact: bool = field(init=False, default=True)

    def fetch(self, report: Report | None = None) -> None:
        """Nothing to fetch."""

    def checksums(self) -> dict[str, str]:
        """Nothing was read: the code counts in the fingerprint."""
        return {"settings": self.split}

    def read(self) -> Iterator[Example]:
        everything = commands()
        tested = set(sorted(everything, key=lambda command: share([command]))[:NUM_SIMPLE_TEST])
        for command in everything:
            targets = actions(command)
            is_test = {
                "simple": command in tested,
                "length": len(targets.split()) > MAX_TRAIN_ACTIONS,
                "add_jump": "jump" in command and command != "jump",
            }[self.split]
            if self.split == "add_jump" and command == "jump":
                # `prepare` keeps equal rows once; these differ in white space, of which a codec of words sees nothing.
                for i in range(NUM_JUMPS):
                    yield {"inputs": command + i * " ", "targets": targets, "split": "train"}
            else:
                split = "test" if is_test else _train_or_validation(command)
                yield {"inputs": command, "targets": targets, "split": split}


def _train_or_validation(command: str) -> str:
    return "validation" if share([command, "validation"]) < VALIDATION_SHARE else "train"
