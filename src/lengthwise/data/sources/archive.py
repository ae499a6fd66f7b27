"""Unpacking archives that nobody vouches for: plain files only, and none outside the target directory."""

import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from fnmatch import fnmatchcase
from io import BufferedWriter
from pathlib import Path, PurePosixPath
from typing import IO

from lengthwise.data.sources.cache import SourceError

EVERYTHING = ("*",)
CHUNK = 1 << 20


def unpack(archive: Path, target: Path, keep: Sequence[str] = EVERYTHING) -> int:
    """Unpack the files whose path matches one of `keep` (shell patterns), by the archive's ending; returns how many.

    Links, devices and permissions are left out; a path with `..` or from the root is a SourceError.
    """
    if archive.suffix == ".deb":
        return _unpack_deb(archive, target, keep)
    if archive.suffix in (".zip", ".whl"):
        return _unpack_zip(archive, target, keep)
    if ".tar" in archive.suffixes or archive.suffix == ".tgz":
        with archive.open("rb") as stream:
            return _unpack_tar(stream, target, keep, archive.name)
    raise SourceError(f"{archive.name} is no known archive: it must end in .deb, .zip, .whl, .tar, .tar.* or .tgz.")


def _unpack_deb(archive: Path, target: Path, keep: Sequence[str]) -> int:
    client = shutil.which("dpkg-deb")
    if client is None:
        raise SourceError(
            f"{archive.name} cannot be unpacked: `dpkg-deb` is missing. Install it: apt-get install dpkg."
        )
    with subprocess.Popen(
        [client, "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        try:
            return _unpack_tar(process.stdout, target, keep, archive.name)
        finally:
            process.stdout.close()
            process.stderr.close()


def _unpack_tar(stream: IO[bytes], target: Path, keep: Sequence[str], name: str) -> int:
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for member in archive:
                path = _inside(target, member.name, name)
                content = archive.extractfile(member) if member.isreg() and _is_kept(member.name, keep) else None
                if path is not None and content is not None:
                    with _new(path) as file:
                        shutil.copyfileobj(content, file, CHUNK)
                    count += 1
    except (tarfile.TarError, EOFError) as error:
        raise SourceError(f"{name} is broken or cut off ({error}). Remove it and run the command again.") from error
    return count


def _unpack_zip(archive: Path, target: Path, keep: Sequence[str]) -> int:
    count = 0
    try:
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                path = _inside(target, member.filename, archive.name)
                if path is None or member.is_dir() or _is_link(member) or not _is_kept(member.filename, keep):
                    continue
                with file.open(member) as content, _new(path) as copy:
                    shutil.copyfileobj(content, copy, CHUNK)
                count += 1
    except (zipfile.BadZipFile, EOFError) as error:
        message = f"{archive.name} is broken or cut off ({error}). Remove it and run the command again."
        raise SourceError(message) from error
    return count


def _inside(target: Path, name: str, archive: str) -> Path | None:
    """Where a member goes; None for the root itself."""
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or (pure.parts and ":" in pure.parts[0]):
        raise SourceError(f"{archive} holds `{name}`, which lies outside the archive. Do not use this file.")
    return target / pure if pure.parts else None


def _is_kept(name: str, keep: Sequence[str]) -> bool:
    plain = name.removeprefix("./")
    return any(fnmatchcase(plain, pattern) for pattern in keep)


def _is_link(member: zipfile.ZipInfo) -> bool:
    return (member.external_attr >> 16) & 0o170000 == 0o120000


def _new(path: Path) -> BufferedWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")
