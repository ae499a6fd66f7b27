"""Your own texts: text files, folders of them, or records with a column of text: .jsonl, .parquet, the hub's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.folder import files_of
from lengthwise.data.sources.hub import HubDataSet, is_hub
from lengthwise.data.sources.records import Record, jsonl_records, parquet_records
from lengthwise.data.sources.text.passages import passages

RECORDS = {".jsonl": jsonl_records, ".parquet": parquet_records}
TRAIN, VALIDATION = 0.9, 0.95
"""Of a text that is the only one: where train ends, and validation."""
FEW = 20
"""Below so many texts each is divided by place; else whole texts are."""


@dataclass(frozen=True)
class TextFiles(Source):
    """Every file is a document, and every record of a .jsonl or .parquet file; few documents are divided by place."""

    paths: tuple[str, ...]
    ending: str = ""
    """Of the files of a folder that are read: `.txt`; all where it is empty."""
    column: str = "text"
    """Of records."""
    name: str = "text files"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that there are files; bring what is the hub's."""
        for each in self._hub():
            each.fetch(report)
        self._files()

    def checksums(self) -> dict[str, str]:
        """Sha256 by path; of the hub's data, their revisions."""
        found = {str(path): sha256(path) for _, path in self._files() if isinstance(path, Path)}
        return found | {name: mark for each in self._hub() for name, mark in each.checksums().items()}

    def read(self) -> Iterator[Example | Rejected]:
        """File by file, by name."""
        for each in self._hub():
            yield from _passages(each.records(), self.column)
        files = self._files()
        has_records = any(Path(name).suffix in RECORDS for name, _ in files) or bool(self._hub())
        is_divided = len(files) < FEW and not has_records
        for name, path in files:
            if isinstance(path, Rejected):
                yield path
            elif path.suffix in RECORDS:
                yield from _passages(RECORDS[path.suffix](path), self.column)
            else:
                text = _text(path, name)
                if isinstance(text, Rejected):
                    yield text
                else:
                    yield from _divided(text, name) if is_divided else passages(text, name)

    def _hub(self) -> list[HubDataSet]:
        return [HubDataSet(path) for path in self.paths if is_hub(path)]

    def _files(self) -> list[tuple[str, Path | Rejected]]:
        found: list[tuple[str, Path | Rejected]] = []
        for path in (Path(path) for path in self.paths if not is_hub(path)):
            if not path.exists():
                raise SourceError(f"`{path}` does not exist. Check the path; it counts from {Path.cwd()}.")
            found += files_of(path, (self.ending,) if self.ending else ()) if path.is_dir() else [(path.name, path)]
        has_text = any(isinstance(path, Path) and path.stat().st_size for _, path in found)
        if not has_text and not self._hub():
            raise SourceError(f"`{', '.join(self.paths)}` must hold text, but is empty. Give files with text.")
        return found


def _text(path: Path, name: str) -> str | Rejected:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return Rejected(reason="invalid UTF-8", where=name)
    except OSError:
        return Rejected(reason="can't be read", where=name)


def _passages(records: Iterator[Record], column: str) -> Iterator[Example | Rejected]:
    for where, record in records:
        if isinstance(record, Rejected):
            yield record
        elif not (isinstance(record, Mapping) and isinstance(text := record.get(column), str)):
            yield Rejected(reason=f"no column `{column}`", where=where)
        else:
            document, split = record.get("document"), record.get("split")
            yield from passages(text, where if document is None else str(document), split and str(split))


def _divided(text: str, name: str) -> Iterator[Example]:
    """The first nine tenths to train on, then a twentieth each for validation and test, cut at line ends."""
    places = [
        text.rfind("\n", 0, int(share * len(text))) + 1 or int(share * len(text)) for share in (TRAIN, VALIDATION)
    ]
    ends = [0, *places, len(text)]
    for split, begin, end in zip(("train", "validation", "test"), ends[:-1], ends[1:], strict=True):
        yield from passages(text[begin:end], f"{name} {split}", split)
