"""Streams: the page's promise of one, which no service keeps."""

from __future__ import annotations

from collections.abc import Iterator

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..strictjson import NotStrict, read_strictly
from ..violations import Violation
from .answers import MIXED, PLAIN, entries, show
from .bundles import BODY, bundle
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .refusals import error_text

_EVENTS = "text/event-stream"


def _is_stream(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.media_type == _EVENTS


def _streamed(endpoint: Endpoint) -> Iterator[Plan]:
    for inputs in (PLAIN, [MIXED, PLAIN]):
        payload: dict[str, JSON] = {"inputs": inputs, "stream": True}  # type: ignore[dict-item]
        yield plan(endpoint.classify(inputs), endpoint.call(payload))


def _judge_streamed(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if _is_stream(exchange) and trial.endpoint.profile == "classic":
        yield Undecided("it takes the page literally, for stream.taken-literally")
    elif exchange.status == 400:
        if "stream" not in error_text(exchange):
            yield Violation(
                where="body.error",
                expected="words that name `stream`, since the call was refused for it",
                actual=show(exchange.document),
            )
    elif _is_stream(exchange):
        yield Violation(
            where="header content-type", expected="application/json", actual=f"a stream, {_EVENTS}"
        )
    else:
        yield from judge_same("the call without stream")(trial)


def _unstreamed(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.call({"inputs": PLAIN, "stream": False})
    yield plan(endpoint.classify(PLAIN), call, bundle=bundle(endpoint, BODY))


def _judge_literal(trial: Trial) -> Iterator[Violation | Undecided]:
    plain, streamed = trial.exchanges
    if not _is_stream(streamed) or streamed.response is None:
        return
    wanted = len(entries(plain))
    events = _events(streamed.response.content)
    if plain.status != 200 or not wanted or not isinstance(streamed.request.inputs, str):
        yield Undecided("no text with entities was streamed")
    elif len(events) != wanted + 1 or any(not _is_object(event) for event in events[:-1]):
        yield Violation(
            where="body",
            expected=f"{wanted} events with an entity each, then an end mark",
            actual=f"{len(events)} events, {show(streamed.response.content)}",
        )


def _events(content: bytes) -> list[str]:
    lines = content.decode("utf-8", "replace").splitlines()
    return [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]


def _is_object(event: str) -> bool:
    try:
        return isinstance(read_strictly(event.encode()), dict)
    except NotStrict:
        return False


CHECKS: tuple[Check, ...] = (
    Check(clause="stream.is-no-feature", examples=_streamed, judge=_judge_streamed),
    Check(clause="stream.false", examples=_unstreamed, judge=judge_same("the call without stream")),
    Check(clause="stream.taken-literally", examples=_streamed, judge=_judge_literal),
)
