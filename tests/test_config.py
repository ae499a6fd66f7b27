import json
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from lengthwise import config


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    name: Literal["adamw", "muon"] = "adamw"
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.98)


@dataclass(frozen=True, kw_only=True)
class Shape(ABC):  # noqa: B024
    """Stands for ModelConfig: abstract, many subclasses."""


@dataclass(frozen=True, kw_only=True)
class Wide(Shape):
    d_model: int = 64
    num_layers: int = 2


@dataclass(frozen=True, kw_only=True)
class Deep(Shape):
    num_layers: int = 12
    widths: tuple[int, ...] = (8, 16)


@dataclass(frozen=True, kw_only=True)
class Stranger:
    d_model: int = 64


class Plain:
    """A class, but no config."""


@dataclass(frozen=True, kw_only=True)
class Run:
    model: Shape
    optimizer: Optimizer = Optimizer()
    steps: int | None = None
    is_fast: bool = False
    data: Mapping[str, object] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    path: Path | None = None
    derived: int = field(default=0, init=False)
    warm: Optimizer | None = None

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"`steps` must be at least 1, but is {self.steps}.")


RUN = Run(model=Wide())


def refusal(assignments: dict[str, object]) -> str:
    with pytest.raises(ValueError) as caught:
        config.override(RUN, assignments)
    return str(caught.value)


def test_words_become_assignments_and_the_later_wins():
    assert config.parse_assignments(["a.b=1", "c=x=y", "a.b=2"]) == {"a.b": "2", "c": "x=y"}


@pytest.mark.parametrize("word", ["steps", "=3", ""])
def test_a_word_without_path_and_value_is_refused(word):
    with pytest.raises(ValueError, match="must be `path=value`, such as"):
        config.parse_assignments([word])


def test_an_override_reaches_every_depth_and_leaves_the_old_config_alone():
    changed = config.override(RUN, {"optimizer.learning_rate": "3e-3", "model.d_model": "128", "steps": "1e3"})
    assert changed == Run(model=Wide(d_model=128), optimizer=Optimizer(learning_rate=3e-3), steps=1000)
    assert RUN == Run(model=Wide())


@dataclass(frozen=True, kw_only=True)
class Divided:
    """Two fields of which one must divide the other."""

    whole: int = 6
    part: int = 3

    def __post_init__(self) -> None:
        if self.whole % self.part:
            raise ValueError(f"`part` must divide {self.whole}, but is {self.part}.")


def test_what_is_valid_together_is_set_together_in_any_order():
    for assignments in ({"whole": "8", "part": "4"}, {"part": "4", "whole": "8"}):
        assert config.override(Divided(), assignments) == Divided(whole=8, part=4)
    with pytest.raises(ValueError, match="`part` must divide 8, but is 3"):
        config.override(Divided(), {"whole": "8"})


def test_typed_values_and_whole_configs_are_taken_too():
    changed = config.override(RUN, {"steps": 5, "model": Deep(), "warm": Optimizer(), "optimizer.betas": [0.5, 0.6]})
    assert changed == Run(model=Deep(), steps=5, warm=Optimizer(), optimizer=Optimizer(betas=(0.5, 0.6)))


def test_an_optional_config_can_be_taken_away():
    assert config.override(replace(RUN, warm=Optimizer()), {"warm": "none"}).warm is None


def test_a_mapping_takes_any_key_with_the_type_its_annotation_says():
    changed = config.override(RUN, {"data.source": "a.tsv", "data.size": "4000", "weights.de": "3", "weights.en": "4"})
    assert changed.data == {"source": "a.tsv", "size": 4000}
    assert changed.weights == {"de": 3, "en": 4}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("step", "3", "`Run` has no field `step` (from `step`). Did you mean `steps`?"),
        ("model.layers", "3", "`Wide` has no field `layers` (from `model.layers`). Did you mean `num_layers`?"),
        ("learning_rate", "3", "(from `learning_rate`). Did you mean `optimizer.learning_rate`?"),
        ("model.zebra", "3", "(from `model.zebra`). It has `d_model`, `num_layers`."),
        ("steps", "soon", "`steps` must be a whole number or none, but is `soon`."),
        ("optimizer.name", "adam", "must be one of `adamw` or `muon`, but is `adam`. Did you mean `adamw`?"),
        ("weights.de", "x", "`weights.de` must be a whole number, but is `x`."),
        ("model", "transformer", "`model` must be set field by field, but is given `transformer`."),
        ("warm.name", "muon", "`warm` must have fields for `warm.name` to be set, but is `None`."),
        ("steps.x", "3", "`steps` must have fields for `steps.x` to be set"),
        ("steps", "0", "`steps` must be at least 1, but is 0."),
        ("model", Stranger(), "`model` must be a `Shape`, but is"),
    ],
)
def test_an_impossible_override_is_answered_in_one_clear_line(path, value, message):
    assert message in refusal({path: value})
    assert "\n" not in refusal({path: value})


def test_every_value_survives_json():
    full = Run(
        model=Deep(widths=(1, 2, 3)),
        steps=7,
        is_fast=True,
        data={"source": "a.tsv", "size": 1, "code": "1"},
        weights={"a": 2},
        note="none",
        path=Path("x/y"),
        warm=Optimizer(name="muon"),
    )
    assert config.from_json(json.loads(json.dumps(config.to_json(full))), Run) == full


def test_what_is_not_plain_data_is_not_saved():
    with pytest.raises(TypeError, match=r"`data\.x` must be plain data to be saved, but is a `set`"):
        config.to_json(replace(RUN, data={"x": {1}}))


@pytest.mark.parametrize(
    "reference",
    [
        "subprocess:Popen",
        "os:system",
        "antigravity:x",
        "torch.nn:Linear",
        f"{__name__}:Plain",
        f"{__name__}:Stranger",
        f"{__name__}:no_such_class",
        "no_such_module_anywhere:X",
        "no colon",
        "..:x",
        7,
    ],
)
def test_a_file_can_name_only_known_configs(reference):
    data = config.to_json(RUN) | {"model": {"type": reference}}
    with pytest.raises(ValueError, match=r"`model\.type` must name a config class that is a `Shape`, but is `"):
        config.from_json(data, Run)


def test_the_outer_class_is_checked_too():
    with pytest.raises(ValueError, match="`type` must name a config class that is a `Run`"):
        config.from_json(config.to_json(Optimizer()), Run)


def test_a_refused_standard_module_is_not_even_imported():
    import sys

    with pytest.raises(ValueError):
        config.from_json({"type": "antigravity:x"}, Run)
    assert "antigravity" not in sys.modules


def test_a_saved_field_that_is_gone_is_named():
    data = config.to_json(RUN)
    with pytest.raises(ValueError, match="`Run` has no field `stepz` .* Did you mean `steps`"):
        config.from_json(data | {"stepz": 1}, Run)


def test_a_missing_field_takes_its_default_and_a_needed_one_is_asked_for():
    data = config.to_json(RUN)
    assert config.from_json({"type": data["type"], "model": data["model"]}, Run) == RUN
    with pytest.raises(ValueError, match="`Run` is incomplete: .*'model'"):
        config.from_json({"type": data["type"]}, Run)


def test_a_wrong_saved_value_is_named_by_its_path():
    data: Any = config.to_json(RUN)
    data["optimizer"]["betas"] = ["a", 1]
    with pytest.raises(ValueError, match=r"`optimizer\.betas\[0\]` must be a number, but is `a`"):
        config.from_json(data, Run)


def test_differences_name_the_path_and_both_values():
    other = config.override(RUN, {"steps": 3, "optimizer.learning_rate": 1.0, "data.x": 1, "is_fast": True})
    assert config.differences(RUN, other, ignore=["steps", "is"]) == {
        "optimizer.learning_rate": (1e-3, 1.0),
        "data.x": (None, 1),
        "is_fast": (False, True),
    }


def test_equal_configs_have_no_differences_even_after_json():
    again = config.from_json(config.to_json(RUN), Run)
    assert config.differences(RUN, again) == {}


def test_a_key_that_is_none_differs_from_no_key():
    assert config.differences(RUN, replace(RUN, data={"x": None})) == {"data.x": (None, None)}


def test_a_derived_field_is_neither_saved_nor_set():
    assert "derived" not in config.to_json(RUN)
    assert "has no field `derived`" in refusal({"derived": 3})


def test_an_ignored_path_covers_what_lies_below_it():
    other = config.override(RUN, {"optimizer.learning_rate": 1.0, "optimizer.name": "muon"})
    assert config.differences(RUN, other, ignore=["optimizer"]) == {}


def test_another_class_is_a_difference():
    assert config.differences(RUN, replace(RUN, model=Deep(num_layers=2)))["model.type"] == ("Wide", "Deep")


def corpus(source: str, size: int = 10, is_small: bool = False) -> None:
    """Stands for a problem function."""


def test_assignments_become_typed_arguments_of_a_function():
    assert config.arguments(corpus, {"source": "1", "size": "5"}, "data.") == {"source": "1", "size": 5}


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ({"source": "a", "sizes": "1"}, "no parameter `sizes` .*`data.size`.* Did you mean `size`"),
        ({"source": "a", "size": "x"}, "`data.size` must be a whole number, but is `x`"),
        ({}, "`corpus` needs `data.source`. Give `data.source=VALUE`"),
    ],
)
def test_wrong_arguments_are_refused_with_their_path(assignments, message):
    with pytest.raises(ValueError, match=message):
        config.arguments(corpus, assignments, "data.")
