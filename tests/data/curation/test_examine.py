import subprocess
import sys

from lengthwise.data.curation.decontaminate import Decontamination
from lengthwise.data.curation.examine import Examination
from lengthwise.data.curation.quality import Quality


def examination(**changes):
    values = {"quality": None, "languages": (), "decontamination": Decontamination(), "is_sketched": False}
    return Examination(**(values | changes))


def test_each_text_has_its_first_fault(prose):
    text = prose(0).text()
    asked = examination(
        quality=Quality(), languages=("de",), decontamination=Decontamination.against([text], 13), is_sketched=True
    )
    english = "This is the story of a baker and that of his bread, which people have with butter. " * 2
    assert [each.fault for each in asked(["short", text])][0] == "fewer than 50 words"
    assert [each.fault for each in examination(languages=("de",))([english])] == ["language en"]
    assert [each.fault for each in examination(decontamination=asked.decontamination)([text, english])] == [
        "passage of an evaluation set",
        None,
    ]


def test_only_what_may_stay_is_sketched(prose):
    found = examination(quality=Quality(), is_sketched=True)(["short", prose(0).text(), "ä"])
    assert [each.sketch is not None for each in found] == [False, True, False]
    assert [each.num_bytes for each in found][::2] == [5, 2]


def test_processes_that_examine_do_not_load_torch():
    code = "import sys, lengthwise.data.curation.examine as e; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
