"""Load: what 64 connections that are kept alive get out of a server, as wrk measures it."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from .processes import Server, on_load_core

CONNECTIONS = 64
_SCRIPT = Path(__file__).with_name("request.lua")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_ANSWERS_WITHIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked again and again, of one session or of several in turn."""

    path: str
    method: str = "POST"
    #: ``%d`` in it becomes another number in each request of a run.
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sessions: int = 0  #: 0 names no session.


class BadAnswers(Exception):
    """A server answered with errors, so its figures mean nothing."""


def missing() -> str:
    """Why there can't be any load, or nothing if there can."""
    return "" if shutil.which("wrk") else "wrk is not installed (Debian has it as wrk)"


def wait_for_answer(server: Server, request: Request) -> None:
    """Return once the server answers the request with 200 and with JSON.

    Raises:
        BadAnswers: It doesn't within a minute.
    """
    until = monotonic() + _ANSWERS_WITHIN
    headers = {"content-type": "application/json", **request.headers}
    asked = urllib.request.Request(  # noqa: S310
        server.url + request.path,
        data=request.body.encode() or None,
        headers=headers,
        method=request.method,
    )
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=_ANSWERS_WITHIN) as response:  # noqa: S310
                json.loads(response.read())
                return
        # It listens before it knows what to answer.
        except (OSError, ValueError) as error:
            if monotonic() > until:
                raise BadAnswers(f"{server.url}{request.path} gave no answer: {error}") from error
        sleep(0.005)


def drive(
    server: Server, request: Request, seconds: float, *, is_pinned: bool = True, seed: int = 0
) -> dict[str, float]:
    """Answers a second, seconds of computing an answer, and the 99th percentile of the wait.

    ``seed`` is what the numbers in bodies begin with.

    Raises:
        BadAnswers: Some were errors.
    """
    before = server.cpu_seconds()
    asked = [request.method, request.path, request.body, str(request.sessions), str(seed)]
    headers = [part for pair in request.headers.items() for part in pair]
    # wrk knows whole seconds only.
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    command = ["wrk", *options, "--latency", "-s", str(_SCRIPT), server.url, "--", *asked, *headers]
    output = on_load_core(command, timeout=seconds + 60, is_pinned=is_pinned)
    spent = server.cpu_seconds() - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise BadAnswers(f"{request.method} {server.url}{request.path} failed:\n{output}")
    answers = int(_find(r"(\d+) requests in", output)[0])
    if not answers:
        # The machine, or the server, stood still; that is no figure.
        if seconds > _ANSWERS_WITHIN:
            raise BadAnswers(f"{request.method} {server.url}{request.path}: {seconds:g} s in vain")
        return drive(server, request, 4 * seconds, is_pinned=is_pinned, seed=seed)
    slowest, unit = _find(r"99%\s+([\d.]+)(us|ms|s|m)\b", output)
    return {
        "answers": answers,
        "a_second": float(_find(r"Requests/sec:\s+([\d.]+)", output)[0]),
        "cpu": spent / answers,
        "p99": float(slowest) * _SECONDS[unit],
    }


def _find(pattern: str, output: str) -> tuple[str, ...]:
    match = re.search(pattern, output)
    if match is None:
        raise BadAnswers(f"wrk told nothing like {pattern}:\n{output}")
    return match.groups()


def sentence(more: str = "") -> str:
    """A body with the sentence of the API's own page, and what else is to stand in it."""
    text = "My name is Sarah Jessica Parker but you can call me Jessica"
    return json.dumps({"inputs": f"{text} {more}".strip()})
