"""Data sets of the Hugging Face Hub, or local copies, as records: `hub:owner/name[@revision][/config[/split]]`."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lengthwise.data.problem import Rejected, Report
from lengthwise.data.sources.cache import Cached, Entry, SourceError, sha256, write_atomically
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.hub_layout import WORDS, layout_of, main_config
from lengthwise.data.sources.records import RECORDS, Record
from lengthwise.names import did_you_mean

PREFIX = "hub:"
STREAMED_BYTES = 2_000_000_000
"""From this size on, one file at a time is brought, read and removed again."""
NEEDED = {"validation": 0.05, "test": 0.05}
"""Splits that a problem needs, and the share of train that becomes one where the data set has none."""
README = "README.md"


def is_hub(path: str) -> bool:
    """Whether a path names a data set of the hub."""
    return path.startswith(PREFIX)


@dataclass(frozen=True)
class HubDataSet(Cached):
    """Rows of one configuration, all splits or one; the revision is resolved once, and then the same for ever.

    A local copy in the hub's layout is `hub:./folder[/config[/split]]`. Splits that the data set lacks are taken from
    train by a hash of the row; of a single split, and where there is train alone, no row's split is fixed.
    """

    path: str

    def __post_init__(self) -> None:
        if not is_hub(self.path) or (self._folder is None and len(self._parts) not in (2, 3, 4)):
            message = f"`{self.path}` must be hub:owner/name[@revision][/config[/split]], or hub:./ and a folder."
            raise SourceError(message)

    def fetch(self, report: Report | None = None) -> None:
        """Resolve the revision and bring the files, unless they are large: those come when they are read."""
        if self._folder is None:
            self._entry.fill(self._resolve)
        self._files()
        if not self._is_streamed:
            for done, (name, _) in enumerate(files := self._files()):
                if report:
                    report(f"fetching {self.path}", done, len(files))
                with self._opened(name):
                    pass

    def checksums(self) -> dict[str, str]:
        """The revision; of a local copy, sha256 of every file read."""
        if self._folder is None:
            return {self.path: str(self._info["revision"])}
        folder = self._folder
        return {f"{self.path}/{name}": sha256(folder / name) for name, _ in self._files() if (folder / name).is_file()}

    def records(self) -> Iterator[Record]:
        """Where every row stands, and the row, with its `split` where it is fixed; or why there is none."""
        present = {split for _, split in self._files()}
        missing = {split: share for split, share in NEEDED.items() if split not in present}
        is_fixed = bool(present & NEEDED.keys())
        for name, split in self._files():
            with self._opened(name) as path:
                for where, record in RECORDS[Path(name).suffix](path):
                    place = f"{Path(name).parent.as_posix()}/{where}".removeprefix("./")
                    if isinstance(record, Rejected):
                        yield place, Rejected(reason=record.reason, where=place, is_bad=record.is_bad)
                    elif is_fixed and isinstance(record, Mapping):
                        yield place, {**record, "split": _dealt(record, split, missing)}
                    else:
                        yield place, record

    @cached_property
    def _parts(self) -> list[str]:
        return self.path.removeprefix(PREFIX).strip("/").split("/")

    @cached_property
    def _folder(self) -> Path | None:
        """Of a local copy; what stands behind it names configuration and split."""
        given = Path(self.path.removeprefix(PREFIX)).expanduser()
        if not self.path.removeprefix(PREFIX).startswith((".", "/", "~")):
            return None
        places = (given, *given.parents[:2])
        found = next((place for place in places if (place / README).is_file()), given if given.is_dir() else None)
        if found is None:
            raise SourceError(f"`{given}` must be a folder, but does not exist. It counts from {Path.cwd()}.")
        return found

    @property
    def _parts_behind(self) -> Sequence[str]:
        """Configuration and split, as far as they are named."""
        if self._folder is None:
            return self._parts[2:]
        return Path(self.path.removeprefix(PREFIX)).expanduser().relative_to(self._folder).parts

    @property
    def _entry(self) -> Entry:
        digest = hashlib.sha256("/".join(self._parts[:2]).encode()).hexdigest()[:8]
        return Entry(f"hub/{self._parts[0]}--{self._parts[1]}-{digest}")

    @cached_property
    def _info(self) -> dict[str, Any]:
        """Revision, sizes of the files by name, and the README."""
        if self._folder is None:
            return json.loads((self._entry.tree / "info.json").read_text(encoding="utf-8"))
        found = {
            path.relative_to(self._folder).as_posix(): path.stat().st_size
            for path in self._folder.rglob("*")
            if path.is_file() and path.resolve().is_relative_to(self._folder.resolve())
        }
        readme = self._folder / README
        text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
        return {"revision": None, "files": found, "readme": text}

    @property
    def _is_streamed(self) -> bool:
        return sum(self._info["files"][name] for name, _ in self._files()) > STREAMED_BYTES

    def _files(self) -> list[tuple[str, str]]:
        """Name and split of each file to read; of splits with other names than the usual three, only one asked for."""
        info = self._info
        layout = layout_of(list(info["files"]), info["readme"])
        named = self._parts_behind
        config = named[0] if named else main_config(layout, info["readme"])
        if config not in layout:
            raise SourceError(f"`{self.path}` has no configuration `{config}`.{did_you_mean(config, layout)}")
        splits = layout[config]
        if len(named) > 1 and named[1] not in splits:
            raise SourceError(f"`{self.path}` has no split `{named[1]}`, but {', '.join(splits)}.")
        if len(named) > 1:
            return [(name, "train") for name in splits[named[1]]]
        found = [(name, WORDS[split]) for split in splits if split in WORDS for name in splits[split]]
        if not found:
            raise SourceError(f"A split of `{self.path}` must be named, one of {', '.join(splits)}.")
        return found

    def _resolve(self, tree: Path) -> dict[str, str]:
        hub = _hub()
        name, _, revision = self._parts[1].partition("@")
        repository = f"{self._parts[0]}/{name}"
        with _told(self.path):
            found = hub.HfApi().dataset_info(repository, revision=revision or None, files_metadata=True)
            files = {each.rfilename: each.size or 0 for each in found.siblings or ()}
            readme = ""
            if README in files:
                path = hub.hf_hub_download(repository, README, repo_type="dataset", revision=found.sha)
                readme = Path(path).read_text(encoding="utf-8", errors="replace")
        info = {"revision": found.sha, "files": files, "readme": readme}
        write_atomically(tree / "info.json", json.dumps(info))
        return {self.path: str(found.sha)}

    @contextmanager
    def _opened(self, name: str) -> Iterator[Path]:
        """The file, which may be gone afterwards."""
        if self._folder is not None:
            yield self._folder / name
            return
        repository = f"{self._parts[0]}/{self._parts[1].partition('@')[0]}"
        options: dict[str, Any] = {"repo_type": "dataset", "revision": self._info["revision"]}
        with tempfile.TemporaryDirectory() as aside:
            if self._is_streamed:
                options["local_dir"] = aside
            with _told(self.path):
                path = Path(_hub().hf_hub_download(repository, name, **options))
            yield path


def _dealt(record: Mapping[str, object], split: str, missing: Mapping[str, float]) -> str:
    """The split of a row: its own, or, of train, one that is missing, by a hash of the row."""
    if split != "train":
        return split
    digest = hashlib.sha256(repr(sorted(record.items())).encode("utf-8", "surrogatepass")).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    for name, part in missing.items():
        if share < part:
            return name
        share -= part
    return split


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what the client raises into one line."""
    errors = _hub().errors
    try:
        yield
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
        raise SourceError(
            f"`{path}` is no data set of the hub, or none that you may read. Check its name and revision; for one that "
            "needs your consent, agree on its page and log in with `hf auth login`."
        ) from error
    except (errors.HTTPError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise Offline(f"`{path}` could not be brought from the hub ({reason}). Try again with a network.") from error


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError:
        raise SourceError(
            "Data sets of the Hugging Face Hub need huggingface_hub, which is not installed. Install it with "
            "`pip install 'lengthwise[hub]'`."
        ) from None
    return huggingface_hub
