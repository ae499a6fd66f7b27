import io
import shutil
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from lengthwise.data.sources.archive import unpack
from lengthwise.data.sources.cache import SourceError

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is missing")


def write_tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            content = b"text" if member.isreg() else b""
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_only_files_that_match_are_unpacked(tmp_path):
    members = [tarfile.TarInfo(name) for name in ("./a/x.html", "./a/y.png", "b/z.html")]
    assert unpack(write_tar(tmp_path / "x.tar.gz", *members), tmp_path / "out", ["*.html"]) == 2
    assert names(tmp_path / "out") == ["a/x.html", "b/z.html"]


@pytest.mark.parametrize("name", ["../escaped", "a/../../escaped", "/absolute", "C:/absolute", "..\\escaped"])
def test_a_path_outside_the_archive_is_refused(tmp_path, name):
    with pytest.raises(SourceError, match="outside the archive"):
        unpack(write_tar(tmp_path / "x.tar.gz", tarfile.TarInfo(name)), tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(name, "text")
    with pytest.raises(SourceError, match="outside the archive"):
        unpack(tmp_path / "x.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_nothing_is_written_through_a_link(tmp_path, kind):
    (tmp_path / "outside").mkdir()
    members = [link("way", str(tmp_path / "outside"), kind), tarfile.TarInfo("way/file"), link("l", "way/file", kind)]
    assert unpack(write_tar(tmp_path / "x.tar.gz", *members), tmp_path / "out") == 1
    assert names(tmp_path / "out") == ["way/file"] and names(tmp_path / "outside") == []


def test_a_link_in_a_zip_is_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        member = zipfile.ZipInfo("way")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc")
        archive.writestr("file", "text")
    assert unpack(tmp_path / "x.whl", tmp_path / "out") == 1
    assert names(tmp_path / "out") == ["file"]


@pytest.mark.parametrize("name", ["x.tar.gz", "x.zip"])
def test_a_cut_off_archive_is_named(tmp_path, name):
    content = bytes(range(256)) * 400
    (tmp_path / "content").write_bytes(content)
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(tmp_path / "content", "content")
    else:
        with tarfile.open(tmp_path / name, "w:gz") as archive:
            archive.add(tmp_path / "content", "content")
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=f"{name} is broken or cut off"):
        unpack(tmp_path / name, tmp_path / "out")


def test_an_unknown_ending_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(SourceError, match=r"must end in \.deb, \.zip"):
        unpack(tmp_path / "x.rar", tmp_path / "out")


def build_deb(directory: Path) -> Path:
    tree = directory / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: tiny\n"
    )
    (tree / "usr/share/tiny").mkdir(parents=True)
    (tree / "usr/share/tiny/a.txt").write_text("text")
    (tree / "usr/share/tiny/way").symlink_to("/etc")
    subprocess.run(["dpkg-deb", "--build", str(tree), str(directory / "tiny.deb")], check=True, capture_output=True)
    return directory / "tiny.deb"


@needs_dpkg
def test_a_debian_package_is_unpacked_without_its_links(tmp_path):
    assert unpack(build_deb(tmp_path), tmp_path / "out") == 1
    assert names(tmp_path / "out") == ["usr/share/tiny/a.txt"]


@needs_dpkg
def test_a_cut_off_debian_package_is_named(tmp_path):
    package = build_deb(tmp_path)
    package.write_bytes(package.read_bytes()[:-60])
    with pytest.raises(SourceError, match=r"tiny\.deb is broken or cut off"):
        unpack(package, tmp_path / "out")


def test_without_dpkg_deb_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        SourceError, match="`dpkg-deb`, which unpacks x.deb, is missing. Install it|`dpkg-deb` is missing"
    ):
        unpack(tmp_path / "x.deb", tmp_path / "out")
