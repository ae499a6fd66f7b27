import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.files import PairFiles
from lengthwise.data.sources.hub import HubDataSet
from lengthwise.data.sources.text.files import TextFiles

README = """---
configs:
- config_name: news
  default: true
  data_files:
  - split: train
    path: data/train-*.parquet
  - split: test
    path: data/test.jsonl
- config_name: extra
  data_files:
  - split: train_sft
    path: extra.csv
---
"""
SHA = "5" * 40


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A data set as it lies on the hub: two shards of train, a test file with a broken line, another configuration."""
    folder = tmp_path / "copy"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text(README)
    for shard in range(2):
        rows = [{"text": f"train {shard} {i}", "question": f"q{i}", "answer": f"a{i}"} for i in range(100)]
        parquet.write_table(pyarrow.Table.from_pylist(rows), folder / f"data/train-0000{shard}-of-00002.parquet")
    lines = [json.dumps({"text": f"test {i}", "question": "q", "answer": str(i)}) for i in range(10)]
    (folder / "data" / "test.jsonl").write_text("\n".join([*lines, "{no JSON"]))
    (folder / "extra.csv").write_text("text\nfine\ntuned\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_splits_are_the_data_sets_and_a_missing_one_is_dealt_from_train(copy):
    records = list(HubDataSet("hub:./copy").records())
    splits = [record.get("split") for _, record in records if isinstance(record, dict)]
    assert splits.count("test") == 10 and 2 <= splits.count("validation") <= 25
    assert splits.count("train") == 200 - splits.count("validation")
    assert records == list(HubDataSet("hub:./copy/news").records())
    assert [(record.reason, where) for where, record in records if isinstance(record, Rejected)] == [
        ("invalid JSON", "data/test.jsonl:11")
    ]


def test_one_split_is_divided_as_own_rows_are(copy):
    for path in ("hub:./copy/extra/train_sft", f"hub:{copy}/news/train"):
        records = [record for _, record in HubDataSet(path).records()]
        assert len(records) in (2, 200)
        assert all(isinstance(record, dict) and "split" not in record for record in records)


def test_texts_and_pairs_are_read_from_columns(copy):
    texts = TextFiles(("hub:./copy",), column="question")
    texts.fetch()
    assert next(texts.read()) == {
        "targets": "q0",
        "document": "data/train-00000-of-00002.parquet, row 1",
        "split": "train",
        "where": "data/train-00000-of-00002.parquet, row 1",
    }
    pairs = PairFiles(("hub:./copy/news/train",), ("question", "answer"))
    pairs.fetch()
    assert [row["targets"] for row in pairs.read() if not isinstance(row, Rejected)][:2] == ["a0", "a1"]
    assert all(isinstance(row, Rejected) for row in PairFiles(("hub:./copy/news/train",)).read())


def test_a_copys_checksums_are_of_what_is_read(copy):
    before = TextFiles(("hub:./copy/extra/train_sft",)).checksums()
    assert list(before) == ["hub:./copy/extra/train_sft/extra.csv"]
    (copy / "extra.csv").write_text("text\nother\n")
    assert TextFiles(("hub:./copy/extra/train_sft",)).checksums() != before


def test_links_out_of_a_copy_are_not_followed(copy, tmp_path):
    (tmp_path / "secret.parquet").write_bytes((copy / "data/train-00000-of-00002.parquet").read_bytes())
    (copy / "data" / "train-secret.parquet").symlink_to(tmp_path / "secret.parquet")
    assert len(HubDataSet("hub:./copy/news/train").checksums()) == 2


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("hub:name", "must be hub:owner/name"),
        ("hub:a/b/c/d/e", "must be hub:owner/name"),
        ("hub:./nowhere", "must be a folder, but does not exist"),
        ("hub:./copy/nws", "has no configuration `nws`. Did you mean `news`"),
        ("hub:./copy/news/dev", "has no split `dev`, but train, test"),
        ("hub:./copy/extra", "A split of .* must be named, one of train_sft"),
    ],
)
def test_what_is_not_there_is_one_line(copy, path, message):
    with pytest.raises(SourceError, match=message):
        HubDataSet(path).fetch()


def test_without_the_package_it_says_how_to_install_it(monkeypatch, empty_cache):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SourceError, match=r"pip install 'lengthwise\[hub\]'"):
        TextFiles(("hub:owner/name",)).fetch()


class Handler(BaseHTTPRequestHandler):
    """As much of the hub as a client asks: what a data set consists of, and its files."""

    def do_GET(self) -> None:
        root: Path = self.server.root  # pyright: ignore[reportAttributeAccessIssue]
        self.server.requests.append(self.path)  # pyright: ignore[reportAttributeAccessIssue]
        path = self.path.partition("?")[0]
        if path.removesuffix("/revision/main") == "/api/datasets/owner/name":
            files = [file for file in sorted(root.rglob("*")) if file.is_file()]
            siblings = [{"rfilename": str(file.relative_to(root)), "size": file.stat().st_size} for file in files]
            self.answer(json.dumps({"id": "owner/name", "sha": SHA, "siblings": siblings}).encode())
        elif path.startswith(prefix := f"/datasets/owner/name/resolve/{SHA}/"):
            self.answer((root / path.removeprefix(prefix)).read_bytes())
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    do_HEAD = do_GET

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hash(body):x}"')
        self.send_header("X-Repo-Commit", SHA)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(copy, tmp_path):
    """What runs a line of Python with a hub on this machine, and what was asked of it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.root, server.requests = copy, []  # pyright: ignore[reportAttributeAccessIssue]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def ask(code: str, **variables: str) -> tuple[int, str]:
            address = f"http://127.0.0.1:{server.server_port}"
            places = {"HF_HOME": str(tmp_path / "hf"), "LENGTHWISE_CACHE": str(tmp_path / "cache")}
            environment = {**os.environ, "HF_ENDPOINT": address, **places, **variables}
            head = "from lengthwise.data.sources import hub\nfrom lengthwise.data.sources.hub import HubDataSet\n"
            done = subprocess.run([sys.executable, "-c", head + code], env=environment, capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr.strip().rpartition("\n")[2]

        yield ask, server.requests  # pyright: ignore[reportAttributeAccessIssue]
        server.shutdown()
        thread.join()


READ = "d = HubDataSet('hub:owner/name'); d.fetch(); print(d.checksums(), len(list(d.records())))"


def test_the_hubs_own_client_brings_files_once_and_the_revision_is_kept(hub):
    ask, requests = hub
    assert ask(READ) == (0, f"{{'hub:owner/name': '{SHA}'}} 211\n")
    num_requests = len(requests)
    assert num_requests >= 4 and not any("extra.csv" in request for request in requests)
    assert ask(READ, HF_HUB_OFFLINE="1") == (0, f"{{'hub:owner/name': '{SHA}'}} 211\n")
    assert len(requests) == num_requests


@pytest.mark.slow
def test_large_data_sets_leave_no_files_behind(hub, tmp_path):
    ask, _ = hub
    assert ask("hub.STREAMED_BYTES = 100; " + READ)[0] == 0
    assert not list((tmp_path / "hf").rglob("*.parquet")) and not list((tmp_path / "cache").rglob("*.parquet"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "variables", "message"),
    [
        ("hub:owner/nothing", {}, "SourceError: `hub:owner/nothing` is no data set of the hub, or none that you may"),
        ("hub:owner/name@v9", {}, "SourceError: `hub:owner/name@v9` is no data set of the hub"),
        ("hub:owner/name", {"HF_ENDPOINT": "http://127.0.0.1:1"}, "Offline: `hub:owner/name` could not be brought"),
    ],
)
def test_what_the_hub_does_not_have_is_one_line(hub, path, variables, message):
    code, output = hub[0](f"HubDataSet('{path}').fetch()", **variables)
    assert code == 1 and message in output
