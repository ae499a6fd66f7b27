import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.rejections import Rejections


def noted(*rejected: Rejected) -> Rejections:
    rejections = Rejections()
    for each in rejected:
        rejections.add(each)
    return rejections


def bad(row: int, reason: str = "invalid UTF-8") -> Rejected:
    return Rejected(reason=reason, where=f"a.tsv:{row}")


def test_reasons_are_counted_with_their_first_places():
    rejections = noted(bad(1, "empty"), *map(bad, range(2, 9)))
    assert rejections.to_json() == {
        "invalid UTF-8": {"count": 7, "first": [f"a.tsv:{row}" for row in range(2, 7)]},
        "empty": {"count": 1, "first": ["a.tsv:1"]},
    }


def test_five_percent_of_bad_rows_pass_and_one_more_is_an_error_that_names_the_first():
    noted(*map(bad, range(3, 8))).check(total=100)
    with pytest.raises(ValueError, match=r"6 of 100 are, the first at a.tsv:3 \(invalid UTF-8\)") as caught:
        noted(*map(bad, range(3, 9))).check(total=100)
    assert "\n" not in str(caught.value)


def test_filtered_rows_are_no_reason_to_stop():
    noted(*(Rejected(reason="too short", where=f"{row}", is_bad=False) for row in range(90))).check(total=100)
