"""Probe: the first call of a run, which tells whether there is anything to judge."""

from __future__ import annotations

import re

from nertwin.mockserver.errors import NertwinError

from .bench import Bench
from .checks.check import plan
from .endpoint import Endpoint
from .etiquette import Stopped
from .exchange import Exchange
from .secrets import redact

_SERVER_ERROR = 500
_UNAVAILABLE = 503
_TRIES = 3
_TEXT = "My name is Sarah Jessica Parker and I live in New York."
_HTML = re.compile(rb"\s*<(!doctype|html|head|body)", re.IGNORECASE)
_UNKNOWN_MODEL = re.compile(r"does not exist|not supported|not found|no such model", re.IGNORECASE)


class NoEndpoint(NertwinError):
    """What answers there, or doesn't, is no endpoint of this API."""


def probe(bench: Bench) -> tuple[str, ...]:
    """What the first answer tells about the endpoint, in sentences.

    Raises:
        NoEndpoint: The address is wrong, or the model is.
        Stopped: Nothing can be decided now.
    """
    endpoint = bench.endpoint
    exchange = _first_answer(bench)
    _refuse_strangers(endpoint, exchange)
    if exchange.status in (401, 402, 403, 429):
        raise Stopped(
            f"the endpoint answered {exchange.status} to a plain call{_words(exchange)};"
            f" {_remedy(endpoint)}"
        )
    if exchange.status >= _SERVER_ERROR:
        often = "" if exchange.status == _UNAVAILABLE else ", again and again"
        raise Stopped(
            f"the endpoint answered {exchange.status} to a plain call{_words(exchange)}{often};"
            " come back later"
        )
    return tuple(_notes(endpoint, exchange))


def _first_answer(bench: Bench) -> Exchange:
    """The answer to a plain call, asked for once more or twice if the server fails."""
    call = plan(bench.endpoint.classify(_TEXT))
    exchange = bench.carry_out(call).exchange
    for attempt in range(1, _TRIES):
        # What asks to wait was waited for.
        if exchange.status < _SERVER_ERROR or exchange.status == _UNAVAILABLE:
            break
        exchange = bench.carry_out(call, attempt=attempt).exchange
    return exchange


def _refuse_strangers(endpoint: Endpoint, exchange: Exchange) -> None:
    address = endpoint.url(exchange.request)
    response = exchange.response
    if exchange.breakage in ("unknown-host", "tls", "not-http") and response is None:
        raise NoEndpoint(f"{exchange.problem}. Check the URL, {endpoint.base}")
    if response is None or exchange.breakage == "timeout":
        raise Stopped(f"{exchange.problem} ({address})")
    if 300 <= response.status < 400:
        to = response.header("location") or "nowhere"
        raise NoEndpoint(
            f"{address} redirects to {to!r}; redirects are not followed, give the final URL."
        )
    # A gateway says with a web page that there is nobody behind it.
    if _HTML.match(response.content) and response.status < _SERVER_ERROR:
        raise NoEndpoint(f"{address} answers {response.status} with a web page; check the URL.")
    if response.status in (404, 405, 410):
        raise NoEndpoint(
            f"{address} answers {response.status}{_words(exchange)};"
            " check the URL, --model and --profile."
        )
    if response.status == 400 and _UNKNOWN_MODEL.search(_words(exchange)):
        raise NoEndpoint(f"{address} answers 400{_words(exchange)}; check --model.")


def _notes(endpoint: Endpoint, exchange: Exchange) -> list[str]:
    notes = []
    if exchange.status != 200:
        notes.append(f"A plain call is answered by {exchange.status}{_words(exchange)}.")
    looks = _looks_like(exchange)
    if looks and looks != endpoint.profile:
        notes.append(f"It looks like {looks}, judged as {endpoint.profile}; see --profile.")
    if not endpoint.token and not endpoint.is_local:
        notes.append("No token was sent.")
    return notes


def _looks_like(exchange: Exchange) -> str | None:
    if exchange.header("x-compute-type"):
        return "classic"
    if exchange.header("x-inference-id"):
        return "router"
    document = exchange.document
    first = document[0] if isinstance(document, list) and document else None
    return "dedicated" if isinstance(first, dict) and "entity" in first else None


def _words(exchange: Exchange) -> str:
    """The error of an answer as ``, "…"``; empty where it has none."""
    document = exchange.document
    error = document.get("error") if isinstance(document, dict) else None
    return f", {redact(str(error))[:200]!r}" if error else ""


def _remedy(endpoint: Endpoint) -> str:
    if endpoint.token:
        return "check the token that --token-env names."
    return "name the variable that holds a token with --token-env."
