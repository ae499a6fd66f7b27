import random

import pytest

from lengthwise.data.curation.pipeline import Curation, curator
from lengthwise.data.problem import Rejected


def reasons(texts, curation, num_processes=1):
    rows = [text if isinstance(text, Rejected) else {"targets": text, "where": str(i)} for i, text in enumerate(texts)]
    with curator(curation, num_processes) as judge:
        judged = list(judge.judged(rows))
    return [row.reason if isinstance(row, Rejected) else None for row, _ in judged]


def planted(prose, evaluation, count):
    """Shuffled texts, and for each what it was planted as; of copies, all but one of a pair must go."""
    ours = prose(7)
    clean = [ours.text(ours.random.randrange(60, 400)) for _ in range(3 * count)]
    texts = [(text, "clean") for text in clean]
    texts += [(random.Random(i).choice([str.upper, str.strip, lambda t: t.replace(". ", ".\n")])(text), "exact copy")
              for i, text in enumerate(clean[:count])]  # fmt: skip
    texts += [(ours.altered(text, len(text.split()) // 25), "near copy") for text in clean[count : 2 * count]]
    # Half of these stands in another text, which makes no copy of them.
    texts += [(f"{text[: len(text) // 2]} {ours.text(len(text) // 12)}", "clean") for text in clean[2 * count :]]
    for begin in range(count):
        words = evaluation[begin % len(evaluation)].split()
        at = ours.random.randrange(len(words) - 15)
        texts.append(
            (f"{ours.text(60)} {' '.join(words[at : at + 15])} {ours.text(60)}", "passage of an evaluation set")
        )
    return texts


@pytest.mark.parametrize("count", [50, pytest.param(1000, marks=pytest.mark.slow)])
def test_planted_copies_and_passages_are_found_and_nothing_else(prose, tmp_path, count):
    theirs = prose(8)
    evaluation = [theirs.text(100) for _ in range(200)]
    (tmp_path / "test.jsonl").write_text("".join(f'{{"text": "{text}"}}\n' for text in evaluation))
    texts = planted(prose, evaluation, count)
    found = reasons([text for text, _ in texts], Curation(against=(str(tmp_path / "test.jsonl"),)))
    for kind in ("exact copy", "near copy", "passage of an evaluation set"):
        is_planted = [name == kind for _, name in texts]
        is_found = [reason == kind for reason in found]
        both = sum(map(min, is_planted, is_found))
        recall, precision = both / sum(is_planted), both / max(1, sum(is_found))
        print(f"{kind}: recall {recall:.3f}, precision {precision:.3f}")
        assert recall >= 0.95 and precision >= 0.95


def test_processes_do_not_change_what_is_found(prose):
    ours = prose(0)
    texts = [ours.text(100) for _ in range(300)]
    texts += [ours.altered(text, 2) for text in texts[:50]] + ["short"] + texts[:5]
    assert reasons(texts, Curation()) == reasons(texts, Curation(), num_processes=2)


def test_bad_rows_pass_through_in_their_place(prose):
    bad = Rejected(reason="invalid UTF-8", where="a.txt:3")
    text = prose(0).text()
    assert reasons([bad, text, bad, text], Curation()) == ["invalid UTF-8", None, "invalid UTF-8", "exact copy"]
    assert reasons([bad], Curation()) == ["invalid UTF-8"]
    assert reasons([], Curation()) == []


def test_both_sides_of_a_pair_count():
    rows = [
        {"inputs": "a b c", "targets": "x"},
        {"inputs": "a b c", "targets": "y"},
        {"inputs": "A B C", "targets": "X"},
    ]
    with curator(Curation(quality=None, near=None)) as judge:
        assert [isinstance(row, Rejected) for row, _ in judge.judged(rows)] == [False, False, True]
