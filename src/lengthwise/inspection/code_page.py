"""A page of problems, samples and verdicts, to read in a browser; no scripts, nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape

from lengthwise.data.sources.text.code_problems import CodeProblem

MOST_SHOWN = 5
"""Samples of each verdict and problem."""
_STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
pre { background: #f4f4f4; padding: .6em; overflow-x: auto; white-space: pre-wrap }
.passed { border-left: 4px solid #2a2 } .other { border-left: 4px solid #c33 }
summary { cursor: pointer }
"""


def draw(problems: Sequence[CodeProblem], rows: Sequence[Mapping[str, object]]) -> str:
    """The page's HTML; what models wrote is shown as text and never as markup."""
    by_task: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        by_task.setdefault(str(row["task_id"]), []).append(row)
    parts = [_problem(problem, by_task.get(problem.task_id, [])) for problem in problems]
    head = f"<meta charset=utf-8><title>Programs and verdicts</title><style>{_STYLE}</style>"
    return f"<!doctype html>\n{head}\n<h1>Programs and verdicts</h1>\n" + "\n".join(parts) + "\n"


def _problem(problem: CodeProblem, rows: Sequence[Mapping[str, object]]) -> str:
    passed = sum(bool(row["passed"]) for row in rows)
    shown: dict[str, list[str]] = {}
    for row in rows:
        kept = shown.setdefault(str(row["verdict"]), [])
        if len(kept) < MOST_SHOWN:
            kept.append(_sample(row))
    left = len(rows) - sum(map(len, shown.values()))
    more = f"<p>and {left:,} more</p>" if left else ""
    samples = "\n".join(text for texts in shown.values() for text in texts)
    title = f"<summary><b>{escape(problem.task_id)}</b> {passed:,} of {len(rows):,} right</summary>"
    return f"<details>{title}<pre>{escape(problem.prompt)}</pre>{samples}{more}</details>"


def _sample(row: Mapping[str, object]) -> str:
    kind = "passed" if row["passed"] else "other"
    label = f"{row['verdict']}: {row['message']}".removesuffix(": ")
    return f'<pre class="{kind}">{escape(str(row["completion"]))}</pre><p>{escape(label)}</p>'
