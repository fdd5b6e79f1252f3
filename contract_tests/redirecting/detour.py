"""Detour: where calls to the API go instead, and what is refused."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from .hosts import is_api, is_local, is_owned, path_at_mirror, path_on_stand_in

#: What is refused: the hosts of the API's owner, any host but this machine, or none.
GUARDS = ("api", "any", "off")
_FIND = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_REACH = ("socket.connect", "socket.sendto", "socket.sendmsg")
_TOKEN = re.compile("hf_[A-Za-z0-9]{16,}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Attempt:
    """A request that would have left this machine; nothing of its headers, body or query."""

    host: str
    method: str = ""  #: Empty where only the connection was seen.
    path: str = ""
    where: str = ""  #: The line of the program, as ``app.py:12``, where it is known.

    def __str__(self) -> str:
        request = f"{self.method} {self.host}{self.path}" if self.method else self.host
        return f"{request}, from {self.where}" if self.where else request


def tally(attempts: Iterable[Attempt]) -> list[str]:
    """The attempts in words, equal ones in one line."""
    lines = [str(attempt) for attempt in attempts]
    counts = {line: lines.count(line) for line in lines}
    return [line if count == 1 else f"{line} ({count}×)" for line, count in counts.items()]


class Leak(ConnectionRefusedError):
    """The guard did not let a request out; to the program it is a connection that failed."""


@dataclass(frozen=True)
class Detour:
    """The stand-in in place of the API, for one test or one program."""

    url: str  #: The stand-in's, without a slash at its end; empty to refuse only.
    guard: str
    hear: Callable[[Attempt], None]  #: Is told of each attempt, from any thread.
    is_named: bool = False  #: Whether names of the API's hosts mean this machine here.

    def redirect(self, method: str, url: str) -> str | None:
        """Where the request goes instead, or None where it may go on as it is.

        Raises:
            Leak: The guard refuses it.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = parts.path if is_api(host) else path_at_mirror(host, parts.path)
        if self.url and path is not None:
            query = f"?{parts.query}" if parts.query else ""
            return self.url + path_on_stand_in(path) + query
        if self.refuses(host):
            path = _TOKEN.sub("***", parts.path)
            self.refuse(Attempt(host, method, path, _calling_line()))
        return None

    def refuses(self, host: str) -> bool:
        """Whether the guard lets nothing out to that host."""
        if self.guard == "any":
            return not is_local(host)
        return self.guard == "api" and is_owned(host)

    def refuses_socket(self, host: str) -> bool:
        """Whether it lets no connection out to that host, whatever is sent on it."""
        if self.url and self.guard != "off" and path_at_mirror(host, "") is not None:
            return True
        return self.refuses(host) and not (self.is_named and is_api(host))

    def refuse(self, attempt: Attempt) -> None:
        """Tell of the attempt and end it.

        Raises:
            Leak: Always.
        """
        self.hear(attempt)
        if self.url and is_api(attempt.host):
            reason = _UNKNOWN_CLIENT
        else:
            reason = _UNKNOWN_HOST if self.url else "its guard lets nothing out to that host"
        raise Leak(f"nertwin refused {attempt}: {reason}")


_UNKNOWN_HOST = "the stand-in does not answer for that host, and its guard lets nothing out"
_UNKNOWN_CLIENT = (
    "the stand-in answers for that host, but nertwin redirects no such client; `nertwin doctor`"
    " says which it does"
)
_detours: list[Detour] = []
_lock = threading.Lock()
_is_watching = False


def current() -> Detour | None:
    """The detour that is in force, the innermost of several."""
    return _detours[-1] if _detours else None


@contextmanager
def taken(detour: Detour) -> Iterator[None]:
    """Have the detour in force while the block runs, for all threads of the process."""
    start(detour)
    try:
        yield
    finally:
        with _lock:
            _detours.remove(detour)


def start(detour: Detour) -> None:
    """Have it in force from now on, in front of those that are."""
    global _is_watching
    with _lock:
        _detours.append(detour)
        if not _is_watching:
            # A hook can't be taken away again, so this one sleeps while there is no detour.
            sys.addaudithook(_watch)
            _is_watching = True


def url_of(scheme: str, host: str, port: int | None, target: str) -> str:
    """The URL of a request, from what libraries know of it."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    place = name if port in (None, _DEFAULT_PORTS.get(scheme)) else f"{name}:{port}"
    return f"{scheme}://{place}{target}"


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, of the whole process, what no library's hook has redirected or refused."""
    if not _detours or not event.startswith("socket."):
        return
    if event in _FIND:
        host = arguments[0]
    elif event in _REACH and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    check_connection(host)


def check_connection(host: object) -> None:
    """Let a connection to the host be made, whatever is sent on it, or not.

    Raises:
        Leak: The guard refuses it.
    """
    detour = current()
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if detour is not None and isinstance(name, str) and detour.refuses_socket(name):
        detour.refuse(Attempt(name, where=_calling_line()))


def _calling_line() -> str:
    """The innermost line that is neither Python's nor a library's."""
    frame: FrameType | None = sys._getframe(1)
    here = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  # On a busy path.
    while frame is not None:
        name = frame.f_code.co_filename
        if not (name.startswith((here, "<", os.__file__[:-5])) or "site-packages" in name):
            return f"{os.path.basename(name)}:{frame.f_lineno}"  # noqa: PTH119
        frame = frame.f_back
    return ""
