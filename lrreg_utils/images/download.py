"""One large file from the first source that delivers it: whole and checked, or not at all."""

import hashlib
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from lrreg_utils.errors import UserError

SECONDS = (10, 20)  # to connect; to send the next bytes
# A source that delivers fewer bytes a second, after this many seconds, waits until the others were tried
SLOW, PATIENCE = 300_000, 15
_CHUNK = 2**16
_WORK = "fetching-"
_DAY = 86400


@dataclass(frozen=True)
class Download:
    """A file that several sources hold; its sha256 makes each of them as trustworthy as the first."""

    title: str
    name: str
    size: int
    sha256: str
    sources: tuple[str, ...]


class _Trouble(Exception):
    """Why a source does not deliver."""


class _TooSlow(Exception):
    """Another source may be faster."""


@contextmanager
def working_folder(root: Path) -> Iterator[Path]:
    """A folder below ``root`` for what is not finished; those of processes killed a day ago are removed.

    Raises:
        OSError: ``root`` cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    for old in root.glob(f"{_WORK}*"):
        with suppress(FileNotFoundError):  # its process has just finished
            if time.time() - old.stat().st_mtime > _DAY:
                shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=_WORK) as work:
        yield Path(work)


def download(wanted: Download, folder: Path, work: Path) -> Path:
    """The file in ``folder``; where it is not there yet, fetched into ``work`` and moved.

    Raises:
        UserError: no source delivers it; the line names what was wrong with each.
        OSError: a folder cannot be written, or the disk is full.
    """
    target = folder / wanted.name
    if target.is_file() and _sha256(target) == wanted.sha256:
        return target
    troubles: dict[str, list[str]] = {}
    attempts = [(source, True) for source in wanted.sources]
    for source, hurry in attempts:  # it grows: a slow source comes once more at the end, without hurry
        try:
            with _answer(source) as answer, open(work / wanted.name, "wb") as file:
                _receive(answer, wanted, file, hurry)
        except _TooSlow:
            attempts.append((source, False))
        except _Trouble as trouble:
            troubles.setdefault(str(trouble), []).append(urlsplit(source).hostname)
        else:
            os.replace(work / wanted.name, target)
            return target
    hosts = [urlsplit(source).hostname for source in wanted.sources]
    reasons = "; ".join(
        f"{'each source' if failed == hosts and len(hosts) > 1 else ', '.join(failed)} {trouble}"
        for trouble, failed in troubles.items()
    )
    raise UserError(f"data: {wanted.title} could not be fetched: {reasons}. Start again when that is mended, "
                    f"or put {wanted.name} into {folder} first")


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this, so that a reader types Python and not commands."""
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


@contextmanager
def _answer(source: str) -> Iterator:
    """A server's answer, before its content is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # requests warns of versions of its helpers that it does not know
        import requests

    try:  # no compression on the way: some servers would have the archive unpacked on arrival
        answer = requests.get(source, stream=True, timeout=SECONDS, headers={"Accept-Encoding": "identity"})
        answer.raise_for_status()
    except Exception as error:  # settings of a proxy or of certificates fail in many ways
        raise _Trouble(_reason(error, _proxy_variable(source))) from None
    with answer:
        yield answer


def _reason(error: Exception, proxy: str | None) -> str:
    from requests import exceptions as kinds

    through = f", through the proxy that {proxy} names" if proxy else ""
    if isinstance(error, kinds.HTTPError):
        return f"answers {error.response.status_code} {error.response.reason}{through}"
    if isinstance(error, kinds.SSLError):
        return "shows no valid certificate: look at the clock, and whether a login page stands in between"
    if isinstance(error, kinds.Timeout):
        return f"does not answer in time{through}"
    if isinstance(error, kinds.TooManyRedirects):
        return f"sends in a circle{through}"
    if isinstance(error, kinds.ConnectionError):
        return f"is out of reach{through}"
    if isinstance(error, ValueError) and proxy:  # the sources' own addresses are sound
        return f"is out of reach, as {proxy} names no valid address of a proxy (correct or unset it)"
    return f"fails ({(str(error).splitlines() or [type(error).__name__])[0]})"


def _proxy_variable(source: str) -> str | None:
    """The variable that sends a request for this address through a proxy, where one does."""
    from requests.utils import should_bypass_proxies

    wanted = (f"{urlsplit(source).scheme}_proxy", "all_proxy")
    set_here = [name for name, value in os.environ.items() if value and name.lower() in wanted]
    return None if not set_here or should_bypass_proxies(source, None) else set_here[0]


def _receive(answer, wanted: Download, file: BinaryIO, hurry: bool) -> None:
    """Write an answer's content, and check it on the way."""
    digest, received, begin = hashlib.sha256(), 0, time.monotonic()
    chunks = answer.iter_content(_CHUNK)
    with _progress_bar(wanted) as bar:
        while (chunk := _next(chunks, received)) and received <= wanted.size:
            file.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            bar.update(len(chunk))
            seconds = time.monotonic() - begin
            if hurry and seconds > PATIENCE and received < SLOW * seconds:
                raise _TooSlow
    if digest.hexdigest() != wanted.sha256:
        what = answer.headers.get("Content-Type", "").split(";")[0] or "data"
        raise _Trouble(f"sends something else ({what})")


def _next(chunks: Iterator[bytes], received: int) -> bytes:
    try:
        return next(chunks, b"")
    except Exception:  # requests and urllib3 raise many kinds for a line that broke
        raise _Trouble(f"breaks off after {received / 1e6:.1f} MB") from None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _progress_bar(wanted: Download):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without widgets it warns, and draws with letters
        from tqdm.auto import tqdm

    hidden = False if in_notebook() else None  # None: where no terminal shows it
    return tqdm(total=wanted.size, desc=wanted.name, unit="B", unit_scale=True, leave=False, disable=hidden)
