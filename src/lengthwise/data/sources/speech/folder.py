"""Your own recordings: a folder of sounds with a .txt each, or a .tsv or .jsonl table of paths and transcripts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.cache import SourceError, sha256
from lengthwise.data.sources.folder import files_of
from lengthwise.data.sources.lines import lines
from lengthwise.data.sources.records import KEPT, Record, jsonl_records

SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3")
FEW = 3
"""Fewer folders than this can't be divided among the splits: rows then stand for themselves."""
MAX_TEXT = 100_000
"""Bytes of a .txt file that may be a transcript."""


@dataclass(frozen=True)
class SpeechFolder(Source):
    """In a folder, a sound and the .txt of its name; each folder (of a speaker, say) is a document.

    A table has the columns `path` (counted from the table's folder), `transcript` and, if wanted, `document` and
    `split`: as keys of .jsonl, or in the first line of a .tsv, which may also have just the first two and no such line.
    """

    path: str
    name: str = "speech folder"
    licence: str = "your own"

    def fetch(self, report: Report | None = None) -> None:
        """Check that there is something to read."""
        path = Path(self.path)
        if path.is_dir():
            files_of(path, SOUNDS)
        elif not path.is_file():
            raise SourceError(f"`{path}` must be a folder or a table, but does not exist. It counts from {Path.cwd()}.")
        elif path.suffix not in TABLES:
            raise SourceError(f"`{path}` must be a folder or end in {', '.join(TABLES)}. Check the path.")
        elif not path.stat().st_size:
            raise SourceError(f"`{path}` is empty. Give a table with at least one path and transcript.")

    def checksums(self) -> dict[str, str]:
        """Sha256 by path of every sound, and of every transcript or the table."""
        path = Path(self.path)
        if path.is_dir():
            found = [each for _, each in files_of(path, (*SOUNDS, ".txt")) if isinstance(each, Path)]
        else:
            rows = (row["inputs"] for row in self.read() if not isinstance(row, Rejected))
            found = [path, *sorted(Path(sound.path) for sound in rows if isinstance(sound, Blob))]
        return {str(each): sha256(each) for each in found}

    def read(self) -> Iterator[Example | Rejected]:
        """File by file by name, or line by line."""
        path = Path(self.path)
        return _folder_rows(path) if path.is_dir() else _table_rows(path)


def _folder_rows(folder: Path) -> Iterator[Example | Rejected]:
    """Sounds with their transcripts, and in the place of each that has none, or that has no sound, why."""
    found: dict[str, dict[str, Path]] = {}
    for name, path in files_of(folder, (*SOUNDS, ".txt")):
        if isinstance(path, Rejected):
            yield path
            continue
        stem, ending = name[: -len(path.suffix)], path.suffix.lower()
        files = found.setdefault(stem, {})
        kind = "text" if ending == ".txt" else "sound"
        if kind in files:
            yield Rejected(reason=f"another {kind} of the same name", where=name)
        else:
            files[kind] = path
    folders = {str(PurePosixPath(stem).parent) for stem in found}
    for stem, files in found.items():
        document = str(PurePosixPath(stem).parent) if len(folders) >= FEW else None
        yield _pair(stem, files.get("sound"), files.get("text"), document)


def _pair(stem: str, sound: Path | None, text: Path | None, document: str | None) -> Example | Rejected:
    if sound is None:
        return Rejected(reason="transcript without sound", where=f"{stem}.txt")
    where = f"{stem}{sound.suffix}"
    if text is None:
        return Rejected(reason="sound without transcript", where=where)
    try:
        if text.stat().st_size > MAX_TEXT:
            return Rejected(reason="transcript over 100 kB", where=where)
        return _row(sound, text.read_bytes().decode("utf-8-sig"), where, {"document": document})
    except UnicodeDecodeError:
        return Rejected(reason="invalid UTF-8", where=where)
    except OSError:
        return Rejected(reason="can't be read", where=where)


def _table_rows(table: Path) -> Iterator[Example | Rejected]:
    for where, record in TABLES[table.suffix](table):
        if isinstance(record, Rejected):
            yield record
        elif not (
            isinstance(record, Mapping)
            and isinstance(path := record.get("path"), str)
            and isinstance(transcript := record.get("transcript"), str)
        ):
            yield Rejected(reason="no columns `path` and `transcript`", where=where)
        else:
            place = f"{where}, {path}"
            if path and _is_file(sound := table.parent / path):
                yield _row(sound, transcript, place, {key: record[key] for key in KEPT if record.get(key)})
            else:
                yield Rejected(reason="transcript without sound", where=place)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long to be one
        return False


def _row(sound: Path, transcript: str, where: str, kept: Mapping[str, object]) -> Example | Rejected:
    text = " ".join(transcript.split())
    if not text:
        return Rejected(reason="sound without transcript", where=where)
    return {"inputs": Blob(str(sound)), "targets": text, "where": where, **kept}


def _tsv_records(path: Path) -> Iterator[Record]:
    columns = ["path", "transcript"]
    for number, (where, line) in enumerate(lines(path)):
        if isinstance(line, Rejected):
            yield where, line
        elif number == 0 and "path" in line.split("\t"):
            columns = line.split("\t")
        else:
            yield where, dict(zip(columns, line.split("\t"), strict=False))


TABLES = {".tsv": _tsv_records, ".jsonl": jsonl_records}
