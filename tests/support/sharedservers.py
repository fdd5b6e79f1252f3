"""Servers that are processes of their own, and calls to them on new connections."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis

from nertwin.mockserver.control.client import Control, ControlledSession
from support.lifedrivers import Answer

MODEL = "dslim/bert-base-NER"
_SERVE = "from nertwin.contract_tests.cli import main; main()"
_ENDS_WITHIN = 20.0  # Seconds.


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The URL of ``nertwin serve`` with those options, on a free port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NERTWIN_")}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=clean,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=_ENDS_WITHIN)


def ask(
    url: str,
    method: str = "POST",
    path: str = f"/models/{MODEL}",
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Answer:
    """The answer to a request that comes on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        sent = json.dumps(body or {"inputs": "Ada"}).encode() if method == "POST" else b""
        connection.request(method, parts.path + path, sent, dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


def ask_at_once(url: str, times: int, **asked: Any) -> list[Answer]:
    """The answers to equal requests of as many clients at the same time."""
    with ThreadPoolExecutor(times) as clients:
        return list(clients.map(lambda _: ask(url, **asked), range(times)))


@contextmanager
def session(url: str, **settings: Any) -> Iterator[ControlledSession]:
    """A new session there, which is removed at the end."""
    with Control(url) as control, control.session(settings=settings) as made:
        yield made


def numbers_in(session: ControlledSession) -> list[int]:
    """The number of each exchange in the journal, in its order, the folded ones too."""
    kept: list[Any] = session.journal()
    runs = [(each["number"], each["repeats"]) for each in kept]
    return [number for first, repeats in runs for number in range(first, first + 1 + repeats)]


def found_in(session: ControlledSession) -> list[Any]:
    """What clients do wrong in the session."""
    found: Any = session.findings()
    return list(found["findings"] if isinstance(found, dict) else found)


def processes(client: "redis.Redis") -> set[int]:
    """The processes that share state there."""
    names = {each["name"] for each in client.client_list()}
    return {int(name.removeprefix("nertwin-")) for name in names if name.startswith("nertwin-")}
