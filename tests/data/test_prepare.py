import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lengthwise.contracts import EOS
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.prepare import prepare
from lengthwise.data.problem import Rejected

PROGRAM = """
import sys, time, pathlib
sys.path.insert(0, sys.argv[1])
from conftest import _problem
from test_prepare import PLAIN
from lengthwise.data.prepare import prepare
cache, slow_task = pathlib.Path(sys.argv[2]), sys.argv[3]
def report(task, done, total):
    print(task, done, flush=True)
    while task == slow_task and not (cache / "go on").exists():
        time.sleep(0.01)
print("path", prepare("toy", _problem(PLAIN), {}, cache=cache, report=report).path)
"""
PLAIN = [{"inputs": f"source {i}", "targets": f"target {i}", "document": f"d{i // 5}"} for i in range(300)]


def start(cache: Path, slow_task: str) -> subprocess.Popen[str]:
    """A process that prepares PLAIN and stops at a task until the file `go on` is there."""
    arguments = [str(Path(__file__).parent), str(cache), slow_task]
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str], task: str) -> None:
    assert process.stdout is not None
    assert any(line.startswith(task) for line in process.stdout)


def visible(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "prepared" / "toy").glob("*") if not path.name.startswith("."))


def left_over(cache: Path) -> list[Path]:
    return list((cache / "prepared" / "toy").glob("*.part"))


def test_every_row_is_in_one_split_as_its_codec_wrote_it(problem_of, rows, tmp_path: Path):
    prepared = prepare("toy", problem_of(rows), {}, cache=tmp_path)
    pairs = set()
    for name in ("train", "validation", "test"):
        split = prepared.split(name)
        for i in range(len(split)):
            inputs, targets = (side.tolist() for side in split.tokens(i))
            assert inputs[-1] == targets[-1] == EOS and EOS not in inputs[:-1] + targets[:-1]
            pair = prepared.targets.decode(inputs), prepared.targets.decode(targets)
            assert name == "train" or pair == split.texts(i)
            pairs.add(pair)
    assert pairs == {(row["inputs"], row["targets"]) for row in rows}


def test_a_second_call_reads_no_row_and_changes_no_file(problem_of, rows, tmp_path: Path, monkeypatch):
    problem = problem_of(rows)
    first = prepare("toy", problem, {}, cache=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.path.iterdir()}
    monkeypatch.setattr(type(problem.source), "read", lambda self: pytest.fail("read again"))
    assert prepare("toy", problem, {}, cache=tmp_path).path == first.path
    assert {path: path.stat().st_mtime_ns for path in first.path.iterdir()} == before


def test_another_parameter_is_another_data_set(problem_of, rows, tmp_path: Path):
    paths = {prepare("toy", problem_of(rows), {"a": a}, cache=tmp_path).path for a in (1, 2)}
    assert len(paths) == 2


def test_the_vocabulary_is_learned_from_train_alone(problem_of, rows, tmp_path: Path):
    tagged = [{**row, "split": "train" if i % 2 else "test"} for i, row in enumerate(rows)]
    tagged += [{"inputs": "v", "targets": "w", "split": "validation"}]
    tagged = [row if row["split"] == "train" else {**row, "inputs": f"zebra zebra {i}"} for i, row in enumerate(tagged)]
    prepared = prepare("toy", problem_of(tagged), {}, cache=tmp_path)
    assert len(prepared.targets.encode("zebra")) > 3
    assert len(prepared.targets.encode("small")) < 3


def test_two_vocabularies_are_learned_apart(problem_of, rows, tmp_path: Path):
    problem = problem_of(rows, inputs=Subwords(300), targets=Subwords(270), is_shared=False)
    prepared = prepare("toy", problem, {}, cache=tmp_path)
    assert prepared.features.inputs is not None
    assert (prepared.features.inputs.size, prepared.features.targets.size) == (300, 270)
    assert not prepared.features.is_shared


def test_a_problem_without_inputs_is_prepared(problem_of, rows, tmp_path: Path):
    prepared = prepare("toy", problem_of(rows, inputs=None), {}, cache=tmp_path)
    assert prepared.features.inputs is None
    assert not prepared.split("train").has_inputs
    assert prepared.split("test").texts(0)[0] == ""


def test_rows_that_are_too_long_leave_train_first(problem_of, rows, tmp_path: Path):
    texts = {"short": "a b", "long": "b " * 40, "longest": "a b " * 100}
    extra = [
        {"inputs": f"{t}{s}", "targets": f"{s} {len(t)}", "split": s}
        for t in texts.values()
        for s in ("train", "validation", "test")
    ]
    fixed = [{**row, "split": "train"} for row in rows]
    prepared = prepare("toy", problem_of([*fixed, *extra], max_length=40), {}, cache=tmp_path)
    assert prepared.split("train").input_lengths.max() <= 40
    assert prepared.split("test").input_lengths.max() > 40
    rejected = prepared.manifest["rejected"]
    assert rejected["train row over 40 tokens"]["count"] == 2
    assert rejected["test row over 160 tokens"]["count"] == 1


def test_test_rows_that_stand_in_train_are_dropped_and_near_ones_marked(problem_of, rows, tmp_path: Path):
    fixed = [{**row, "split": "train"} for row in rows]
    source = "the whole source of this row stands in train, letter by letter"
    extra = [
        {"inputs": source, "targets": "eins", "split": "train"},
        {"inputs": source.upper(), "targets": "zwei", "split": "test"},
        {"inputs": source + "!", "targets": "drei", "split": "test"},
        {"inputs": "nothing like it", "targets": "vier", "split": "test"},
        {"inputs": "nothing like it either", "targets": "five", "split": "validation"},
    ]
    split = prepare("toy", problem_of([*fixed, *extra]), {}, cache=tmp_path).split("test")
    assert {split.texts(i)[1]: bool(split.is_near_duplicate[i]) for i in range(len(split))} == {
        "drei": True,
        "vier": False,
    }


@pytest.mark.parametrize("missing", ["validation", "test", "train"])
def test_a_missing_split_is_named_and_nothing_is_left(problem_of, rows, tmp_path: Path, missing):
    given = [name for name in ("train", "validation", "test") if name != missing]
    fixed = [{**row, "split": given[i % 2]} for i, row in enumerate(rows)]
    with pytest.raises(ValueError, match=f"`toy` must have {missing} rows, but has none left") as caught:
        prepare("toy", problem_of(fixed), {}, cache=tmp_path)
    assert "\n" not in str(caught.value)
    assert visible(tmp_path) == [] and left_over(tmp_path) == []


def test_too_many_bad_rows_are_an_error_and_nothing_is_left(problem_of, rows, tmp_path: Path):
    faults = [Rejected(reason="invalid UTF-8", where=f"x.tsv:{i}") for i in range(40)]
    with pytest.raises(ValueError, match=r"40 of 440 are, the first at x.tsv:0 \(invalid UTF-8\)"):
        prepare("toy", problem_of([*faults, *rows]), {}, cache=tmp_path)
    assert visible(tmp_path) == [] and left_over(tmp_path) == []


def test_rejected_rows_are_counted_in_the_manifest(problem_of, rows, tmp_path: Path):
    faults = [Rejected(reason="invalid UTF-8", where="x.tsv:7"), *rows[:3]]
    rejected = prepare("toy", problem_of([*rows, *faults]), {}, cache=tmp_path).manifest["rejected"]
    assert rejected["invalid UTF-8"] == {"count": 1, "first": ["x.tsv:7"]}
    assert rejected["copy of another pair"]["count"] == 3


def test_progress_is_reported_to_the_end(problem_of, rows, tmp_path: Path):
    calls = []
    prepare("toy", problem_of(rows), {}, cache=tmp_path, report=lambda *call: calls.append(call))
    last = {task: (done, total) for task, done, total in calls}
    tasks = [
        "reading",
        "splitting",
        "learning the vocabulary",
        *(f"encoding {s}" for s in ("train", "validation", "test")),
    ]
    assert list(last) == tasks
    assert all(done == total for done, total in last.values())


@pytest.mark.parametrize(
    "task",
    [
        pytest.param("reading", marks=pytest.mark.slow),
        "learning the vocabulary",
        pytest.param("encoding test", marks=pytest.mark.slow),
    ],
)
def test_a_killed_process_leaves_nothing_visible_and_the_next_call_works(problem_of, tmp_path: Path, task):
    with start(tmp_path, task) as process:
        wait_for(process, task)
        process.send_signal(signal.SIGKILL)
    assert visible(tmp_path) == [] and len(left_over(tmp_path)) == 1
    prepared = prepare("toy", problem_of(PLAIN), {}, cache=tmp_path)
    assert sum(len(prepared.split(name)) for name in ("train", "validation", "test")) == 300
    assert visible(tmp_path) == [prepared.path.name] and left_over(tmp_path) == []


def test_two_processes_at_once_prepare_it_once(problem_of, tmp_path: Path):
    tasks = []

    def report(task: str, done: int, total: int | None) -> None:
        tasks.append(task)
        (tmp_path / "go on").touch()

    with start(tmp_path, "reading") as other:
        wait_for(other, "reading")
        path = prepare("toy", problem_of(PLAIN), {}, cache=tmp_path, report=report).path
        assert other.communicate()[0].splitlines()[-1] == f"path {path}"
    assert tasks == ["waiting for another process that prepares the same data"]


def test_a_write_that_fails_leaves_nothing_behind(problem_of, rows, tmp_path: Path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))  # fails like a full disk: in the middle of a shard
    try:
        with pytest.raises(OSError, match="File too large"):
            prepare("toy", problem_of(rows), {}, cache=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert visible(tmp_path) == [] and left_over(tmp_path) == []


def test_a_name_from_outside_the_repository_is_one_directory(problem_of, rows, tmp_path: Path):
    path = prepare("my/../package.problems:corpus", problem_of(rows), {}, cache=tmp_path).path
    assert path.parent == tmp_path / "prepared" / "my_.._package.problems_corpus"


@pytest.mark.slow
def test_fifty_thousand_rows_take_less_than_a_minute(problem_of, tmp_path: Path):
    rows = [{"inputs": f"the source number {i} of many " * 2, "targets": f"the target {i}"} for i in range(50_000)]
    began = time.process_time()
    prepare("toy", problem_of(rows), {}, cache=tmp_path)
    assert time.process_time() - began < 60
