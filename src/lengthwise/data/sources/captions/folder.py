"""Your own captioned images: a folder of images with a .txt each, or a .tsv or .jsonl table of paths and captions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.beside import Pair, text_lines, with_texts
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.folder import files_of
from lengthwise.data.sources.images.folder import ENDINGS
from lengthwise.data.sources.records import KEPT, RECORDS

TABLES = (".tsv", ".csv", ".jsonl", ".parquet")


@dataclass(frozen=True)
class CaptionFolder(Source):
    """Every line of an image's text is a caption of it; rows that share an image or a caption stay together.

    A table has the columns `path` (counted from the table's folder, and inside it), `caption` and, if wanted,
    `document` and `split`.
    """

    path: str
    name: str = "captioned images"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that there is something to read."""
        path = Path(self.path)
        if path.is_dir():
            files_of(path, ENDINGS)
        elif not path.is_file():
            raise SourceError(f"`{path}` must be a folder or a table, but does not exist. It counts from {Path.cwd()}.")
        elif path.suffix not in TABLES:
            raise SourceError(f"`{path}` must be a folder or end in {', '.join(TABLES)}. Check the path.")

    def checksums(self) -> dict[str, str]:
        """Sha256 by path of every image, and of every text or the table."""
        path = Path(self.path)
        if path.is_dir():
            found = [each for _, each in files_of(path, (*ENDINGS, ".txt")) if isinstance(each, Path)]
        else:
            blobs = [row["inputs"] for row in self.read() if not isinstance(row, Rejected)]
            found = [path, *sorted({Path(blob.path) for blob in blobs if isinstance(blob, Blob)})]
        return {str(each): sha256(each) for each in found}

    def read(self) -> Iterator[Example | Rejected]:
        """Image by image by name, or row by row."""
        path = Path(self.path)
        if not path.is_dir():
            yield from _table_rows(path)
            return
        for pair in with_texts(path, ENDINGS):
            yield from [pair] if isinstance(pair, Rejected) else _rows(pair)


def _rows(pair: Pair) -> Iterator[Example | Rejected]:
    if pair.file is None or pair.text is None:
        kind = "caption without image" if pair.file is None else "image without caption"
        yield Rejected(reason=kind, where=pair.stem)
        return
    captions = text_lines(pair.text, pair.stem)
    if isinstance(captions, Rejected):
        yield captions
        return
    for caption in captions:
        yield {"inputs": Blob(str(pair.file)), "targets": caption, "where": pair.stem}


def _table_rows(table: Path) -> Iterator[Example | Rejected]:
    root = table.parent.resolve()
    for where, record in RECORDS[table.suffix](table):
        if isinstance(record, Rejected):
            yield record
            continue
        columns = record if isinstance(record, Mapping) else {}
        path, caption = columns.get("path"), columns.get("caption")
        if not isinstance(path, str) or not isinstance(caption, str):
            yield Rejected(reason="no columns `path` and `caption`", where=where)
        elif not (image := root / path).resolve().is_relative_to(root):
            yield Rejected(reason="a path out of the table's folder", where=f"{where}, {path}")
        elif not _is_file(image):
            yield Rejected(reason="caption without image", where=f"{where}, {path}")
        else:
            kept = {key: columns[key] for key in KEPT if columns.get(key)}
            yield {"inputs": Blob(str(image)), "targets": " ".join(caption.split()), "where": where, **kept}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long to be one
        return False
