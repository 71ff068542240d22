import errno
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import downloads
from attention_vat.data.corpora.downloads import fetch

CONTENT = bytes(range(256)) * 40


class Server(BaseHTTPRequestHandler):
    """Sends the content, or breaks off after some bytes; with or without `Range`."""

    def __init__(self, log, *args):
        self.log = log
        super().__init__(*args)

    def do_GET(self):
        start = 0
        asked = self.headers.get("Range")
        self.log.append(asked)
        if self.path.startswith("/missing"):
            return self.send_error(404)
        if asked and self.path.startswith("/ranges"):
            start = int(asked[len("bytes=") : -1])
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            return self.end_headers()
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        end = 3000 if self.path.endswith("breaks") and len(self.log) == 1 else len(CONTENT)
        self.wfile.write(CONTENT[start:end])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    """Address and log of a server on this machine, and an empty cache."""
    monkeypatch.setattr(downloads, "CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setattr(downloads, "BLOCK", 1000)
    log = []
    with HTTPServer(("127.0.0.1", 0), partial(Server, log)) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", log
        http.shutdown()
        thread.join()


def cached(tmp_path):
    return sorted(path.name.split("-", 1)[1] for path in (tmp_path / "cache" / "attention_vat").iterdir())


def content(path):
    with open(path, "rb") as file:
        return file.read()


def test_is_kept(server, tmp_path):
    address, log = server
    path = fetch(f"{address}/ranges/data.zip")
    assert content(path) == CONTENT
    assert fetch(f"{address}/ranges/data.zip") == path
    assert log == [None], "asked for once"
    assert "data.zip" in cached(tmp_path)
    assert "data.zip.part" not in cached(tmp_path)


def test_continues_where_it_broke_off(server, tmp_path):
    address, log = server
    with pytest.raises(ConfigurationError, match="cannot be downloaded .*try again .it resumes., or name a local"):
        fetch(f"{address}/ranges/breaks")
    assert "breaks" not in cached(tmp_path), "nothing half-written"
    assert content(fetch(f"{address}/ranges/breaks")) == CONTENT
    assert log == [None, "bytes=3000-"]


def test_starts_again_where_the_server_cannot_continue(server):
    address, log = server
    with pytest.raises(ConfigurationError):
        fetch(f"{address}/whole/breaks")
    assert content(fetch(f"{address}/whole/breaks")) == CONTENT
    assert log == [None, "bytes=3000-"]


def test_killed_after_the_last_byte(server, monkeypatch):
    address, log = server

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(downloads.os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch(f"{address}/ranges/data.zip")
    assert content(fetch(f"{address}/ranges/data.zip")) == CONTENT
    assert log == [None, f"bytes={len(CONTENT)}-"]


def test_two_addresses_with_one_name_are_two_files(server):
    address, _ = server
    assert fetch(f"{address}/ranges/data.zip") != fetch(f"{address}/whole/data.zip")


def test_errors_say_what_to_do(server, monkeypatch, tmp_path):
    address, _ = server
    with pytest.raises(ConfigurationError, match="missing/data.zip: cannot be downloaded .404 .*--source"):
        fetch(f"{address}/missing/data.zip")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads, "_complete", full)
    with pytest.raises(ConfigurationError, match="the disk is full .*ALLENNLP_CACHE_ROOT"):
        fetch(f"{address}/ranges/data.zip")
