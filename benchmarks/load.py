"""Load: what 64 connections that are kept alive get out of a server, as wrk measures it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Server, on_load_core

CONNECTIONS = 64
_SCRIPT = Path(__file__).with_name("request.lua")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked again and again, of one session or of several in turn."""

    path: str
    method: str = "POST"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sessions: int = 0  #: 0 names no session.


class BadAnswers(Exception):
    """A server answered with errors, so its figures mean nothing."""


def missing() -> str:
    """Why there can't be any load, or nothing if there can."""
    return "" if shutil.which("wrk") else "wrk is not installed (Debian has it as wrk)"


def drive(server: Server, request: Request, seconds: float) -> dict[str, float]:
    """Answers a second, seconds of computing an answer, and the 99th percentile of the wait.

    Raises:
        BadAnswers: Some were errors.
    """
    before = server.cpu_seconds()
    asked = [request.method, request.path, request.body, str(request.sessions)]
    headers = [part for pair in request.headers.items() for part in pair]
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "30s", "--latency"]
    command = ["wrk", *options, "-s", str(_SCRIPT), server.url, "--", *asked, *headers]
    output = on_load_core(command, timeout=seconds + 30)
    spent = server.cpu_seconds() - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise BadAnswers(f"{request.method} {server.url}{request.path} failed:\n{output}")
    answers = int(_find(r"(\d+) requests in", output)[0])
    slowest, unit = _find(r"99%\s+([\d.]+)(us|ms|s|m)\b", output)
    return {
        "a_second": float(_find(r"Requests/sec:\s+([\d.]+)", output)[0]),
        "cpu": spent / answers,
        "p99": float(slowest) * _SECONDS[unit],
    }


def _find(pattern: str, output: str) -> tuple[str, ...]:
    match = re.search(pattern, output)
    if match is None:
        raise BadAnswers(f"wrk told nothing like {pattern}:\n{output}")
    return match.groups()


def sentence() -> str:
    """A body with the sentence of the API's own page."""
    text = "My name is Sarah Jessica Parker but you can call me Jessica"
    return json.dumps({"inputs": text})
