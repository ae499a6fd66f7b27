"""Files from the web: resumed where they broke off, and taken for whole only with the right checksum."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lengthwise.data.problem import Report
from lengthwise.data.sources.cache import Cached, Entry, SourceError, cache_root, sha256
from lengthwise.data.sources.client import Offline

ATTEMPTS = 5
TIMEOUT = 30.0
CHUNK = 1 << 18


@dataclass(frozen=True)
class UrlFile(Cached):
    """One file behind an http(s) address."""

    url: str
    sha256: str
    """Expected checksum, hexadecimal."""

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise SourceError(
                f"`url` must start with http:// or https://, but is {self.url}. Give a local file as a path."
            )
        if len(self.sha256) != 64:
            raise SourceError(
                f"`sha256` must be 64 hexadecimal digits, but is {self.sha256!r}. Ask the file's publisher."
            )

    def fetch(self, report: Report | None = None) -> None:
        """Download the file unless it is in the cache; a broken download goes on where it stopped."""
        self._entry.fill(lambda tree: self._bring(tree, report))

    def checksums(self) -> dict[str, str]:
        """Sha256 of the file."""
        return self._entry.origin

    @property
    def path(self) -> Path:
        """The file in the cache, verified."""
        self._entry.verify()
        return self._entry.tree / self._name

    @property
    def _name(self) -> str:
        return Path(urlsplit(self.url).path).name or "file"

    @property
    def _entry(self) -> Entry:
        return Entry(f"urls/{hashlib.sha256(self.url.encode()).hexdigest()[:16]}-{self.sha256[:16]}")

    def _bring(self, tree: Path, report: Report | None) -> dict[str, str]:
        part = cache_root() / "downloads" / f"{self.sha256[:32]}.part"
        part.parent.mkdir(parents=True, exist_ok=True)
        was_begun = part.exists()
        download(self.url, part, report)
        if was_begun and sha256(part) != self.sha256:  # what an earlier try left may be of another version
            part.unlink()
            download(self.url, part, report)
        found = sha256(part)
        if found != self.sha256:
            part.unlink()
            raise SourceError(
                f"{self.url} must have sha256 {self.sha256}, but has {found}. It has changed, or somebody changed it."
            )
        part.rename(tree / self._name)
        return {self._name: found}


def download(url: str, part: Path, report: Report | None = None) -> None:
    """Bring a file to its full length, going on behind what `part` holds already; tries five times."""
    problem: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(min(2.0**attempt / 10, 5.0))
        try:
            if _continue(url, part, report):
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # nothing behind what we have: of another version, or too much
                part.unlink(missing_ok=True)
            elif error.code < 500:
                raise SourceError(f"{url} answers {error.code} {error.reason}. Check the address.") from error
            problem = error
        except (OSError, http.client.HTTPException) as error:
            problem = error
    raise Offline(f"{url} broke off {ATTEMPTS} times ({problem or 'too short'}). Run the command again to go on.")


def _continue(url: str, part: Path, report: Report | None) -> bool:
    """One request; whether the file is whole now."""
    start = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        if answer.status != 206:  # the server sends everything again
            start = 0
        length = answer.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        with part.open("ab" if start else "wb") as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                start += len(chunk)
                if report:
                    report(f"downloading {url}", start, total)
    return total is None or start == total
