"""Security: no answer tells what only one side may know, and no body does harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hypothesis.strategies import SearchStrategy

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Exchange, Response
from ..mutations import Malformed, mutations_of
from ..strategies import malformed_payloads
from ..violations import Violation
from .answers import INJECTED, LINE_BREAKS, PLAIN, is_call, refused_calls, show
from .bases import NO_TOKEN, call_as
from .check import Check, Plan, Trial, Undecided, plan
from .refusals import describe, malformed_calls
from .requests import call_with_key_twice

_NUL = "a\\u0000b"  #: A key's name that ends too early where strings end with a zero.
_BEARER = f"Bearer {NO_TOKEN}"
_CANARY = ("authorization", _BEARER)
_CIRCUMSTANCES = (401, 402, 403, 429, 502, 503, 504)
_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|^\s+at \S+ ?\(.*:\d+\)"
    r"|goroutine \d+ \[|panicked at ",
    re.MULTILINE,
)
_PATH = re.compile(
    r"(?<![\w.:/])/(?:usr|home|root|app|opt|var|tmp|etc|srv|mnt|Users|venv|code|repository"
    r"|workspace|proc|lib|src|build|private)/[\w.\-]+"
    r"|\b[A-Za-z]:\\{1,2}[\w .\-]+\\|\b(?:site|dist)-packages\b|\b\w+\.py:\d+"
)
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
# What Python says of an object, which the toolkit hands on with the rest of an exception.
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-fA-F]+>")
# With num_workers the pipeline lets torch load texts, whose exceptions have the traceback as text.
_LOADER = re.compile(r"Caught \w+ in DataLoader worker process .*", re.DOTALL)


def _is_answered(exchange: Exchange) -> bool:
    return exchange.response is not None


def _canary_calls(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_as(endpoint, _BEARER))
    yield plan(endpoint.call(b'{"inputs": ', headers=(_CANARY,)))
    yield plan(endpoint.classify(PLAIN, headers=(_CANARY,), no_such_parameter=1))
    yield plan(endpoint.get("/no/such/path", headers=(_CANARY,)))


def _judge_token(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange, response = trial.exchange, trial.exchange.response
    sent = exchange.request.header("authorization")
    if response is None or not (sent or (exchange.request.sends_token and trial.endpoint.token)):
        yield Undecided("no call with a token was answered")
        return
    secret = sent.rpartition(" ")[2] if sent else ""
    for where, text in _texts_of(response):
        if secret and secret in text:
            yield Violation(where=where, expected="no token", actual="the request's token")
            return
    if response.echoes_token:
        yield Violation(
            where="response", expected="no token", actual="the request's token, masked here"
        )


def _texts_of(response: Response) -> Iterator[tuple[str, str]]:
    """Every place of a response where words may be, with the words."""
    for name, value in response.headers:
        yield f"header {name.lower()}", value
    content = response.content.decode("utf-8", "replace")
    if not response.problem:
        content += "\n" + "\n".join(_strings(response.document))
    yield "body", content


def _strings(document: JSON) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for each in document:
            yield from _strings(each)
    elif isinstance(document, dict):
        yield from document
        yield from _strings(list(document.values()))


def _is_error(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.status >= 400


def _errors(endpoint: Endpoint) -> Iterator[Plan]:
    yield from refused_calls(endpoint)
    for clause in ("request.parameters-kind", "request.strategy-value"):
        yield from malformed_calls(endpoint, mutations_of(clause)[0])
    yield plan(endpoint.get("/no/such/path"))


def _judge_internals(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange, response = trial.exchange, trial.exchange.response
    if response is None or exchange.status < 400:
        yield Undecided("no error came")
        return
    for where, text in _texts_of(response):
        told = text
        if trial.endpoint.profile != "classic":
            told = _LOADER.sub("", _OBJECT.sub("", text))
        for what, pattern in (
            ("a traceback", _TRACEBACK),
            ("a path of the server's file system", _PATH),
            ("an address of its memory", _ADDRESS),
        ):
            # Gateways number what they keep in the same form, in headers.
            if pattern is _ADDRESS and where != "body":
                continue
            found = pattern.search(told)
            if found and not _was_sent(found[0], exchange):
                yield Violation(
                    where=where, expected=f"no {what.split(' ', 1)[1]}", actual=show(found[0])
                )
                return


def _was_sent(words: str, exchange: Exchange) -> bool:
    """Whether the endpoint only repeats the request."""
    request = exchange.request
    return words in request.target or words in request.body.decode("utf-8", "replace")


def _harmful_bodies(endpoint: Endpoint) -> Iterator[Plan]:
    """Bodies that broke some server, each before a good call that is really sent."""
    start = json.dumps({"inputs": PLAIN})[:-1]
    bodies = (
        f'{start}, "parameters": {{"stride": {10**30}}}}}',
        f'{start}, "parameters": {{"__class__": {{"__init__": null}}}}}}',
        f'{start}, "extra": 1e999, "parameters": {{"ignore_labels": [{"9" * 5000}]}}}}',
        f'{start}, "parameters": {{"{"x" * 20_000}": 1}}}}',
        f'{start}, "{_NUL}": 1, "options": {{"{_NUL}": 1}}, "parameters": {{"{_NUL}": 1}}}}',
        '{"inputs": {"inputs": {"inputs": {}}}}',
        f'{start}, "parameters": {{"grouped_entities": [], "batch_size": {{}}}}}}',
    )
    harmful, good = [endpoint.call(body.encode()) for body in bodies], endpoint.classify(PLAIN)
    together = plan(*harmful, good.again(len(harmful) + 1))
    for number, request in enumerate(harmful, start=1):
        yield plan(request, good.again(number), bundle=together)
    yield plan(call_with_key_twice(endpoint))


def _drawn_bodies(endpoint: Endpoint) -> SearchStrategy[Plan]:
    return malformed_payloads().map(
        lambda malformed: plan(endpoint.call(malformed.body), about=malformed)
    )


def _judge_server_error(trial: Trial) -> Iterator[Violation | Undecided]:
    *before, last = trial.exchanges
    harmful = before or [last]
    broken = next(
        (each for each in harmful if _is_server_error(each) and not _is_known(each, trial)), None
    )
    unseen = [each for each in harmful if each.response is None or each.status in _CIRCUMSTANCES]
    if broken is not None:
        yield Violation(
            where="status",
            expected="less than 500: no body brings a server error",
            actual=f"{broken.status}, {show(broken.response and broken.response.content)}",
            hint=describe(trial.about) if isinstance(trial.about, Malformed) else "",
        )
    elif before and (last.breakage or last.status != 200):
        if last.breakage is None and last.status in _CIRCUMSTANCES:
            yield Undecided(f"the endpoint answered {last.status}")
            return
        yield Violation(
            where="the next call",
            expected="200, since it is a good one",
            actual=last.problem or f"{last.status}, {show(last.document)}",
            hint="The body before it did the harm.",
        )
    elif unseen:
        yield Undecided(unseen[0].problem or f"the endpoint answered {unseen[0].status}")


def _is_server_error(exchange: Exchange) -> bool:
    return exchange.status >= 500 and exchange.status not in _CIRCUMSTANCES


def _is_known(exchange: Exchange, trial: Trial) -> bool:
    """Whether it is the toolkit's crash, or a model that is slow, which other clauses are about."""
    if trial.endpoint.profile != "classic" and "stride" in exchange.request.parameters:
        return exchange.request.parameters["stride"] in (510, 511)
    content = exchange.response.content if exchange.response else b""
    return b"too busy" in content.lower()


def _line_breaks(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.classify(LINE_BREAKS))
    yield plan(endpoint.call({"inputs": PLAIN, "parameters": {LINE_BREAKS: 1}}))


def _judge_injected(trial: Trial) -> Iterator[Violation]:
    response = trial.exchange.response
    if response is not None and response.header(INJECTED) is not None:
        yield Violation(
            where=f"header {INJECTED}",
            expected="no such header: it stood in the body, after a line break",
            actual=show(response.header(INJECTED)),
        )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="security.no-server-error",
        examples=_harmful_bodies,
        draws=_drawn_bodies,
        watches=is_call,
        judge=_judge_server_error,
        sees_all=True,
    ),
    Check(
        clause="security.token-stays-secret",
        examples=_canary_calls,
        watches=_is_answered,
        judge=_judge_token,
        sees_all=True,
    ),
    Check(
        clause="security.no-internals",
        examples=_errors,
        watches=_is_error,
        judge=_judge_internals,
        sees_all=True,
    ),
    Check(
        clause="security.body-stays-out-of-headers", examples=_line_breaks, judge=_judge_injected
    ),
)
