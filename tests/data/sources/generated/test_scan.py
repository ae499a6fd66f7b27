from collections import Counter
from functools import cache

import pytest

from lengthwise.data.sources.generated import scan
from lengthwise.data.sources.generated.scan import ACTION_WORDS, COMMAND_WORDS, Scan, SplitName, actions, commands

SHORT = {"I_TURN_LEFT": "L", "I_TURN_RIGHT": "R", "I_WALK": "W", "I_LOOK": "K", "I_RUN": "N", "I_JUMP": "J"}
PUBLISHED = {"simple": (16_728, 4_182), "length": (16_990, 3_920), "add_jump": (14_670, 7_706)}
"""Rows of training (our train and validation) and test."""
SPLITS = ("train", "validation", "test")


@cache
def rows(split: SplitName) -> list[tuple[str, str, str]]:
    return [(str(row["inputs"]), str(row["targets"]), str(row["split"])) for row in Scan(split=split).read()]


@pytest.mark.parametrize(
    ("command", "letters"),
    [
        ("jump", "J"),
        ("jump left", "L J"),
        ("jump around right", "R J R J R J R J"),
        ("turn left twice", "L L"),
        ("jump thrice", "J J J"),
        ("jump opposite left and walk thrice", "L L J W W W"),
        ("jump opposite left after walk around left", "L W L W L W L W L L J"),
        ("turn opposite right", "R R"),
        ("turn around left", "L L L L"),
        ("look and run right twice", "K R N R N"),
        ("walk after turn left", "L W"),
        ("jump around left twice", " ".join(8 * ["L J"])),
        ("jump around left thrice after jump around right thrice", " ".join([*12 * ["R J"], *12 * ["L J"]])),
    ],
)
def test_commands_mean_what_the_paper_says(command, letters):
    assert " ".join(SHORT[action] for action in actions(command).split()) == letters


def test_there_are_as_many_different_commands_as_published():
    assert len(commands()) == len(set(commands())) == 20_910


def test_commands_and_actions_are_of_the_published_lengths():
    assert max(len(command.split()) for command in commands()) == 9
    assert max(len(targets.split()) for _, targets, _ in rows("length")) == 48


def test_every_command_is_understood_with_the_words_of_both_sides():
    assert {word for command in commands() for word in command.split()} == set(COMMAND_WORDS)
    assert {word for command in commands() for word in actions(command).split()} == set(ACTION_WORDS)


@pytest.mark.parametrize(
    "command",
    [
        *("", " ", "turn", "twice", "jump jump", "jump twice twice", "walk left right", "turn twice", "left"),
        *("and walk", "walk and", "walk after", "walk and run and look", "walk and run after look", "jump opposite"),
        *("skip left", "jump around", "around left", "opposite jump left", "walk and twice", "jump around up"),
    ],
)
def test_what_the_grammar_does_not_have_is_refused(command):
    with pytest.raises(ValueError, match="A command must be one of SCAN's grammar"):
        actions(command)


@pytest.mark.parametrize("split", PUBLISHED)
def test_splits_have_the_published_sizes(split):
    counts = Counter(found for _, _, found in rows(split))
    assert (counts["train"] + counts["validation"], counts["test"]) == PUBLISHED[split]
    assert 0.04 < counts["validation"] / PUBLISHED[split][0] < 0.06


@pytest.mark.parametrize("split", PUBLISHED)
def test_every_command_stands_in_one_split(split):
    places = {(" ".join(inputs.split()), found) for inputs, _, found in rows(split)}
    assert len(places) == 20_910


def test_the_length_split_parts_at_22_actions():
    lengths = {
        found: {len(targets.split()) for _, targets, place in rows("length") if place == found} for found in SPLITS
    }
    assert max(lengths["train"]) == 22 == max(lengths["validation"])
    assert (min(lengths["test"]), max(lengths["test"])) == (24, 48)


def test_training_knows_jump_alone_and_in_a_tenth_of_its_rows():
    with_jump = Counter((" ".join(inputs.split()), found) for inputs, _, found in rows("add_jump") if "jump" in inputs)
    assert with_jump["jump", "train"] == scan.NUM_JUMPS == 1_467
    assert {found for command, found in with_jump if command != "jump"} == {"test"}
    assert all("jump" in inputs for inputs, _, found in rows("add_jump") if found == "test")


def test_copies_of_jump_are_different_rows_of_the_same_words():
    jumps = [inputs for inputs, _, _ in rows("add_jump") if inputs.split() == ["jump"]]
    assert len(set(jumps)) == len(jumps) == 1_467


def test_the_simple_test_is_spread_over_all_commands():
    tested = [inputs for inputs, _, found in rows("simple") if found == "test"]
    for word in COMMAND_WORDS:
        share = sum(word in command.split() for command in tested) / sum(word in c.split() for c in commands())
        assert 0.18 < share < 0.22
