import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.url import UrlFile

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    content = CONTENT
    has_ranges = True
    num_breaks = 0
    """How many answers still break off in the middle."""
    requests: list[str | None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append(wanted)
        if self.path == "/missing":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.has_ranges else 0
        if start >= len(self.server.content):
            self.send_error(416)
            return
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.num_breaks:
            self.server.num_breaks -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.requests = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def file_at(server: Server, name: str = "data.bin", sha256: str = SHA256) -> UrlFile:
    return UrlFile(f"http://127.0.0.1:{server.server_port}/{name}", sha256)


def test_a_download_that_breaks_off_goes_on_where_it_stopped(empty_cache, server):
    server.num_breaks = 2
    file = file_at(server)
    file.fetch()
    assert file.path.name == "data.bin" and file.path.read_bytes() == CONTENT
    assert server.requests == [None, f"bytes={len(CONTENT) // 2}-", f"bytes={len(CONTENT) * 3 // 4}-"]
    file.fetch()
    assert len(server.requests) == 3 and file.checksums() == {"data.bin": SHA256}


def test_a_server_without_ranges_is_asked_for_everything_again(empty_cache, server):
    server.has_ranges, server.num_breaks = False, 1
    file_at(server).fetch()
    assert file_at(server).path.read_bytes() == CONTENT


def test_a_download_that_never_ends_well_is_not_taken_for_whole_and_is_resumed_later(empty_cache, server):
    server.num_breaks = 5
    with pytest.raises(Offline, match="broke off 5 times"):
        file_at(server).fetch()
    file_at(server).fetch()
    assert file_at(server).path.read_bytes() == CONTENT
    assert None not in server.requests[1:]


@pytest.mark.parametrize("left", [b"another version", CONTENT + b"too much"])
def test_a_rest_of_another_version_is_thrown_away(empty_cache, server, left):
    (empty_cache / "downloads").mkdir(parents=True)
    (empty_cache / "downloads" / f"{SHA256[:32]}.part").write_bytes(left)
    file_at(server).fetch()
    assert file_at(server).path.read_bytes() == CONTENT


def test_a_file_with_another_checksum_is_refused_and_both_are_named(empty_cache, server):
    server.content = CONTENT + b"!"
    with pytest.raises(SourceError, match=f"must have sha256 {SHA256}, but has [0-9a-f]{{64}}"):
        file_at(server).fetch()
    assert not list((empty_cache / "downloads").iterdir())


def test_an_address_that_does_not_exist_is_not_asked_again(empty_cache, server):
    with pytest.raises(SourceError, match="answers 404"):
        file_at(server, "missing").fetch()
    assert len(server.requests) == 1


def test_an_address_must_be_of_the_web_and_a_checksum_whole():
    with pytest.raises(SourceError, match="must start with http"):
        UrlFile("file:///etc/passwd", SHA256)
    with pytest.raises(SourceError, match="64 hexadecimal digits"):
        UrlFile("https://example.org/x", "abc")
