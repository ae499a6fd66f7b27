import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lengthwise.metrics.bracket_f1 import Evalb, aligned, bracket_f1, compare, evalb_f1, exact_tree, well_formed

CAT = "(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))"
SAMPLE = "allennlp/tools/EVALB/sample/sample"
PARAMETERS = Evalb(
    deleted=("TOP", "-NONE-", ",", ":", "``", "''"), equal=(("T", "TT"),), equal_words=(("This", "this"),)
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("evalb")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "allennlp==0.9.0"]
    if subprocess.run([*command, "--dest", folder], capture_output=True).returncode:
        pytest.skip("The wheel allennlp 0.9.0, which has EVALB's sample, could not be had.")
    with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
        return {end: wheel.read(f"{SAMPLE}.{end}").decode().split("\n") for end in ("gld", "tst", "rsl")}


@pytest.mark.packages
@pytest.mark.slow
def test_it_is_evalbs_figure_sentence_by_sentence(sample):
    rows = [line.split() for line in sample["rsl"][3:27]]
    assert len(rows) == 24
    total = [0, 0, 0]
    for number, (gold, found) in enumerate(zip(sample["gld"][:24], sample["tst"][:24], strict=True)):
        counts, row = compare(found, gold, PARAMETERS), rows[number]
        assert int(row[0]) == number + 1
        assert (counts.is_error, counts.is_skipped) == (row[2] == "1", row[2] == "2"), row
        if row[2] == "0":
            figures = (counts.matched, counts.gold, counts.found, counts.crossing, counts.words, counts.right_tags)
            assert figures == tuple(map(int, row[5:11])), row
            for place, count in enumerate(figures[:3]):
                total[place] += count
    matched, gold, found = total
    assert f"{100 * matched / gold:.2f} {100 * matched / found:.2f}" == " ".join(sample["rsl"][28].split()[:2])


def test_punctuation_functions_and_prt_do_not_count_by_evalb():
    gold = "(TOP (S (NP-SBJ (NN cat)) (VP (VBZ gives) (PRT (RP up))) (. .)))"
    found = "(S (NP (NN cat)) (VP (VBZ gives) (ADVP (RP up)) (. .)))"
    assert evalb_f1([found], [gold], has_interval=False).value == 100
    assert bracket_f1([found], [gold], has_interval=False).value < 100


def test_other_words_are_an_error_to_evalb_and_are_aligned_here():
    found = CAT.replace("cat", "dog")
    assert compare(found, CAT).is_error
    counts = aligned(found, CAT)
    # NP ends with the wrong word; S and VP begin and end with right ones.
    assert (counts.matched, counts.gold, counts.found) == (2, 3, 3)


def test_a_missing_word_spoils_only_what_it_bounds():
    counts = aligned("(S (NP (DT the)) (VP (VBZ sleeps)))", CAT)
    assert (counts.matched, counts.gold, counts.found) == (2, 3, 3)


def test_equal_brackets_are_matched_once():
    counts = aligned("(S (S (S (A a))))", "(S (S (A a)))")
    assert (counts.matched, counts.gold, counts.found) == (2, 2, 3)


def test_what_is_no_tree_has_no_bracket():
    broken = CAT[:-1]
    assert bracket_f1([broken, CAT], [CAT, CAT], has_interval=False).value == pytest.approx(100 * 6 / 9)
    assert well_formed([broken, CAT], [CAT, CAT]).value == 50
    assert exact_tree([CAT, CAT.replace("NN", "NNS")], [CAT, CAT]).value == 50


def test_figures_have_intervals():
    score = bracket_f1([CAT, CAT.replace("cat", "dog")] * 20, [CAT, CAT] * 20)
    assert score.low is not None and score.high is not None and 75 < score.low < score.value < score.high < 92
    assert "bs:1000" in score.signature


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="must be as many"):
        bracket_f1([CAT], [])
