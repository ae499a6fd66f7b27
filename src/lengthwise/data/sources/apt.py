"""A private apt: its own lists, cache and sources, so that neither root nor the system's state is needed."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from lengthwise.data.sources.cache import SourceError, cache_root, write_atomically
from lengthwise.data.sources.client import ClientFailed, call

ETC = Path("/etc/apt")
LISTS_LAST = 24 * 3600
"""Seconds after which package lists are asked for again before a download."""

# `Acquire::Languages` must be cleared first: slim images set it to "none" in a file of their own.
CONFIG = """#clear Acquire::Languages;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{home}/parts";
Dir::State::lists "{home}/lists";
Dir::Cache "{home}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
APT::Sandbox::User "{user}";
APT::Update::Error-Mode "any";
APT::Get::List-Cleanup "false";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::Languages {{{languages}}};
"""


def update(languages: Sequence[str] = (), *, is_forced: bool = False) -> None:
    """Bring the package lists, and the translations of descriptions into `languages`, unless they are fresh."""
    stamp = _home() / ("lists-" + "-".join(("plain", *sorted(languages))))
    if not is_forced and stamp.exists() and time.time() - stamp.stat().st_mtime < LISTS_LAST:
        return
    _run("apt-get", "update", languages=languages)
    stamp.touch()


def download(package: str, directory: Path) -> Path:
    """The newest .deb of a package, with apt's own check of its signature and checksum."""
    update()
    directory.mkdir(parents=True, exist_ok=True)
    try:
        return _download(package, directory)
    except ClientFailed as error:
        if "Unable to locate" in error.output or "No candidate" in error.output:
            message = f"Debian has no package `{package}` in the sources of this machine. See /etc/apt/sources.list.d."
            raise SourceError(message) from error
        update(is_forced=True)  # the archive moves on: a version that the lists name may be gone
        return _download(package, directory)


def lists(pattern: str) -> dict[str, bytes]:
    """Text of every index whose file name matches a pattern, by name, for example `*_Translation-de*`."""
    paths = sorted((_home() / "lists").glob(pattern))
    return {path.name: _run("apt-helper", "cat-file", str(path)) for path in paths}


def debian_stanzas(etc: Path = ETC) -> Iterator[str]:
    """The machine's Debian sources in deb822 form, without those of other vendors."""
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            is_used = re.search(r"(?m)^Types:.*\bdeb\b", stanza) and not re.search(r"(?mi)^Enabled:\s*no\b", stanza)
            if is_used and _is_debian(stanza):
                yield stanza.strip()
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]:
        for line in path.read_text().splitlines() if path.is_file() else ():
            match = re.match(r"deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+(.+)", line.split("#")[0])
            if match and _is_debian(line):
                yield _stanza(*match.groups())


def _stanza(options: str | None, uri: str, suite: str, components: str) -> str:
    lines = ["Types: deb", f"URIs: {uri}", f"Suites: {suite}", f"Components: {components.strip()}"]
    for option in (options or "").split():
        key, _, value = option.partition("=")
        if key == "signed-by":
            lines.append(f"Signed-By: {value}")
    return "\n".join(lines)


def _is_debian(stanza: str) -> bool:
    return "debian-archive-keyring" in stanza or bool(re.search(r"://\S+/debian(-security)?/?(\s|$)", stanza))


def _download(package: str, directory: Path) -> Path:
    _run("apt-get", "download", package, directory=directory)
    found = sorted(directory.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise SourceError(f"apt-get downloaded no file for `{package}`. Run the command again.")
    return found[-1]


def _run(client: str, *words: str, languages: Sequence[str] = (), directory: Path | None = None) -> bytes:
    program = shutil.which(client) or shutil.which(client, path="/usr/lib/apt")
    if program is None:
        raise SourceError(
            f"`{client}` is missing: this data comes as Debian packages. Run on Debian, or choose another problem."
        )
    return call([program, "-c", str(_configure(languages)), *words], directory)


def _configure(languages: Sequence[str]) -> Path:
    home = _home()
    stanzas = list(debian_stanzas())
    if not stanzas:
        raise SourceError("No Debian package source is set up on this machine. Add one in /etc/apt/sources.list.d.")
    for name in ("lists/partial", "cache/archives/partial", "parts"):
        (home / name).mkdir(parents=True, exist_ok=True)
    write_atomically(home / "parts" / "debian.sources", "\n\n".join(stanzas) + "\n")
    wanted = " ".join(f'"{language}";' for language in languages or ("none",))
    config = home / f"apt-{'-'.join(languages) or 'plain'}.conf"
    user = "root" if os.geteuid() == 0 else ""  # apt's own user may not enter a home directory
    write_atomically(config, CONFIG.format(home=home, user=user, languages=wanted))
    return config


def _home() -> Path:
    return cache_root().absolute() / "apt"
