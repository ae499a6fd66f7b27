import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.rejections import Rejections
from lengthwise.data.rows import Row, read_rows


def read(problem) -> tuple[list[Row], Rejections]:
    rejections = Rejections()
    return read_rows(problem, rejections, lambda task, done, total: None), rejections


def test_good_rows_keep_document_split_and_place(problem_of):
    example = {"inputs": "a", "targets": "b", "document": "d", "split": "test", "where": "x.tsv:1"}
    rows, _ = read(problem_of([example, {"inputs": "c", "targets": "d"}]))
    assert rows == [Row("a", "b", "d", "test", "x.tsv:1"), Row("c", "d", None, None, "pairs, row 2")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"inputs": " \n"}, "inputs: empty"),
        ({"targets": ""}, "targets: empty"),
        ({"targets": None}, "targets: not a text"),
        ({"inputs": "x" * 1_000_000}, "inputs: over 100,000 characters"),
        ({"inputs": "\ud800"}, "inputs: not valid Unicode"),
        ({"split": "dev"}, "split is none of train, validation, test"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(problem_of, rows, fault, reason):
    kept, rejections = read(problem_of([*rows, {"inputs": "a", "targets": "b", **fault}]))
    assert len(kept) == len(rows)
    assert rejections.to_json() == {reason: {"count": 1, "first": ["pairs, row 401"]}}


def test_rows_of_a_mixture_are_compared_without_the_name_of_their_problem():
    german, french = (
        Row("to German: open", "öffnen", part="to German"),
        Row("to French: open", "ouvrir", part="to French"),
    )
    assert german.compared[0] == french.compared[0] == "open"


def test_a_pair_that_comes_again_is_dropped_and_not_held_against_the_data(problem_of, rows):
    kept, rejections = read(problem_of(rows * 3))
    assert len(kept) == len(rows)
    assert rejections.counts == {"copy of another pair": 800}


def test_too_many_bad_rows_name_file_and_row(problem_of, rows):
    faults = [Rejected(reason="invalid UTF-8", where=f"x.tsv:{row}") for row in range(7, 30)]
    with pytest.raises(ValueError, match=r"23 of 423 are, the first at x.tsv:7 \(invalid UTF-8\)"):
        read(problem_of([*rows, *faults]))


@pytest.mark.parametrize("reason", ["filtered", None])
def test_nothing_usable_is_an_error(problem_of, reason):
    rows = [Rejected(reason=reason, where="1", is_bad=False)] if reason else []
    with pytest.raises(ValueError, match="`pairs` must have usable rows, but has none"):
        read(problem_of(rows))


def test_a_problem_without_inputs_reads_targets_alone(problem_of):
    rows, _ = read(problem_of([{"targets": "b"}], inputs=None))
    assert (rows[0].inputs, rows[0].targets) == ("", "b")
