import errno
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.images import download as fetching
from lrreg_utils.images.download import Download, download, working_folder

CONTENT = os.urandom(300_000)
CHUNK = 65536


class Unruly(http.server.BaseHTTPRequestHandler):
    """Answers as the address says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        getattr(self, urlsplit(self.path).path.strip("/").partition("/")[0])()

    def answer(self, status=200, content=CONTENT, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def whole(self):
        self.answer(Content_Type="application/gzip")

    def forbidden(self):
        self.answer(403, b"no")

    def missing(self):
        self.answer(404, b"no")

    def broken(self):
        self.answer(500, b"no")

    def login(self):
        self.answer(302, b"", Location="/page")

    def page(self):
        self.answer(200, b"<html>Log in", Content_Type="text/html; charset=utf-8")

    def other(self):
        self.answer(200, CONTENT[:-1] + b"!" if CONTENT[-1:] != b"!" else CONTENT[:-1] + b"?")

    def longer(self):
        self.answer(200, CONTENT * 20)

    def empty(self):
        self.answer(200, b"")

    def cut(self):
        self.answer(200, CONTENT[:100_000], length=len(CONTENT))
        self.close_connection = True

    def circle(self):
        self.answer(302, b"", Location="/circle")

    def silent(self):
        self.server.closing.wait(60)

    def stalls(self):
        self.answer(200, CONTENT[:100_000], length=len(CONTENT))
        self.server.closing.wait(60)

    def nonsense(self):
        self.wfile.write(b"SSH-2.0-x\r\n\r\n")
        self.close_connection = True

    def slow(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        for begin in range(0, len(CONTENT), CHUNK):
            time.sleep(0.06)
            self.wfile.write(CONTENT[begin : begin + CHUNK])

    def log_message(self, *arguments):
        self.server.asked.append(self.path)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that has left is no matter."""


@pytest.fixture
def server(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(fetching, "SECONDS", (60, 60))  # a busy machine answers late
    with Server(("127.0.0.1", 0), Unruly) as server:
        server.asked, server.closing = [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


@pytest.fixture
def wanted(server):
    """What is asked for, from sources that behave as their names say."""

    def make(*sources):
        address = f"http://127.0.0.1:{server.server_port}"
        return Download("the data", "data.tar.gz", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(),
                        tuple(f"{address}/{source}" for source in sources))

    return make


def fetch(wanted, folder):
    with working_folder(folder) as work:
        return download(wanted, folder, work)


def test_a_file_is_fetched_once(wanted, server, tmp_path):
    assert fetch(wanted("whole"), tmp_path) == tmp_path / "data.tar.gz"
    assert (tmp_path / "data.tar.gz").read_bytes() == CONTENT
    fetch(wanted("whole"), tmp_path)
    assert len(server.asked) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["data.tar.gz"]


@pytest.mark.parametrize("content", [b"", CONTENT[:1000], CONTENT[::-1]])
def test_a_damaged_file_is_fetched_again(wanted, tmp_path, content):
    (tmp_path / "data.tar.gz").write_bytes(content)
    fetch(wanted("whole"), tmp_path)
    assert (tmp_path / "data.tar.gz").read_bytes() == CONTENT


@pytest.mark.parametrize(("source", "words"), [
    ("forbidden", "127.0.0.1 answers 403 Forbidden"),
    ("missing", "answers 404 Not Found"),
    ("broken", "answers 500 Internal Server Error"),
    ("login", r"sends something else \(text/html\)"),
    ("page", r"sends something else \(text/html\)"),
    ("other", r"sends something else \(data\)"),
    ("longer", "sends something else"),
    ("empty", "sends something else"),
    ("cut", "breaks off after 0.1 MB"),
    ("stalls", "breaks off after 0.1 MB"),
    ("circle", "sends in a circle"),
    ("silent", "does not answer in time"),
    ("nonsense", "is out of reach"),
])
def test_a_source_that_fails_is_named_and_the_next_one_asked(wanted, tmp_path, monkeypatch, source, words):
    if source in ("stalls", "silent"):
        monkeypatch.setattr(fetching, "SECONDS", (60, 2))
    kept = tmp_path / "data.tar.gz"
    kept.write_bytes(b"old")
    with pytest.raises(UserError, match=rf"^data: the data could not be fetched: .*{words}") as raised:
        fetch(wanted(source), tmp_path)
    assert "\n" not in str(raised.value)
    assert f"put data.tar.gz into {tmp_path} first" in str(raised.value)
    assert kept.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [kept]
    fetch(wanted(source, "whole"), tmp_path)
    assert kept.read_bytes() == CONTENT


def test_every_sources_trouble_is_told_once(wanted, tmp_path):
    with pytest.raises(UserError) as raised:
        fetch(wanted("missing", "missing/too"), tmp_path)
    assert "each source answers 404 Not Found. Start again" in str(raised.value)
    with pytest.raises(UserError) as raised:
        fetch(wanted("missing", "page"), tmp_path)
    assert "127.0.0.1 answers 404 Not Found; 127.0.0.1 sends something else" in str(raised.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "http://[::1]:9/x"])
def test_nobody_listens(wanted, tmp_path, address):
    with pytest.raises(UserError, match="is out of reach"):
        fetch(replace(wanted(), sources=(address,)), tmp_path)


@pytest.mark.parametrize(("proxy", "words"), [
    ("http://127.0.0.1:port", "VARIABLE names no valid address"),
    ("http://127.0.0.1:99999", "VARIABLE names"),
    ("http://me:secret@127.0.0.1:port", "VARIABLE names no valid address"),
    ("http://", "VARIABLE names no valid address"),
    ("http://[::1", "VARIABLE names no valid address"),
    ("http://.example:80", "VARIABLE names"),
    ("socks5://127.0.0.1:9", "VARIABLE names"),
    ("nonsense://127.0.0.1:9", "VARIABLE names"),
    ("http://127.0.0.1:9", "is out of reach, through the proxy that VARIABLE names"),
    ("SILENT", "does not answer in time, through the proxy that VARIABLE names"),
])
@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
def test_a_proxy_that_does_not_work(wanted, server, tmp_path, monkeypatch, variable, proxy, words):
    if proxy == "SILENT":
        proxy = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(fetching, "SECONDS", (60, 0.4))
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(UserError, match=words.replace("VARIABLE", variable)) as raised:
        fetch(replace(wanted(), sources=("http://data.invalid/silent",)), tmp_path)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_that_is_not_for_this_address_is_not_blamed(wanted, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:port")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fetch(wanted("whole"), tmp_path)
    with pytest.raises(UserError, match=r"answers 404 Not Found\. Start again"):
        fetch(replace(wanted("missing"), name="other.tar.gz"), tmp_path)


def test_certificates_that_are_not_where_they_should_be(wanted, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(UserError, match=r"127.0.0.1 fails \(.*/nowhere.pem\)"):
        fetch(replace(wanted(), sources=("https://127.0.0.1:9/x",)), tmp_path)


def test_a_slow_source_waits_until_the_others_were_asked(wanted, server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "PATIENCE", 0)
    monkeypatch.setattr(fetching, "SLOW", 10**12)
    fetch(wanted("slow", "missing"), tmp_path)
    assert server.asked == ["/slow", "/missing", "/slow"]
    (tmp_path / "data.tar.gz").unlink()
    fetch(wanted("slow", "slow/too"), tmp_path)
    assert server.asked[3:] == ["/slow", "/slow/too", "/slow"]


def test_a_download_that_is_stopped_leaves_nothing(wanted, tmp_path, monkeypatch):
    class Stopped:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def update(self, count):
            raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "_progress_bar", lambda wanted: Stopped())
    with pytest.raises(KeyboardInterrupt):
        fetch(wanted("whole"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_no_fault_of_the_source(wanted, tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("needs a device that is always full")
    with working_folder(tmp_path) as work:
        (work / "data.tar.gz").symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left") as raised:
            download(wanted("whole"), tmp_path, work)
    assert raised.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_is_removed_after_a_day(tmp_path):
    for name, age in (("fetching-old", 2 * 86400), ("fetching-new", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with working_folder(tmp_path) as work:
        assert {file.name for file in tmp_path.iterdir()} == {"fetching-new", work.name}


def test_two_processes_at_once(wanted, tmp_path):
    file = wanted("slow")
    code = ("import pathlib; from lrreg_utils.images.download import *\n"
            f"root = pathlib.Path({str(tmp_path)!r})\n"
            f"with working_folder(root) as work: download({file!r}, root, work)")
    both = [subprocess.Popen([sys.executable, "-W", "error", "-c", code], stderr=subprocess.PIPE)
            for _ in range(2)]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    assert (tmp_path / "data.tar.gz").read_bytes() == CONTENT
    assert len(list(tmp_path.iterdir())) == 1
