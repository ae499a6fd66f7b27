from lengthwise.data.sources.text.passages import MAX_CHARACTERS, passages


def test_a_short_text_is_one_row():
    assert list(passages("a\nb", "d", "test")) == [{"targets": "a\nb", "document": "d", "split": "test", "where": "d"}]


def test_a_long_text_is_cut_behind_line_ends_and_loses_nothing():
    text = "".join(f"line {number}\n" for number in range(20_000))
    rows = [str(row["targets"]) for row in passages(text, "d")]
    assert "".join(rows) == text and len(rows) > 1
    assert all(row.endswith("\n") and len(row) <= MAX_CHARACTERS for row in rows)


def test_a_text_without_line_ends_is_cut_where_it_must_be():
    rows = [str(row["targets"]) for row in passages("a" * (2 * MAX_CHARACTERS + 1), "d")]
    assert [len(row) for row in rows] == [MAX_CHARACTERS, MAX_CHARACTERS, 1]


def test_white_space_alone_is_no_row():
    assert list(passages(" \n", "d")) == []
