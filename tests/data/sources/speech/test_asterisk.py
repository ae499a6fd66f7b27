import gzip
from pathlib import Path

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.speech.asterisk import MATERIAL, AsteriskPrompts, prompts

LIST = """; Core Asterisk Sounds in English

activated: Activated.
conf/menu:  Press 1 to mute, 28.8 to wait.
digits/1: one
at: at [@]
beep: [a beep]
lost: It is not here.
vm-first: Press 1.
"""


def test_prompts_are_what_the_list_says_of_the_sounds(tmp_path: Path):
    (tmp_path / "list.txt.gz").write_bytes(gzip.compress(LIST.encode()))
    for name in ("activated", "conf/menu", "digits/1", "at", "beep", "vm-first"):
        path = tmp_path / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")
    rows = list(prompts(tmp_path / "list.txt.gz", tmp_path))
    kept = [row for row in rows if not isinstance(row, Rejected)]
    assert [row["targets"] for row in kept] == ["activated", "one", "at", "press one"]
    assert str(kept[1]["inputs"]) == str(tmp_path / "digits" / "1.wav") and kept[1]["document"] is None
    assert [(row.where, row.reason) for row in rows if isinstance(row, Rejected)] == [
        ("list.txt.gz:4", "transcript: digits or signs"),
        ("list.txt.gz:7", "transcript: no letters"),
        ("list.txt.gz:8", "not recorded"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"\xff"), gzip.compress(b"x" * 99)[:-9]], ids=range(4)
)
def test_a_broken_list_is_one_line(tmp_path: Path, content):
    (tmp_path / "list.txt.gz").write_bytes(content)
    if not content:  # what gzip takes for a file without content
        assert list(prompts(tmp_path / "list.txt.gz", tmp_path)) == []
        return
    with pytest.raises(SourceError, match="is broken") as error:
        list(prompts(tmp_path / "list.txt.gz", tmp_path))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_over_500_prompts_and_few_are_left_out(fetched):
    fetched(MATERIAL)
    rows = list(AsteriskPrompts().read())
    kept = {str(row["where"]): str(row["targets"]) for row in rows if not isinstance(row, Rejected)}
    assert 520 < len(kept) < 553
    assert "please enter your phone number starting with the area code" in kept.values()
    assert not any(row.is_bad for row in rows if isinstance(row, Rejected))
    words: dict[object, set[object]] = {"train": set(), "validation": set(), "test": set()}
    for row in rows:
        if not isinstance(row, Rejected):
            words[row["split"]].add(row["targets"])
    assert not words["train"] & words["validation"] and not (words["train"] | words["validation"]) & words["test"]
    assert min(map(len, words.values())) > 35
