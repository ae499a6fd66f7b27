"""The project runs anywhere: no path of one machine, no host but those that papers and code are cited by."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("src", "tests", "scripts", "benchmarks", "docs", ".ci", ".")
CITED = {
    *("arxiv.org", "aclanthology.org", "openreview.net", "doi.org", "github.com", "papers.nips.cc"),
    *("keepachangelog.com", "semver.org", "www.apache.org", "proceedings.mlr.press", "creativecommons.org"),
    *("localhost", "127.0.0.1", "example.com", "example.org"),
}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w+")
URLS = re.compile(r"\w+://([\w-]+(?:\.[\w-]+)*)")


def texts(root: Path) -> Iterator[tuple[Path, str]]:
    for place in PLACES:
        files = (root / place).glob("*") if place == "." else (root / place).rglob("*")
        for file in sorted(files):
            if file.is_file() and "__pycache__" not in file.parts and file != Path(__file__):
                yield file.relative_to(root), file.read_bytes().decode(errors="replace")


def bound_to_one_machine(root: Path) -> list[str]:
    found = []
    for name, text in texts(root):
        found += [f"{name}: {path}" for path in MACHINE_PATHS.findall(text)]
        hosts = {match for match in URLS.findall(text) if match not in CITED and not match.endswith(".invalid")}
        found += [f"{name}: host {host}" for host in sorted(hosts)]
    return found


def test_no_machine_paths_and_no_hosts():
    assert bound_to_one_machine(ROOT) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("cd /home/someone", 1),
        ("see /work/main", 1),
        ("pip install --index-url https://packages.some-company.net/simple", 1),
        ("deb http://mirror.internal/debian stable", 1),
        ("see https://arxiv.org/abs/1706.03762 and http://127.0.0.1:80 and a/home/b and ./work/x", 0),
    ],
)
def test_what_is_bound_to_one_machine_is_caught(tmp_path: Path, text, count):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").write_text(text)
    assert len(bound_to_one_machine(tmp_path)) == count
