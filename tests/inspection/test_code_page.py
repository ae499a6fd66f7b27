from lengthwise.data.sources.text.code_problems import CodeProblem
from lengthwise.inspection.code_page import draw

PROBLEM = CodeProblem(task_id="T/1", prompt="def f():\n", checks="", names=("f",))


def test_samples_and_verdicts_are_shown_as_text():
    rows = [
        {"task_id": "T/1", "completion": "<script>x</script>", "passed": False, "verdict": "failed", "message": "a<b"}
    ]
    rows += 9 * [{"task_id": "T/1", "completion": "return 1", "passed": True, "verdict": "passed", "message": ""}]
    page = draw([PROBLEM], rows)
    assert "<script>" not in page and "&lt;script&gt;x&lt;/script&gt;" in page and "failed: a&lt;b" in page
    assert "<b>T/1</b> 9 of 10 right" in page and page.count("return 1") == 5 and "and 4 more" in page
