import numpy as np
import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.generated.draws import sequences
from lengthwise.data.sources.generated.task import Generated, Task

COPY = Task(name="copy", answer=lambda inputs: inputs, inputs=sequences("abcdefgh"), min_length=2)


def source(**changes: int) -> Generated:
    return Generated(**{"task": COPY, "min_length": 3, "max_length": 12, **changes})  # type: ignore[arg-type]


def texts(split: str, generated: Generated) -> list[str]:
    rows = [row for row in generated.read() if not isinstance(row, Rejected)]
    return [str(row["inputs"]) for row in rows if row["split"] == split]


def test_an_example_is_inputs_and_their_answer():
    inputs, targets = COPY.example(9, np.random.default_rng(0), "palindrome")
    assert inputs == targets == inputs[::-1] and len(inputs) == 9


def test_validation_and_test_are_drawn_once_over_all_lengths_alike():
    generated = source(num_rows=2000)
    assert list(generated.read()) == list(generated.read())
    for split in ("validation", "test"):
        lengths = np.bincount([len(text) for text in texts(split, generated)])
        assert lengths.sum() == 2000 and not lengths[:3].any() and len(lengths) == 13
        assert lengths[3:].min() > 140


def test_no_training_rows_are_read():
    assert texts("train", source()) == [] and source().is_endless


def test_validation_test_and_seeds_are_drawn_apart():
    drawn = [tuple(texts(split, source(seed=seed))) for split in ("validation", "test") for seed in (0, 1)]
    assert len(set(drawn)) == 4


def test_what_changes_the_rows_changes_the_checksum():
    changes = [{}, {"min_length": 4}, {"max_length": 13}, {"seed": 1}, {"num_rows": 10}]
    assert len({source(**change).checksums()["settings"] for change in changes}) == 5


@pytest.mark.parametrize(("least", "most"), [(1, 12), (5, 4), (0, 0)])
def test_lengths_that_cannot_be_are_refused(least, most):
    with pytest.raises(ValueError, match=f"must be at least 2 for copy .* but are {least} and {most}"):
        source(min_length=least, max_length=most)
