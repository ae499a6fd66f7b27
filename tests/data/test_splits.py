from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.rows import Row
from lengthwise.data.splits import assign_splits, copies_of_train, group_keys, near_copies_of_train

FEW_TEXTS = st.sampled_from(["a", "A ", "b", "c", "d", "e", "f", "g", "h"])
ROWS = st.lists(
    st.builds(
        Row,
        FEW_TEXTS,
        FEW_TEXTS,
        st.sampled_from([None, None, "x", "y", "z"]),
        st.sampled_from([None, None, None, "train", "validation", "test"]),
    )
)


@given(ROWS)
def test_documents_are_never_cut_and_a_fixed_split_is_kept(rows):
    splits = assign_splits(rows)
    by_document = defaultdict(set)
    for row, split in zip(rows, splits, strict=True):
        assert row.split in (None, split)
        if row.document and not row.split:
            by_document[row.document].add(split)
    assert all(len(found) == 1 for found in by_document.values())


@given(ROWS)
def test_rows_without_document_that_share_a_side_stay_together(rows):
    by_text = defaultdict(set)
    for row, split in zip(rows, assign_splits(rows), strict=True):
        if not row.document and not row.split:
            by_text["source", row.inputs.casefold().strip()].add(split)
            by_text["target", row.targets.casefold().strip()].add(split)
    assert all(len(found) == 1 for found in by_text.values())


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    shuffled = [rows[i] for i in order]
    assert group_keys(shuffled) == [group_keys(rows)[i] for i in order]
    assert assign_splits(shuffled) == [assign_splits(rows)[i] for i in order]


@given(ROWS)
def test_no_copy_of_a_train_row_is_left_outside(rows):
    splits = assign_splits(rows)
    is_copy = copies_of_train(rows, splits)
    train = [row for row, split in zip(rows, splits, strict=True) if split == "train"]
    for row, split, mark in zip(rows, splits, is_copy, strict=True):
        is_known = any(
            row.inputs.casefold().strip() == other.inputs.casefold().strip()
            or row.targets.casefold().strip() == other.targets.casefold().strip()
            for other in train
        )
        assert mark == (split != "train" and is_known)


def test_shares_are_near_ninety_five_and_five():
    counts = Counter(assign_splits([Row(f"s{i}", f"t{i}", f"document {i // 2}") for i in range(20_000)]))
    assert counts["train"] == pytest.approx(18_000, abs=250)
    assert counts["test"] == pytest.approx(1_000, abs=200)


def test_a_group_that_is_much_of_the_data_goes_to_train():
    for name in "abcdefghijklmnopqrstuvwxyz":
        rows = [Row(f"{name}{i}", "the same") for i in range(10)]
        rows += [Row(f"s{i}", f"t{i}") for i in range(90)]
        assert set(assign_splits(rows)[:10]) == {"train"}


@pytest.mark.parametrize("num_documents", [3, 4, 10])
def test_few_documents_still_give_every_split_one(num_documents):
    rows = [Row(f"s{i}", f"t{i}", f"d{i % num_documents}") for i in range(40)]
    assert set(assign_splits(rows)) == {"train", "validation", "test"}


def test_a_problem_without_inputs_groups_by_target_alone():
    rows = [Row("", f"t{i}") for i in range(1000)]
    assert Counter(assign_splits(rows))["train"] < 1000
    assert not copies_of_train(rows, assign_splits(rows)).any()


def test_near_copies_on_either_side_are_marked_outside_train_alone():
    long, other = "all settings of the printer are kept", "eine ganz andere Seite steht hier auf Deutsch"
    rows = [Row(long, other), Row(f"{long}!", "x"), Row("y", other.upper() + "."), Row("z", "w"), Row(f"{long}?", "v")]
    splits = ["train", "test", "validation", "test", "train"]
    assert near_copies_of_train(rows, splits).tolist() == [False, True, True, False, False]
